/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "board_maintenance.h"
#include "boards_on_daemon.h"
#include "check_boards.h"
#include "commands.h"
#include "daemon_access.h"
#include "help.h"
#include "import_boards.h"
#include "input_files.h"
#include "list_boards.h"
#include "locations.h"
#include "options.h"
#include "scan_boards.h"

typedef struct values {
    const char *db, *farm;
    hf_cli_programs programs;
    uint64_t wait_ms, for_ms;
    bool check, force, local;
    hf_client *client; /* of the daemon, if the boards are its own; NULL = they are those of a farm file */
    const char *output, *format, *reason, *note;
    const hf_chip *chip;
} values;

static const hf_cli_option options[] = {
    HF_CLI_OPTION_FARM(offsetof(values, farm)),
    {.name = "check",
     .help = "also try each board: flash the firmware and a small model, reset it, and verify that this very "
             "board answers after this reset, with the right result; compare its cycles with earlier checks",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, check)},
    HF_CLI_OPTION_WAIT(
        offsetof(values, wait_ms),
        "with --check: wait this long (\"30 min\") for boards that others use (default: report "
        "who uses them)"),
    {.name = "output",
     .letter = 'o',
     .placeholder = "FILE",
     .help = "scan, import, export: file to write (default: standard output)",
     .read = hf_cli_read_text,
     .offset = offsetof(values, output)},
    {.name = "force",
     .help =
         "scan, import, export: replace the file if it exists. reserve, release: also if somebody else has "
         "reserved the board",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, force)},
    {.name = "chip",
     .placeholder = "CHIP",
     .help = "scan, import: chip of the boards that do not reveal theirs; a probe never does (default: left "
             "to be "
             "filled in)",
     .read = hf_cli_read_chip,
     .offset = offsetof(values, chip)},
    {.name = "format",
     .placeholder = "FORMAT",
     .help = "import: twister or labgrid (default: recognised)",
     .read = hf_cli_read_text,
     .offset = offsetof(values, format)},
    {.name = "reason",
     .placeholder = "TEXT",
     .help = "disable: why, for those who find the board disabled",
     .read = hf_cli_read_line,
     .offset = offsetof(values, reason)},
    {.name = "for",
     .placeholder = "TIME",
     .help = "reserve: how long (\"2 h\"; default: until it is released)",
     .read = hf_cli_read_duration,
     .offset = offsetof(values, for_ms)},
    {.name = "note",
     .placeholder = "TEXT",
     .help = "reserve: what for",
     .read = hf_cli_read_line,
     .offset = offsetof(values, note)},
    HF_CLI_OPTION_LOCAL(offsetof(values, local), "use a farm file and a store even if a daemon is up"),
    HF_CLI_OPTION_DB(offsetof(values, db)),
    HF_CLI_OPTIONS_PROGRAMS(offsetof(values, programs)),
};

static const hf_cli_command command = {
    .synopsis =
        "boards [options]\nboards scan [-o FILE] [options]\nboards import FILE [-o FILE] [options]\nboards "
        "export "
        "[-o FILE]\nboards disable BOARD --reason TEXT\n"
        "boards enable BOARD\nboards reserve BOARD [--for TIME]\nboards release BOARD\nboards accept BOARD",
    .description =
        "Lists the boards of a farm file with what the store knows of them: runs, attempts that "
        "succeeded and failed, the last failure, maintenance and reservations, the last health check.\n"
        "scan finds the debug probes and USB serial ports of this host, pairs each probe with its own "
        "port, and writes a farm file. A board that cannot be described completely is commented out, "
        "with the reason.\n"
        "import does the same with the inventory of another program: a hardware map of Zephyr's twister, or "
        "an exporter "
        "configuration of labgrid. What they do not say is looked up among the connected probes and ports. "
        "export writes "
        "a hardware map for twister.\n"
        "disable takes a board out of service until enable; reserve keeps runs off a board while "
        "somebody works on it, until release or for a time. enable also clears what is held against the "
        "board: the "
        "need of attention and the quarantine.\n"
        "A health check flashes a small model with a known output. A board that fails it needs "
        "attention until it passes one. Its cycles are compared with those of its first check with the same "
        "firmware: a virtual board must repeat them exactly, a real one within the spread of its checks. "
        "accept makes the cycles of the last check the right ones.\n"
        "If a daemon is up, the boards are its own: what they do now is listed, and changes take effect at "
        "once. An option "
        "that names a farm file, a store, a program or the firmware, or --local, keeps the daemon out.",
    .max_arguments = 2,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes =
        "Exit status with --check: 0 every board that is checked works, 1 some do not or have drifted, 3 "
        "none does, 4 interrupted; boards that are disabled or reserved are left out. With "
        "scan and import: 0 every board can be used as written, 1 something is left to be "
        "filled in; scan: 3 no debug probe was found.\n"
        "Examples:\n"
        "  hilfarm boards scan --chip stm32l4r5zi -o my_farm.yaml\n"
        "  hilfarm boards import hardware-map.yml -o my_farm.yaml\n"
        "  hilfarm boards --farm my_farm.yaml --check\n"
        "  hilfarm boards disable nucleo-1 --farm my_farm.yaml --reason 'loose cable'",
};

/* ---- Forms of the command ---- */

typedef hf_exit run_form(const values *v, char **arguments);

static hf_exit with_farm(const values *v, hf_exit (*run)(const values *v, const hf_farm *farm))
{
    hf_farm *farm = NULL;
    hf_exit exit_status = hf_cli_load_farm(v->farm, &farm);
    if (exit_status == HF_EXIT_OK)
        exit_status = run(v, farm);
    hf_farm_free(farm);
    return exit_status;
}

static hf_exit list_and_check(const values *v, const hf_farm *farm)
{
    hf_exit exit_status = hf_cli_list_boards(farm, v->db);
    if (v->check && exit_status == HF_EXIT_OK)
        exit_status = hf_cli_check_boards(farm, &v->programs, v->db, v->wait_ms);
    return exit_status;
}

static hf_exit run_list(const values *v, char **arguments)
{
    (void)arguments;
    if (v->client && v->check)
        return hf_cli_check_daemon_boards(v->client);
    if (v->client)
        return hf_cli_list_daemon_boards(v->client);
    return with_farm(v, list_and_check);
}

static hf_cli_draft draft_of(const values *v, const char *form)
{
    return (hf_cli_draft){.form = form, .output = v->output, .force = v->force};
}

static hf_exit run_scan(const values *v, char **arguments)
{
    (void)arguments;
    const hf_cli_scan scan = {.draft = draft_of(v, "boards scan"), .chip = v->chip};
    return hf_cli_scan_boards(&scan);
}

static hf_exit run_import(const values *v, char **arguments)
{
    const hf_cli_import import = {
        .draft = draft_of(v, "boards import"), .file = arguments[1], .format = v->format, .chip = v->chip};
    return hf_cli_import_boards(&import);
}

static hf_exit export_farm(const values *v, const hf_farm *farm)
{
    const hf_cli_draft draft = draft_of(v, "boards export");
    return hf_cli_export_boards(&draft, farm);
}

static hf_exit run_export(const values *v, char **arguments)
{
    (void)arguments;
    return with_farm(v, export_farm);
}

static hf_cli_maintenance wanted_of(const values *v, char **arguments)
{
    return (hf_cli_maintenance){
        .board = arguments[1], .reason = v->reason, .note = v->note, .for_ms = v->for_ms, .force = v->force};
}

static hf_exit maintain(const values *v, const char *farm_path, char **arguments, hf_cli_maintain *change)
{
    const hf_cli_maintenance wanted = wanted_of(v, arguments);
    hf_farm *farm = NULL;
    hf_exit exit_status = hf_cli_load_farm(farm_path, &farm);
    if (exit_status == HF_EXIT_OK)
        exit_status = change(farm, v->db, &wanted);
    hf_farm_free(farm);
    return exit_status;
}

static hf_exit change(const values *v, char **arguments, hf_cli_maintain *here, hf_cli_board_change there)
{
    const hf_cli_maintenance wanted = wanted_of(v, arguments);
    return v->client ? hf_cli_change_daemon_board(v->client, there, &wanted)
                     : maintain(v, v->farm, arguments, here);
}

static hf_exit run_disable(const values *v, char **arguments)
{
    return change(v, arguments, hf_cli_disable_board, HF_CLI_DISABLE_BOARD);
}

static hf_exit run_enable(const values *v, char **arguments)
{
    return change(v, arguments, hf_cli_enable_board, HF_CLI_ENABLE_BOARD);
}

static hf_exit run_reserve(const values *v, char **arguments)
{
    return change(v, arguments, hf_cli_reserve_board, HF_CLI_RESERVE_BOARD);
}

static hf_exit run_release(const values *v, char **arguments)
{
    return change(v, arguments, hf_cli_release_board, HF_CLI_RELEASE_BOARD);
}

/* The reference is in the store alone, which the daemon reads before every check. */
static hf_exit run_accept(const values *v, char **arguments)
{
    values on_daemon = *v;
    if (!v->client)
        return maintain(v, v->farm, arguments, hf_cli_accept_board);
    on_daemon.db = hf_cli_writable_daemon_store(v->client);
    if (!on_daemon.db) {
        fputs("hilfarm boards accept: the daemon's store cannot be written by this user\n", stderr);
        return HF_EXIT_FARM;
    }
    return maintain(&on_daemon, hf_client_daemon(v->client)->farm, arguments, hf_cli_accept_board);
}

/* Sets of options. */
enum {
    CHECK = 1u << 0, /* with --wait */
    FARM = 1u << 1,
    OUTPUT = 1u << 2,
    FORCE = 1u << 3,
    CHIP = 1u << 4,
    REASON = 1u << 5,
    FOR = 1u << 6, /* with --note */
    FORMAT = 1u << 7,
};

static const struct form {
    const char *word;     /* NULL = without a word */
    const char *argument; /* what must follow; NULL = nothing */
    unsigned allowed;     /* of the options that only some forms have */
    run_form *run;
} forms[] = {
    {NULL, NULL, CHECK | FARM, run_list},
    {"scan", NULL, OUTPUT | FORCE | CHIP, run_scan},
    {"import", "a file", OUTPUT | FORCE | CHIP | FORMAT, run_import},
    {"export", NULL, FARM | OUTPUT | FORCE, run_export},
    {"disable", "a board", FARM | REASON, run_disable},
    {"enable", "a board", FARM, run_enable},
    {"reserve", "a board", FARM | FOR | FORCE, run_reserve},
    {"release", "a board", FARM | FORCE, run_release},
    {"accept", "a board", FARM, run_accept},
};
#define FORM_COUNT (sizeof forms / sizeof forms[0])

/* Writes "boards scan", or "boards" for the form without a word. */
static void print_form(const struct form *form)
{
    fprintf(stderr, "`boards%s%s`", form->word ? " " : "", form->word ? form->word : "");
}

/* Rejects options that this form would ignore. */
static bool options_match(const values *v, const struct form *form)
{
    const struct {
        const char *name;
        bool given;
        unsigned set;
    } given[] = {
        {"--check", v->check, CHECK},
        {"--wait", v->wait_ms != 0, CHECK},
        {"--farm", v->farm != NULL, FARM},
        {"--output", v->output != NULL, OUTPUT},
        {"--force", v->force, FORCE},
        {"--chip", v->chip != NULL, CHIP},
        {"--format", v->format != NULL, FORMAT},
        {"--reason", v->reason != NULL, REASON},
        {"--for", v->for_ms != 0, FOR},
        {"--note", v->note != NULL, FOR},
    };
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        if (!given[i].given || (form->allowed & given[i].set))
            continue;
        fprintf(stderr, "hilfarm boards: %s cannot be used with ", given[i].name);
        print_form(form);
        const char *separator = ", only with ";
        for (size_t j = 0; j < FORM_COUNT; j++)
            if (forms[j].allowed & given[i].set) {
                fputs(separator, stderr);
                print_form(&forms[j]);
                separator = ", ";
            }
        fputs("\nsee `hilfarm boards --help`\n", stderr);
        return false;
    }
    return true;
}

/* @return NULL if there is no such form, or the words after it are not what it needs; that is reported */
static const struct form *find_form(char **arguments, int count)
{
    const char *words[FORM_COUNT];
    const struct form *form = count ? NULL : &forms[0];
    for (size_t i = 1; i < FORM_COUNT; i++) {
        words[i - 1] = forms[i].word;
        if (count && strcmp(arguments[0], forms[i].word) == 0)
            form = &forms[i];
    }
    if (!form) {
        fprintf(stderr, "hilfarm boards: '%s': expected nothing", arguments[0]);
        for (size_t i = 0; i < FORM_COUNT - 1; i++)
            fprintf(stderr, "%s%s", i + 2 < FORM_COUNT ? ", " : " or ", words[i]);
        hf_cli_print_suggestion(arguments[0], words, FORM_COUNT - 1);
    } else if (count > 1 && !form->argument) {
        fprintf(stderr, "hilfarm boards: unexpected argument '%s'", arguments[1]);
    } else if (form->argument && count < 2) {
        fprintf(stderr, "hilfarm boards %s: %s is missing", form->word, form->argument);
    } else {
        return form;
    }
    fputs("\nsee `hilfarm boards --help`\n", stderr);
    return NULL;
}

/* Whether the form is about the boards of a daemon, if one is up. */
static bool concerns_daemon(const values *v, const struct form *form)
{
    return (form->allowed & FARM) && form->run != run_export && !v->local && !v->farm && !v->db &&
           !v->programs.openocd && !v->programs.vboard && !v->programs.firmware_dir;
}

int hf_command_boards(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int argument_count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &argument_count, &exit_status))
        return exit_status;
    const struct form *form = find_form(arguments, argument_count);
    if (!form || !options_match(&v, form))
        return HF_EXIT_BAD_INPUT;
    if (concerns_daemon(&v, form))
        exit_status = hf_cli_find_daemon("--local", &v.client);
    if (!v.db)
        v.db = hf_cli_default_store();
    if (exit_status == HF_EXIT_OK)
        exit_status = form->run(&v, arguments);
    hf_client_free(v.client);
    return exit_status;
}
