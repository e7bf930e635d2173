/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check_boards.h"
#include "cli.h"
#include "spec/farm_file.h"
#include "store/store.h"

static const char usage[] =
    "usage: hilfarm boards [options]\n"
    "Lists the boards of a farm file and, from the store, how they have been doing.\n"
    "  --farm FILE          default: two virtual boards\n"
    "  --check              also try each board: flash the firmware and a small model, reset, and see that "
    "it is\n"
    "                       this board that answers after this reset, with the right result\n"
    "  --wait TIME          with --check: waits for boards that another run uses (\"30 min\"; default: says "
    "who has "
    "them)\n"
    "  --db FILE            the store (default: " HF_DEFAULT_DB ")\n"
    "  --firmware-dir DIR, --openocd PROGRAM, --vboard PROGRAM   as for `hilfarm run`\n";

static hf_exit load_farm(const hf_cli_options *options, hf_farm **farm)
{
    hf_error err = {0};
    hf_exit exit_status = HF_EXIT_OK;
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    if (!diagnostics) {
        fputs("hilfarm: no memory\n", stderr);
        return HF_EXIT_FARM;
    }
    hf_status status =
        options->farm ? hf_farm_load(options->farm, farm, diagnostics, &err) : hf_farm_default(farm, &err);
    if (hf_diagnostics_total(diagnostics)) {
        char *text = hf_diagnostics_render(diagnostics);
        fputs(text ? text : "hilfarm: mistakes in the farm file\n", stderr);
        free(text);
        exit_status = HF_EXIT_BAD_INPUT;
    } else if (status != HF_OK) {
        exit_status = hf_cli_fail(&err);
    }
    hf_diagnostics_free(diagnostics);
    return exit_status;
}

/* "serial port" column: how the board is reached. */
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

static void print_board(const hf_farm_board *board, const hf_board_history_row *history)
{
    char port[96], last[32] = "never";
    describe_port(&board->config, port, sizeof port);
    if (history && history->last_ms) {
        time_t seconds = (time_t)(history->last_ms / 1000);
        struct tm local;
        localtime_r(&seconds, &local);
        strftime(last, sizeof last, "%Y-%m-%d %H:%M", &local);
    }
    printf("%-14s %-12s %-10s %7u  %-28s %6d %6d %6d  %s\n", board->config.id, board->chip->name,
           board->chip->core, board->config.baud, port, history ? history->runs : 0,
           history ? history->succeeded : 0, history ? history->failed : 0, last);
    if (history && history->last_message)
        printf("%14s last failure (%s): %s\n", "", history->last_fault, history->last_message);
}

int hf_command_boards(int argc, char **argv)
{
    hf_cli_options options;
    char **words;
    int word_count;
    hf_exit exit_status;
    if (!hf_cli_parse(argc, argv,
                      HF_OPTION_DB | HF_OPTION_FARM | HF_OPTION_CHECK | HF_OPTION_PROGRAMS | HF_OPTION_WAIT,
                      usage, 0, 0, &options, &words, &word_count, &exit_status))
        return exit_status;
    hf_farm *farm = NULL;
    exit_status = load_farm(&options, &farm);
    if (exit_status != HF_EXIT_OK)
        return exit_status;

    hf_error err = {0};
    hf_store *store = NULL;
    hf_board_history_row *rows = NULL;
    size_t count = 0;
    hf_status status = hf_cli_open_store(&options, &store, &err);
    if (status == HF_OK)
        status = hf_store_list_boards(store, &rows, &count, &err);
    if (status != HF_OK && status != HF_ENOTFOUND) /* no store yet: no history */
        exit_status = hf_cli_fail(&err);

    printf("%-14s %-12s %-10s %7s  %-28s %6s %6s %6s  %s\n", "board", "chip", "core", "baud", "serial port",
           "runs", "ok", "failed", "last used");
    for (uint32_t i = 0; i < farm->board_count; i++)
        print_board(&farm->boards[i], history_of(rows, count, farm->boards[i].config.id));
    if (options.check && exit_status == HF_EXIT_OK)
        exit_status = hf_cli_check_boards(farm, &options);

    for (size_t i = 0; i < count; i++)
        hf_board_history_row_free(&rows[i]);
    free(rows);
    hf_store_close(store);
    hf_farm_free(farm);
    return exit_status;
}
