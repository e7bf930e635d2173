/* SPDX-License-Identifier: Apache-2.0 */
#include "store/board_health.h"

#include <stdio.h>

#include "query.h"

/* ---- Boards ---- */

/* The id of a board; one that took part in no run yet is added. Its core is known after its first run. */
static hf_status find_or_add_board(hf_store *store, const char *name, const char *chip, bool modelled,
                                   int64_t *board_id, hf_error *err)
{
    static const char doing[] = "recording a board";
    hf_sql insert = hf_sql_start(store, doing,
                                 "INSERT INTO boards (name, chip, core, modelled) VALUES (?, ?, '', ?)"
                                 " ON CONFLICT (name, chip, modelled) DO NOTHING",
                                 "tti", name, chip, (int64_t)modelled);
    hf_status status = hf_sql_finish(&insert, err);
    if (status != HF_OK)
        return status;
    hf_sql query =
        hf_sql_start(store, doing, "SELECT id FROM boards WHERE name = ? AND chip = ? AND modelled = ?",
                     "tti", name, chip, (int64_t)modelled);
    return hf_sql_number(&query, board_id, "the board", err);
}

/* ---- States ---- */

static const char state_columns[] =
    "disabled_reason, disabled_by, disabled_ms, reserved_by, reserved_ms, reserved_until_ms, reserved_note,"
    " quarantine_count, quarantined_until_ms, quarantine_message, quarantine_fault, attention, attention_ms, "
    "attention_fault, golden_cycles, "
    "golden_image_crc32,"
    " golden_firmware_id";

static void read_state(hf_sql *sql, int at, hf_board_state_row *row)
{
    row->disabled_reason = hf_sql_text(sql, at++);
    row->disabled_by = hf_sql_text(sql, at++);
    row->disabled_ms = hf_sql_time(sql, at++);
    row->reserved_by = hf_sql_text(sql, at++);
    row->reserved_ms = hf_sql_time(sql, at++);
    row->reserved_until_ms = hf_sql_time(sql, at++);
    row->reserved_note = hf_sql_text(sql, at++);
    row->quarantine_count = hf_sql_count(sql, at++);
    row->quarantined_until_ms = hf_sql_time(sql, at++);
    row->quarantine_message = hf_sql_text(sql, at++);
    row->quarantine_fault = hf_sql_text(sql, at++);
    row->attention = hf_sql_text(sql, at++);
    row->attention_ms = hf_sql_time(sql, at++);
    row->attention_fault = hf_sql_text(sql, at++);
    row->golden_cycles = hf_sql_int(sql, at++, 0, (int64_t)HF_FIGURE_MOST);
    row->golden_image_crc32 = (uint32_t)hf_sql_int(sql, at++, 0, UINT32_MAX);
    row->golden_firmware_id = hf_sql_text(sql, at++);
}

hf_status hf_store_list_board_states(hf_store *store, hf_board_state_row **rows, size_t *count, hf_error *err)
{
    char text[512];
    snprintf(text, sizeof text,
             "SELECT name, chip, modelled, %s FROM board_states JOIN boards ON boards.id = board_id"
             " ORDER BY name, chip, modelled",
             state_columns);
    hf_sql query = hf_sql_start(store, "listing the state of boards", text, "");
    hf_board_state_row *states = NULL;
    size_t used = 0;
    while (hf_sql_row(&query)) {
        hf_board_state_row *row = hf_query_append(&query, (void **)&states, used, sizeof *row);
        if (!row)
            break;
        used++;
        row->id = hf_sql_needed_text(&query, 0);
        row->chip = hf_sql_needed_text(&query, 1);
        row->modelled = hf_sql_int(&query, 2, 0, 1) != 0;
        read_state(&query, 3, row);
    }
    return hf_query_done(&query, &hf_board_state_row_type, states, used, (void **)rows, count, err);
}

/* Sets the columns of one part. */
static hf_sql update_part(hf_store *store, int64_t board_id, const hf_board_state_row *row,
                          hf_board_part part)
{
    static const char doing[] = "recording the state of a board";
    switch (part) {
    case HF_BOARD_PART_DISABLED:
        return hf_sql_start(store, doing,
                            "UPDATE board_states SET disabled_reason = ?, disabled_by = ?, disabled_ms = ?"
                            " WHERE board_id = ?",
                            "ttzi", row->disabled_reason, row->disabled_by, row->disabled_ms, board_id);
    case HF_BOARD_PART_RESERVED:
        return hf_sql_start(store, doing,
                            "UPDATE board_states SET reserved_by = ?, reserved_ms = ?, reserved_until_ms = ?,"
                            " reserved_note = ? WHERE board_id = ?",
                            "tzzti", row->reserved_by, row->reserved_ms, row->reserved_until_ms,
                            row->reserved_note, board_id);
    case HF_BOARD_PART_QUARANTINE:
        return hf_sql_start(store, doing,
                            "UPDATE board_states SET quarantine_count = ?, quarantined_until_ms = ?,"
                            " quarantine_message = ?, quarantine_fault = ? WHERE board_id = ?",
                            "iztti", (int64_t)row->quarantine_count, row->quarantined_until_ms,
                            row->quarantine_message, row->quarantine_fault, board_id);
    case HF_BOARD_PART_ATTENTION:
        return hf_sql_start(
            store, doing,
            "UPDATE board_states SET attention = ?, attention_ms = ?, attention_fault = ? WHERE board_id = ?",
            "tzti", row->attention, row->attention_ms, row->attention_fault, board_id);
    case HF_BOARD_PART_GOLDEN:
    case HF_BOARD_PART_ALL:
        break;
    }
    return hf_sql_start(store, doing,
                        "UPDATE board_states SET golden_cycles = ?, golden_image_crc32 = ?,"
                        " golden_firmware_id = ? WHERE board_id = ?",
                        "zzti", row->golden_cycles, (int64_t)row->golden_image_crc32, row->golden_firmware_id,
                        board_id);
}

static hf_status put_parts(hf_store *store, const hf_board_state_row *row, unsigned parts, hf_error *err)
{
    int64_t board_id = 0;
    hf_status status = find_or_add_board(store, row->id, row->chip, row->modelled, &board_id, err);
    if (status == HF_OK) {
        hf_sql insert =
            hf_sql_start(store, "recording the state of a board",
                         "INSERT OR IGNORE INTO board_states (board_id) VALUES (?)", "i", board_id);
        status = hf_sql_finish(&insert, err);
    }
    for (unsigned part = 1; status == HF_OK && part < HF_BOARD_PART_ALL; part <<= 1) {
        if (!(parts & part))
            continue;
        hf_sql update = update_part(store, board_id, row, (hf_board_part)part);
        status = hf_sql_finish(&update, err);
    }
    return status;
}

hf_status hf_store_put_board_state(hf_store *store, const hf_board_state_row *row, unsigned parts,
                                   hf_error *err)
{
    static const char doing[] = "recording the state of a board";
    hf_status status = hf_sql_begin(store, doing, err);
    if (status != HF_OK)
        return status;
    status = put_parts(store, row, parts, err);
    return hf_sql_end_transaction(store, status, doing, err);
}

/* ---- Health checks ---- */

hf_status hf_store_add_health_check(hf_store *store, const hf_health_check_row *row, hf_error *err)
{
    static const char doing[] = "recording a health check";
    hf_status status = hf_sql_begin(store, doing, err);
    if (status != HF_OK)
        return status;
    int64_t board_id = 0;
    status = find_or_add_board(store, row->board_id, row->chip, row->modelled, &board_id, err);
    if (status == HF_OK) {
        hf_sql insert = hf_sql_start(
            store, doing,
            "INSERT INTO health_checks (board_id, at_ms, kind, passed, drifted, duration_ns, cycles, drift,"
            " clock_hz, clock_source, clock_ratio, image_crc32, output_crc32, firmware_id, fault, message)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            "iitiizzdztdzzttt", board_id, row->at_ms, hf_health_check_kind_name(row->kind),
            (int64_t)row->passed, (int64_t)row->drifted, row->duration_ns, row->cycles, row->drift,
            row->clock_hz, row->clock_source, row->clock_ratio, (int64_t)row->image_crc32,
            (int64_t)row->output_crc32, row->firmware_id, row->fault, row->message);
        status = hf_sql_finish(&insert, err);
    }
    return hf_sql_end_transaction(store, status, doing, err);
}

static hf_health_check_kind check_kind(hf_sql *sql, int column)
{
    const char *names[HF_HEALTH_CHECK_MANUAL + 1];
    for (int i = 0; i <= HF_HEALTH_CHECK_MANUAL; i++)
        names[i] = hf_health_check_kind_name((hf_health_check_kind)i);
    return (hf_health_check_kind)hf_query_choice(sql, column, names, HF_HEALTH_CHECK_MANUAL + 1);
}

static void read_check(hf_sql *sql, hf_health_check_row *row)
{
    int at = 0;
    row->board_id = hf_sql_needed_text(sql, at++);
    row->chip = hf_sql_needed_text(sql, at++);
    row->modelled = hf_sql_int(sql, at++, 0, 1) != 0;
    row->at_ms = hf_sql_time(sql, at++);
    row->kind = check_kind(sql, at++);
    row->passed = hf_sql_int(sql, at++, 0, 1) != 0;
    row->drifted = hf_sql_int(sql, at++, 0, 1) != 0;
    row->duration_ns = hf_sql_duration(sql, at++);
    row->cycles = hf_sql_int(sql, at++, 0, (int64_t)HF_FIGURE_MOST);
    row->drift = hf_sql_real(sql, at++, -HF_FIGURE_MOST, HF_FIGURE_MOST);
    row->clock_hz = hf_sql_int(sql, at++, 0, INT64_C(1000000000000));
    row->clock_source = hf_sql_text(sql, at++);
    row->clock_ratio = hf_sql_real(sql, at++, 0, 1000);
    row->image_crc32 = (uint32_t)hf_sql_int(sql, at++, 0, UINT32_MAX);
    row->output_crc32 = (uint32_t)hf_sql_int(sql, at++, 0, UINT32_MAX);
    row->firmware_id = hf_sql_text(sql, at++);
    row->fault = hf_sql_text(sql, at++);
    row->message = hf_sql_text(sql, at++);
}

#define CHECKS                                                                                               \
    "SELECT name, chip, modelled, at_ms, kind, passed, drifted, duration_ns, cycles, drift, clock_hz,"       \
    " clock_source, clock_ratio, image_crc32, output_crc32, firmware_id, fault, message FROM health_checks"  \
    " JOIN boards ON boards.id = board_id "
#define BOARD "(SELECT id FROM boards WHERE name = ? AND chip = ? AND modelled = ?)"

hf_status hf_store_list_health_checks(hf_store *store, const char *board_id, const char *chip, bool modelled,
                                      size_t most, hf_health_check_row **rows, size_t *count, hf_error *err)
{
    static const char doing[] = "listing health checks";
    const int64_t limit = most > INT32_MAX ? INT32_MAX : (int64_t)most;
    hf_sql query =
        board_id ? hf_sql_start(store, doing,
                                CHECKS "WHERE board_id = " BOARD " ORDER BY health_checks.id DESC LIMIT ?",
                                "ttii", board_id, chip, (int64_t)modelled, limit)
                 : hf_sql_start(store, doing, CHECKS "ORDER BY health_checks.id DESC LIMIT ?", "i", limit);
    hf_health_check_row *checks = NULL;
    size_t used = 0;
    while (hf_sql_row(&query)) {
        hf_health_check_row *row = hf_query_append(&query, (void **)&checks, used, sizeof *row);
        if (!row)
            break;
        used++;
        read_check(&query, row);
    }
    return hf_query_done(&query, &hf_health_check_row_type, checks, used, (void **)rows, count, err);
}

hf_status hf_store_last_good_cycles(hf_store *store, const char *board_id, const char *chip, bool modelled,
                                    const char *firmware_id, uint32_t image_crc32, int64_t *cycles,
                                    hf_error *err)
{
    hf_sql query =
        hf_sql_start(store, "looking for the last good health check",
                     "SELECT cycles FROM health_checks WHERE board_id = " BOARD
                     " AND firmware_id = ? AND image_crc32 = ? AND passed AND NOT drifted"
                     " ORDER BY id DESC LIMIT 1",
                     "ttiti", board_id, chip, (int64_t)modelled, firmware_id, (int64_t)image_crc32);
    const int64_t found = hf_sql_row(&query) ? hf_sql_int(&query, 0, 0, (int64_t)HF_FIGURE_MOST) : 0;
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK)
        *cycles = found;
    return status;
}
