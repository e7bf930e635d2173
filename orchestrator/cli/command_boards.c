/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check_boards.h"
#include "commands.h"
#include "help.h"
#include "input_files.h"
#include "locations.h"
#include "options.h"
#include "scan_boards.h"
#include "store_access.h"

typedef struct values {
    const char *db, *farm;
    hf_cli_programs programs;
    uint64_t wait_ms;
    bool check;
    hf_cli_scan scan;
} values;

static const hf_cli_option options[] = {
    HF_CLI_OPTION_FARM(offsetof(values, farm)),
    {.name = "check",
     .help = "also try each board: flash the firmware and a small model, reset it, and verify that this very "
             "board answers after this reset, with the right result",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, check)},
    HF_CLI_OPTION_WAIT(
        offsetof(values, wait_ms),
        "with --check: wait this long (\"30 min\") for boards that others use (default: report "
        "who uses them)"),
    {.name = "output",
     .letter = 'o',
     .placeholder = "FILE",
     .help = "scan: farm file to write (default: standard output)",
     .read = hf_cli_read_text,
     .offset = offsetof(values, scan.output)},
    {.name = "force",
     .help = "scan: replace the file if it exists",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, scan.force)},
    {.name = "chip",
     .placeholder = "CHIP",
     .help = "scan: chip of all boards found; a probe does not reveal it (default: left to be filled in)",
     .read = hf_cli_read_chip,
     .offset = offsetof(values, scan.chip)},
    HF_CLI_OPTION_DB(offsetof(values, db)),
    HF_CLI_OPTIONS_PROGRAMS(offsetof(values, programs)),
};

static const hf_cli_command command = {
    .synopsis = "boards [options]\nboards scan [-o FILE] [options]",
    .description =
        "Lists the boards of a farm file with their history from the store: runs, attempts that "
        "succeeded and failed, the last failure.\n"
        "scan finds the debug probes and USB serial ports of this host, pairs each probe with its own "
        "port, and writes a farm file. A board that cannot be described completely is commented out, "
        "with the reason.",
    .max_arguments = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status with --check: 0 every board works, 1 some do not, 3 none does, 4 interrupted. With "
             "scan: 0 every board can be used as written, 1 something is left to be "
             "filled in, 3 no debug probe was found.\n"
             "Examples:\n"
             "  hilfarm boards scan --chip stm32l4r5zi -o my_farm.yaml\n"
             "  hilfarm boards --farm my_farm.yaml --check",
};

#define PORT_SIZE 96

/* How the board is reached, for the column "serial port". */
static void describe_port(const hf_board_config *config, char *text, size_t size)
{
    if (config->is_virtual)
        snprintf(text, size, "virtual");
    else if (config->port_path)
        snprintf(text, size, "%s", config->port_path);
    else if (config->port_host)
        snprintf(text, size, "%s %s:%u", config->port_kind == HF_PORT_TCP ? "tcp" : "rfc2217",
                 config->port_host, (unsigned)config->port_number);
    else
        snprintf(text, size, "usb %04x:%04x %s", config->usb_vendor_id, config->usb_product_id,
                 config->usb_serial ? config->usb_serial : "");
}

static const hf_board_history_row *history_of(const hf_board_history_row *rows, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].id, id) == 0)
            return &rows[i];
    return NULL;
}

/* Widths of the columns whose content varies. */
typedef struct widths {
    int id, chip, core, port;
} widths;

static int wider(int width, const char *text)
{
    const int length = (int)strlen(text);
    return length > width ? length : width;
}

static widths measure_columns(const hf_farm *farm)
{
    widths w = {wider(0, "board"), wider(0, "chip"), wider(0, "core"), wider(0, "serial port")};
    for (uint32_t i = 0; i < farm->board_count; i++) {
        const hf_farm_board *board = &farm->boards[i];
        char port[PORT_SIZE];
        describe_port(&board->config, port, sizeof port);
        w.id = wider(w.id, board->config.id);
        w.chip = wider(w.chip, board->chip->name);
        w.core = wider(w.core, board->chip->core);
        w.port = wider(w.port, port);
    }
    return w;
}

static void print_board(const widths *w, const hf_farm_board *board, const hf_board_history_row *history)
{
    char port[PORT_SIZE], last[32] = "never";
    describe_port(&board->config, port, sizeof port);
    if (history && history->last_ms) {
        time_t seconds = (time_t)(history->last_ms / 1000);
        struct tm local;
        localtime_r(&seconds, &local);
        strftime(last, sizeof last, "%Y-%m-%d %H:%M", &local);
    }
    printf("%-*s  %-*s  %-*s  %7u  %-*s %6d %6d %6d  %s\n", w->id, board->config.id, w->chip,
           board->chip->name, w->core, board->chip->core, board->config.baud, w->port, port,
           history ? history->runs : 0, history ? history->succeeded : 0, history ? history->failed : 0,
           last);
    if (history && history->last_message)
        printf("%*s  last failure (%s): %s\n", w->id, "", history->last_fault, history->last_message);
}

static void print_table(const hf_farm *farm, const hf_board_history_row *rows, size_t count)
{
    const widths w = measure_columns(farm);
    printf("%-*s  %-*s  %-*s  %7s  %-*s %6s %6s %6s  %s\n", w.id, "board", w.chip, "chip", w.core, "core",
           "baud", w.port, "serial port", "runs", "ok", "failed", "last used");
    for (uint32_t i = 0; i < farm->board_count; i++)
        print_board(&w, &farm->boards[i], history_of(rows, count, farm->boards[i].config.id));
}

/* Rejects options that another form of the command would ignore. */
static bool options_match(const values *v, bool scans)
{
    const char *wrong = scans            ? v->check     ? "--check"
                                           : v->farm    ? "--farm"
                                           : v->wait_ms ? "--wait"
                                                        : NULL
                        : v->scan.output ? "--output"
                        : v->scan.force  ? "--force"
                        : v->scan.chip   ? "--chip"
                                         : NULL;
    if (wrong)
        fprintf(stderr, "hilfarm boards: %s %s `boards scan`\nsee `hilfarm boards --help`\n", wrong,
                scans ? "cannot be used with" : "can only be used with");
    return !wrong;
}

static hf_exit reject_form(const char *word)
{
    static const char *const forms[] = {"scan"};
    fprintf(stderr, "hilfarm boards: '%s': expected scan or nothing", word);
    hf_cli_print_suggestion(word, forms, sizeof forms / sizeof forms[0]);
    fputs("\nsee `hilfarm boards --help`\n", stderr);
    return HF_EXIT_BAD_INPUT;
}

int hf_command_boards(int argc, char **argv)
{
    values v = {.db = hf_cli_default_store()};
    char **arguments;
    int argument_count;
    hf_exit exit_status;
    hf_farm *farm = NULL;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &argument_count, &exit_status))
        return exit_status;
    if (argument_count && strcmp(arguments[0], "scan") != 0)
        return reject_form(arguments[0]);
    if (!options_match(&v, argument_count > 0))
        return HF_EXIT_BAD_INPUT;
    if (argument_count)
        return hf_cli_scan_boards(&v.scan);
    exit_status = hf_cli_load_farm(v.farm, &farm);
    if (exit_status != HF_EXIT_OK)
        return exit_status;

    hf_error err = {0};
    hf_store *store = NULL;
    hf_board_history_row *rows = NULL;
    size_t count = 0;
    hf_status status = hf_cli_open_store_readonly(v.db, &store, &err);
    if (status == HF_OK)
        status = hf_store_list_boards(store, &rows, &count, &err);
    if (status != HF_OK && status != HF_ENOTFOUND) /* without a store there is no history */
        exit_status = hf_cli_fail(&err);
    print_table(farm, rows, count);
    if (v.check && exit_status == HF_EXIT_OK)
        exit_status = hf_cli_check_boards(farm, &v.programs, v.wait_ms);

    hf_rows_free(&hf_board_history_row_type, rows, count);
    hf_store_close(store);
    hf_farm_free(farm);
    return exit_status;
}
