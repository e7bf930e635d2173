/* SPDX-License-Identifier: Apache-2.0 */
#include "list_boards.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "health/board_record.h"
#include "output.h"
#include "store/board_health.h"
#include "store_access.h"

#define PORT_SIZE 96

/* How the board is reached, for the column "serial port". */
static void describe_port(const hf_farm_board *board, char *text, size_t size)
{
    const hf_board_config *config = &board->config;
    if (board->host)
        snprintf(text, size, "on host %s", board->host);
    else if (config->is_virtual)
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
        describe_port(board, port, sizeof port);
        w.id = wider(w.id, board->config.id);
        w.chip = wider(w.chip, board->chip->name);
        w.core = wider(w.core, board->chip->core);
        w.port = wider(w.port, port);
    }
    return w;
}

static void print_board(const widths *w, const hf_farm_board *board, const hf_board_history_row *history)
{
    char port[PORT_SIZE], baud[16] = "-", last[32] = "never";
    describe_port(board, port, sizeof port);
    if (board->config.baud) /* only its own host knows that of another host's board */
        snprintf(baud, sizeof baud, "%u", board->config.baud);
    if (history && history->last_ms)
        hf_cli_format_time(history->last_ms, last, sizeof last);
    printf("%-*s  %-*s  %-*s  %7s  %-*s %6d %6d %6d  %s\n", w->id, board->config.id, w->chip,
           board->chip->name, w->core, board->chip->core, baud, w->port, port, history ? history->runs : 0,
           history ? history->succeeded : 0, history ? history->failed : 0, last);
    if (history && history->last_message)
        printf("%*s  last failure (%s): %s\n", w->id, "", history->last_fault, history->last_message);
}

/* Lines below a board, indented: what keeps it from working, and its last health check. */
void hf_cli_print_board_state(int indent, const hf_board_state_row *state, int64_t now_ms)
{
    char time[HF_CLI_TIME_SIZE];
    if (state->disabled_reason) {
        hf_cli_format_time(state->disabled_ms, time, sizeof time);
        printf("%*s  disabled by %s since %s: %s\n", indent, "",
               state->disabled_by ? state->disabled_by : "somebody", time, state->disabled_reason);
    }
    if (hf_health_is_reserved(state, now_ms)) {
        hf_cli_format_time(state->reserved_until_ms, time, sizeof time);
        printf("%*s  reserved by %s%s%s%s%s\n", indent, "", state->reserved_by,
               state->reserved_until_ms ? " until " : "", state->reserved_until_ms ? time : "",
               state->reserved_note ? ": " : "", state->reserved_note ? state->reserved_note : "");
    }
    if (state->attention) {
        hf_cli_format_time(state->attention_ms, time, sizeof time);
        printf("%*s  needs attention since %s (%s): %s\n", indent, "", time,
               state->attention_fault ? state->attention_fault : "board", state->attention);
    }
    if (now_ms < state->quarantined_until_ms) {
        hf_cli_format_time(state->quarantined_until_ms, time, sizeof time);
        printf("%*s  in quarantine until %s%s%s\n", indent, "", time, state->quarantine_message ? ": " : "",
               state->quarantine_message ? state->quarantine_message : "");
    }
}

static void print_check(const widths *w, const hf_health_check_row *check)
{
    char time[HF_CLI_TIME_SIZE];
    hf_cli_format_time(check->at_ms, time, sizeof time);
    printf("%*s  last check %s: ", w->id, "", time);
    if (!check->passed)
        printf("failed (%s): %s\n", check->fault ? check->fault : "board",
               check->message ? check->message : "");
    else if (check->drifted)
        printf("passed, but its cycles have drifted: %s\n", check->message ? check->message : "");
    else
        printf("passed, %lld cycles%s\n", (long long)check->cycles, check->modelled ? ", modelled" : "");
}

/* What the store knows of the boards. */
typedef struct records {
    hf_board_history_row *histories;
    size_t history_count;
    hf_board_state_row *states; /* one per board of the farm; NULL = there is no store */
} records;

static hf_status load(hf_store *store, const hf_farm *farm, records *out, hf_error *err)
{
    hf_status status = hf_store_list_boards(store, &out->histories, &out->history_count, err);
    return status == HF_OK ? hf_health_load(store, farm, &out->states, err) : status;
}

static hf_status print_last_check(hf_store *store, const widths *w, const hf_board_state_row *state,
                                  hf_error *err)
{
    hf_health_check_row *checks = NULL;
    size_t count = 0;
    hf_status status =
        hf_store_list_health_checks(store, state->id, state->chip, state->modelled, 1, &checks, &count, err);
    if (status != HF_OK)
        return status;
    if (count)
        print_check(w, &checks[0]);
    hf_rows_free(&hf_health_check_row_type, checks, count);
    return HF_OK;
}

static hf_status print_table(const hf_farm *farm, hf_store *store, const records *known, hf_error *err)
{
    const int64_t now_ms = hf_wall_ms();
    const widths w = measure_columns(farm);
    hf_status status = HF_OK;
    printf("%-*s  %-*s  %-*s  %7s  %-*s %6s %6s %6s  %s\n", w.id, "board", w.chip, "chip", w.core, "core",
           "baud", w.port, "serial port", "runs", "ok", "failed", "last used");
    for (uint32_t i = 0; i < farm->board_count; i++) {
        const char *id = farm->boards[i].config.id;
        print_board(&w, &farm->boards[i], history_of(known->histories, known->history_count, id));
        if (!known->states || status != HF_OK)
            continue;
        hf_cli_print_board_state(w.id, &known->states[i], now_ms);
        status = print_last_check(store, &w, &known->states[i], err);
    }
    return status;
}

hf_exit hf_cli_list_boards(const hf_farm *farm, const char *store_path)
{
    hf_error err = {0};
    hf_store *store = NULL;
    records known = {0};
    hf_exit exit_status = HF_EXIT_OK;
    hf_status status = hf_cli_open_store_readonly(store_path, &store, &err);
    if (status == HF_OK)
        status = load(store, farm, &known, &err);
    hf_error late = {0};
    hf_status printed = print_table(farm, store, &known, &late);
    if (status != HF_OK && status != HF_ENOTFOUND) /* without a store nothing is known */
        exit_status = hf_cli_fail(&err);
    else if (printed != HF_OK)
        exit_status = hf_cli_fail(&late);
    hf_rows_free(&hf_board_history_row_type, known.histories, known.history_count);
    hf_rows_free(&hf_board_state_row_type, known.states, known.states ? farm->board_count : 0);
    hf_store_close(store);
    return exit_status;
}
