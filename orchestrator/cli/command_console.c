/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "board/line_baud.h"
#include "client/console.h"
#include "commands.h"
#include "console_here.h"
#include "console_terminal.h"
#include "daemon_access.h"
#include "input_files.h"
#include "locations.h"
#include "options.h"

#define DEFAULT_WAIT_MS    10000 /* an attempt that is ending, say */
#define DEFAULT_TIMEOUT_MS 1000  /* without --watch */

typedef struct values {
    const char *db, *farm;
    hf_cli_programs programs;
    uint64_t wait_ms, timeout_ms;
    uint32_t baud;
    bool watch, reset, flash, raw, escape, local;
} values;

static const hf_cli_option options[] = {
    {.name = "watch",
     .help = "only show what the board says, in runs and in consoles of others; needs a daemon, but no "
             "reservation",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, watch)},
    {.name = "baud",
     .placeholder = "N",
     .help = "speed (default: 115200, that of the bench firmware after reset)",
     .read = hf_cli_read_count,
     .min = 50,
     .max = HF_BOARD_LINE_MAX_BAUD,
     .offset = offsetof(values, baud)},
    {.name = "reset",
     .help = "reset the chip through its probe once the line is open",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, reset)},
    {.name = "flash",
     .help = "first program the bench firmware, and reset",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, flash)},
    HF_CLI_OPTION_WAIT(offsetof(values, wait_ms), "wait this long for a board in use (default: 10 s)"),
    {.name = "timeout",
     .placeholder = "TIME",
     .help = "if standard input is no terminal: stay this long after its end (default: 1 s); with --watch: "
             "stay this long (default: until you leave)",
     .read = hf_cli_read_duration,
     .offset = offsetof(values, timeout_ms)},
    {.name = "escape",
     .help = "show control characters and what is not ASCII as \\xNN (default with --watch on a terminal)",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, escape)},
    {.name = "raw",
     .help = "pass on every byte as it is (default otherwise)",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, raw)},
    HF_CLI_OPTION_FARM(offsetof(values, farm)),
    HF_CLI_OPTION_LOCAL(offsetof(values, local), "use a farm file even if a daemon is up"),
    HF_CLI_OPTION_DB(offsetof(values, db)),
    HF_CLI_OPTIONS_PROGRAMS(offsetof(values, programs)),
};

static const hf_cli_command command = {
    .synopsis = "console BOARD [options]",
    .description =
        "Connects the terminal with the serial line of a board: 8 data bits, no parity, 1 stop bit. Ctrl-] "
        "leaves, and so does ~. at the beginning of a line; ~~ sends one ~. Input and output can also be "
        "pipes.\n"
        "With a daemon the board must be reserved by you (hilfarm reserve), so that no run meets what you "
        "type; the console ends with the reservation. The board may be on any host of the farm: HOST/BOARD. "
        "Without a daemon it must be on this host, and its lock keeps runs off it.\n"
        "The bench firmware understands requests that are typed, such as ?hello.",
    .argument = "a board",
    .min_arguments = 1,
    .max_arguments = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0; 2 if there is no such board; 3 if it cannot be had, its line fails or the "
             "reservation "
             "ends; 4 interrupted by a signal.\n"
             "Examples:\n"
             "  hilfarm reserve nucleo-1 --for '1 h' && hilfarm console nucleo-1 --reset\n"
             "  hilfarm console lab2/nucleo-1\n"
             "  hilfarm console nucleo-1 --watch\n"
             "  hilfarm console nucleo-1 --watch --timeout '10 min' >said.txt\n"
             "  echo '?hello' | hilfarm console nucleo-1 --flash --timeout '2 s'",
};

/* ---- On the daemon ---- */

static void on_waiting(void *user, const char *who)
{
    char line[HF_CLI_CONSOLE_LINE];
    snprintf(line, sizeof line, "the board is waited for: %.500s", who);
    hf_cli_console_say(user, line);
}

static void on_opened(void *user, const hf_api_console_started *started)
{
    hf_cli_console_opened(user, started->board, started->baud);
}

static void on_output(void *user, const uint8_t *bytes, size_t size)
{
    hf_cli_console_output(user, bytes, size);
}

static void on_lost(void *user, uint64_t bytes)
{
    char line[HF_CLI_CONSOLE_LINE];
    snprintf(line, sizeof line, "%" PRIu64 " bytes were dropped: they came faster than they were read",
             bytes);
    hf_cli_console_say(user, line);
}

static int input_fd(void *user)
{
    return hf_cli_console_input_fd(user);
}

static size_t input(void *user, uint8_t bytes[HF_CLIENT_CONSOLE_BYTES])
{
    return hf_cli_console_input(user, bytes, HF_CLIENT_CONSOLE_BYTES);
}

static bool leaving(void *user)
{
    return hf_cli_console_leaving(user);
}

static hf_status serve_on_daemon(hf_client *client, const char *board, const hf_api_console_request *request,
                                 hf_cli_console_terminal *terminal, hf_error *err)
{
    const hf_client_console console = {.user = terminal,
                                       .waiting = on_waiting,
                                       .opened = on_opened,
                                       .output = on_output,
                                       .lost = on_lost,
                                       .input_fd = input_fd,
                                       .input = input,
                                       .leaving = leaving,
                                       .wake_fd = terminal->signals.fd};
    return hf_client_serve_console(client, board, request, &console, err);
}

/* ---- */

static hf_status serve_here(const values *v, const char *board, const hf_farm *farm,
                            const hf_api_console_request *request, hf_cli_console_terminal *terminal,
                            hf_error *err)
{
    if (request->watch)
        return HF_FAIL(err, HF_EINVALID,
                       "--watch needs a daemon: only the process that runs a board hears it");
    return hf_cli_console_here(farm, board, v->db ? v->db : hf_cli_default_store(), &v->programs, request,
                               terminal, err);
}

static hf_exit serve(const values *v, const char *board, hf_client *client)
{
    hf_error err = {0};
    hf_farm *farm = NULL;
    hf_cli_console_terminal terminal;
    const hf_api_console_request request = {.baud = v->baud,
                                            .wait_ms = (uint32_t)v->wait_ms,
                                            .watch = v->watch,
                                            .reset = v->reset,
                                            .flash = v->flash};
    hf_exit exit_status = client ? HF_EXIT_OK : hf_cli_load_farm(v->farm, &farm);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    fflush(stdout);
    hf_cli_console_begin(&terminal, v->watch, v->escape || (v->watch && !v->raw && isatty(STDOUT_FILENO)),
                         v->timeout_ms);
    hf_status status = client ? serve_on_daemon(client, board, &request, &terminal, &err)
                              : serve_here(v, board, farm, &request, &terminal, &err);
    hf_cli_console_end(&terminal);
    hf_farm_free(farm);
    if (status != HF_OK && !(terminal.interrupted && status == HF_ECANCELLED))
        return hf_cli_fail(&err) == HF_EXIT_BAD_INPUT && err.fault == HF_FAULT_NONE ? HF_EXIT_BAD_INPUT
                                                                                    : HF_EXIT_FARM;
    return terminal.interrupted ? HF_EXIT_INTERRUPTED : terminal.output_failed ? HF_EXIT_FARM : HF_EXIT_OK;
}

int hf_command_console(int argc, char **argv)
{
    values v = {.wait_ms = DEFAULT_WAIT_MS, .timeout_ms = HF_CLI_CONSOLE_FOREVER};
    char **arguments;
    int count;
    hf_exit exit_status;
    hf_client *client = NULL;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    if (v.raw && v.escape) {
        fputs("hilfarm console: --raw and --escape exclude each other\n", stderr);
        return HF_EXIT_BAD_INPUT;
    }
    if (v.watch && (v.baud || v.reset || v.flash)) {
        fputs("hilfarm console: --watch changes nothing: it goes without --baud, --reset and --flash\n",
              stderr);
        return HF_EXIT_BAD_INPUT;
    }
    if (!v.watch && v.timeout_ms == HF_CLI_CONSOLE_FOREVER)
        v.timeout_ms = DEFAULT_TIMEOUT_MS;
    const bool here =
        v.local || v.farm || v.db || v.programs.openocd || v.programs.vboard || v.programs.firmware_dir;
    if (!here)
        exit_status = hf_cli_find_daemon("--local", &client);
    if (exit_status == HF_EXIT_OK)
        exit_status = serve(&v, arguments[0], client);
    hf_client_free(client);
    return exit_status;
}
