/* SPDX-License-Identifier: Apache-2.0 */
#include "health/board_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/board_health.h"

/* ---- Reading ---- */

static bool is_row_of(const hf_board_state_row *row, const hf_farm_board *board)
{
    return strcmp(row->id, board->config.id) == 0 && strcmp(row->chip, board->chip->name) == 0 &&
           row->modelled == hf_board_config_modelled(&board->config);
}

hf_status hf_health_take_state(hf_board_state_row *list, size_t count, const hf_farm_board *board,
                               hf_board_state_row *out, hf_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].id && is_row_of(&list[i], board)) {
            *out = list[i];
            list[i] = (hf_board_state_row){0};
            return HF_OK;
        }
    *out = (hf_board_state_row){.id = strdup(board->config.id),
                                .chip = strdup(board->chip->name),
                                .modelled = hf_board_config_modelled(&board->config)};
    if (!out->id || !out->chip)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    return HF_OK;
}

hf_status hf_health_load(hf_store *store, const hf_farm *farm, hf_board_state_row **rows, hf_error *err)
{
    hf_board_state_row *list = NULL, *states = calloc(farm->board_count + 1u, sizeof *states);
    size_t count = 0;
    hf_status status = states ? hf_store_list_board_states(store, &list, &count, err)
                              : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    for (uint32_t i = 0; status == HF_OK && i < farm->board_count; i++)
        status = hf_health_take_state(list, count, &farm->boards[i], &states[i], err);
    hf_rows_free(&hf_board_state_row_type, list, count);
    if (status == HF_OK)
        *rows = states;
    else
        hf_rows_free(&hf_board_state_row_type, states, states ? farm->board_count : 0);
    return status;
}

bool hf_health_is_reserved(const hf_board_state_row *row, int64_t now_ms)
{
    return row->reserved_by && (!row->reserved_until_ms || now_ms < row->reserved_until_ms);
}

hf_board_standing hf_health_standing(const hf_board_state_row *row, int64_t now_ms)
{
    hf_board_standing standing = {
        .disabled = row->disabled_reason != NULL,
        .reserved = hf_health_is_reserved(row, now_ms),
        .reserved_until_ms = row->reserved_until_ms,
        .needs_attention = row->attention != NULL,
        .quarantines = (uint32_t)row->quarantine_count,
        .quarantined_until_ms = now_ms < row->quarantined_until_ms ? row->quarantined_until_ms : 0,
    };
    if (row->quarantine_fault)
        (void)hf_fault_parse(row->quarantine_fault, &standing.cause); /* else it stays unknown */
    snprintf(standing.failure, sizeof standing.failure, "%s",
             row->quarantine_message ? row->quarantine_message : "");
    return standing;
}

/* ---- Recording ---- */

/* A row that identifies a board; its texts are the farm's. */
static hf_board_state_row row_of(const hf_farm_board *board)
{
    return (hf_board_state_row){.id = (char *)board->config.id,
                                .chip = (char *)board->chip->name,
                                .modelled = hf_board_config_modelled(&board->config)};
}

bool hf_health_concerns_board(const hf_error *error)
{
    return error->status != HF_EBUSY && error->status != HF_ECANCELLED && error->fault != HF_FAULT_FARM &&
           error->fault != HF_FAULT_AGENT && error->fault != HF_FAULT_NONE;
}

/* The golden image is known to be right: if it fails as if the job were at fault, the board computes wrongly. */
static hf_fault fault_of(const hf_error *error)
{
    return error->fault == HF_FAULT_JOB ? HF_FAULT_BOARD : error->fault;
}

/* Earlier checks with the same firmware and image. */
typedef struct earlier_checks {
    hf_health_history history;
    int64_t cycles[HF_HEALTH_VALUES_MAX];
} earlier_checks;

static bool is_reference_for(const hf_board_state_row *state, const hf_farm_board *board,
                             const hf_health_observation *observed)
{
    return is_row_of(state, board) && state->golden_cycles > 0 && state->golden_firmware_id &&
           state->golden_image_crc32 == observed->image_crc32 &&
           strcmp(state->golden_firmware_id, observed->result->firmware_id) == 0;
}

static hf_status load_reference(hf_store *store, const hf_farm_board *board,
                                const hf_health_observation *observed, int64_t *cycles, hf_error *err)
{
    hf_board_state_row *states = NULL;
    size_t count = 0;
    hf_status status = hf_store_list_board_states(store, &states, &count, err);
    for (size_t i = 0; status == HF_OK && i < count; i++)
        if (is_reference_for(&states[i], board, observed))
            *cycles = states[i].golden_cycles;
    if (status == HF_OK)
        hf_rows_free(&hf_board_state_row_type, states, count);
    return status;
}

static hf_status load_earlier(hf_store *store, const hf_farm_board *board,
                              const hf_health_observation *observed, earlier_checks *out, hf_error *err)
{
    const hf_board_state_row key = row_of(board);
    hf_health_check_row *checks = NULL;
    size_t count = 0, used = 0;
    hf_status status = load_reference(store, board, observed, &out->history.reference_cycles, err);
    if (status == HF_OK)
        status = hf_store_list_health_checks(store, key.id, key.chip, key.modelled, HF_HEALTH_VALUES_MAX,
                                             &checks, &count, err);
    if (status != HF_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        const hf_health_check_row *check = &checks[i];
        const bool same = check->image_crc32 == observed->image_crc32 && check->firmware_id &&
                          strcmp(check->firmware_id, observed->result->firmware_id) == 0;
        if (same && check->drifted) /* older ones may belong to another reference */
            break;
        if (same && check->passed && check->cycles > 0)
            out->cycles[used++] = check->cycles;
    }
    hf_rows_free(&hf_health_check_row_type, checks, count);
    out->history.cycles = out->cycles;
    out->history.count = used;
    return HF_OK;
}

static hf_health_check_row begin_check(const hf_farm_board *board, const hf_health_observation *observed)
{
    return (hf_health_check_row){
        .board_id = (char *)board->config.id,
        .chip = (char *)board->chip->name,
        .modelled = hf_board_config_modelled(&board->config),
        .at_ms = observed->started_ms,
        .kind = observed->kind,
        .duration_ns = (int64_t)observed->duration_ns,
        .image_crc32 = observed->image_crc32,
    };
}

/* A check whose attempt succeeded. */
static hf_status record_success(hf_store *store, const hf_farm_board *board,
                                const hf_health_observation *observed, hf_health_drift *drift, hf_error *err)
{
    const hf_attempt_result *result = observed->result;
    hf_health_check_row check = begin_check(board, observed);
    hf_board_state_row state = row_of(board); /* without attention and quarantine: both are cleared */
    unsigned parts = HF_BOARD_PART_ATTENTION | HF_BOARD_PART_QUARANTINE;
    earlier_checks earlier = {0};
    char message[128];
    hf_status status = load_earlier(store, board, observed, &earlier, err);
    if (status != HF_OK)
        return status;
    *drift = hf_health_judge(&earlier.history, result->samples, result->sample_count, check.modelled);
    check.passed = true;
    check.drifted = drift->drifted;
    check.drift = drift->drift;
    check.cycles = drift->cycles;
    check.clock_hz = result->clock_hz;
    check.clock_source = (char *)result->clock_source;
    check.clock_ratio = result->clock_ratio;
    check.firmware_id = (char *)result->firmware_id;
    check.output_crc32 = result->output_crc32;
    if (drift->drifted) {
        snprintf(message, sizeof message, "%lld cycles instead of %lld (%+.4f %%; allowed are %.4f %%)",
                 (long long)drift->cycles, (long long)drift->reference_cycles, drift->drift * 100,
                 drift->allowed * 100);
        check.message = message;
    }
    if (!earlier.history.reference_cycles) {
        state.golden_cycles = drift->cycles;
        state.golden_image_crc32 = observed->image_crc32;
        state.golden_firmware_id = (char *)result->firmware_id;
        parts |= HF_BOARD_PART_GOLDEN;
    }
    status = hf_store_add_health_check(store, &check, err);
    return status == HF_OK ? hf_store_put_board_state(store, &state, parts, err) : status;
}

static hf_status record_failure(hf_store *store, const hf_farm_board *board,
                                const hf_health_observation *observed, hf_error *err)
{
    hf_health_check_row check = begin_check(board, observed);
    hf_board_state_row state = row_of(board);
    check.fault = (char *)hf_fault_name(fault_of(observed->error));
    check.message = (char *)observed->error->message;
    state.attention = check.message;
    state.attention_fault = check.fault;
    state.attention_ms = observed->started_ms;
    hf_status status = hf_store_add_health_check(store, &check, err);
    return status == HF_OK ? hf_store_put_board_state(store, &state, HF_BOARD_PART_ATTENTION, err) : status;
}

hf_status hf_health_record_check(hf_store *store, const hf_farm_board *board,
                                 const hf_health_observation *observed, hf_health_drift *drift, hf_error *err)
{
    hf_health_drift unused;
    if (!observed->result && !hf_health_concerns_board(observed->error))
        return HF_OK;
    hf_status status = hf_store_begin_group(store, err);
    if (status != HF_OK)
        return status;
    status = observed->result ? record_success(store, board, observed, drift ? drift : &unused, err)
                              : record_failure(store, board, observed, err);
    return hf_store_end_group(store, status, err);
}

static hf_status record_event(hf_store *store, const hf_farm_board *board, const hf_board_event *event,
                              int64_t now_ms, hf_error *err)
{
    hf_board_state_row state = row_of(board);
    switch (event->kind) {
    case HF_BOARD_EVENT_QUARANTINED:
        state.quarantine_count = (int32_t)event->quarantines;
        state.quarantined_until_ms = event->until_ms;
        state.quarantine_message = (char *)event->message;
        state.quarantine_fault = (char *)hf_fault_name(event->fault);
        return hf_store_put_board_state(store, &state, HF_BOARD_PART_QUARANTINE, err);
    case HF_BOARD_EVENT_GIVEN_UP:
        state.attention = (char *)(event->message ? event->message : "it failed too often");
        state.attention_fault = (char *)hf_fault_name(event->fault);
        state.attention_ms = now_ms;
        return hf_store_put_board_state(store, &state, HF_BOARD_PART_ATTENTION, err);
    case HF_BOARD_EVENT_BACK:
        return hf_store_put_board_state(store, &state, HF_BOARD_PART_ATTENTION | HF_BOARD_PART_QUARANTINE,
                                        err);
    }
    return HF_OK;
}

hf_status hf_health_record_event(hf_store *store, const hf_farm_board *board, const hf_board_event *event,
                                 int64_t now_ms, hf_error *err)
{
    hf_status status = hf_store_begin_group(store, err);
    if (status != HF_OK)
        return status;
    status = record_event(store, board, event, now_ms, err);
    return hf_store_end_group(store, status, err);
}

hf_status hf_health_accept(hf_store *store, const hf_farm_board *board, int64_t *cycles, hf_error *err)
{
    hf_board_state_row state = row_of(board);
    hf_health_check_row *checks = NULL;
    size_t count = 0, at = 0;
    hf_status status = hf_store_list_health_checks(store, state.id, state.chip, state.modelled,
                                                   HF_HEALTH_VALUES_MAX, &checks, &count, err);
    if (status != HF_OK)
        return status;
    while (at < count && !checks[at].passed)
        at++;
    if (at == count) {
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOTFOUND,
                            "board %s has passed no health check: use "
                            "`hilfarm boards --check`",
                            board->config.id);
    } else {
        state.golden_cycles = checks[at].cycles;
        state.golden_image_crc32 = checks[at].image_crc32;
        state.golden_firmware_id = checks[at].firmware_id;
        status = hf_store_put_board_state(store, &state, HF_BOARD_PART_GOLDEN, err);
        if (status == HF_OK)
            *cycles = checks[at].cycles;
    }
    hf_rows_free(&hf_health_check_row_type, checks, count);
    return status;
}
