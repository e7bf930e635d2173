/* SPDX-License-Identifier: Apache-2.0 */
#include "api/board.h"

#include "fields.h"

/* Left out: indices of the scheduler, and times of this host's monotonic clock. */
static const hf_api_field status_rows[] = {
    {HF_API_ROW_WORD(hf_schedule_board_status, state, hf_api_board_states)},
    {HF_API_ROW(hf_schedule_board_status, attempt, HF_API_UINT32)},
    {HF_API_ROW(hf_schedule_board_status, strikes, HF_API_UINT32)},
    {HF_API_ROW(hf_schedule_board_status, quarantines, HF_API_UINT32)},
    {HF_API_ROW(hf_schedule_board_status, in_use, HF_API_BOOL)},
    {HF_API_ROW(hf_schedule_board_status, unreachable, HF_API_BOOL), .may_be_missing = true},
    {HF_API_ROW(hf_schedule_board_status, quarantined, HF_API_BOOL)},
    {HF_API_ROW(hf_schedule_board_status, given_up, HF_API_BOOL)},
    {HF_API_ROW(hf_schedule_board_status, reserved, HF_API_BOOL)},
    {HF_API_ROW(hf_schedule_board_status, disabled, HF_API_BOOL)},
    {HF_API_ROW_WORD(hf_schedule_board_status, cause, hf_api_faults)},
    {HF_API_ROW(hf_schedule_board_status, done, HF_API_UINT32)},
    {HF_API_ROW(hf_schedule_board_status, failed, HF_API_UINT32)},
    {HF_API_ROW(hf_schedule_board_status, needs_attention, HF_API_BOOL)},
    {HF_API_ROW(hf_schedule_board_status, check_due, HF_API_BOOL)},
    {HF_API_ROW(hf_schedule_board_status, check_requested, HF_API_BOOL)},
};
static const hf_schedule_board_status no_status = {.run = HF_SCHEDULE_NONE, .job = HF_SCHEDULE_NONE};
static const hf_api_type status_type = {
    .size_bytes = sizeof(hf_schedule_board_status),
    .fields = status_rows,
    .field_count = sizeof status_rows / sizeof status_rows[0],
    .defaults = &no_status,
};

static const hf_api_field view_rows[] = {
    {HF_API_ROW(hf_board_view, id, HF_API_TEXT)},
    {HF_API_ROW(hf_board_view, chip, HF_API_TEXT)},
    {HF_API_ROW(hf_board_view, modelled, HF_API_BOOL)},
    {HF_API_ROW(hf_board_view, status, HF_API_OBJECT), .type = &status_type},
    {HF_API_ROW(hf_board_view, job, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_board_view, run, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_board_view, run_id, HF_API_INT64)},
    {HF_API_ROW(hf_board_view, owner, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW_WORD(hf_board_view, phase, hf_api_phases)},
    {HF_API_ROW(hf_board_view, phase_done, HF_API_UINT32)},
    {HF_API_ROW(hf_board_view, phase_of, HF_API_UINT32)},
    {HF_API_ROW(hf_board_view, in_use, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_board_view, failure, HF_API_TEXT)},
    {HF_API_ROW(hf_board_view, quarantine_left_ns, HF_API_UINT64)},
};
const hf_api_type hf_api_board_view_type = HF_API_TYPE(hf_board_view, view_rows);

static const hf_api_field board_rows[] = {
    {HF_API_ROW(hf_api_board, view, HF_API_OBJECT), .type = &hf_api_board_view_type},
    {HF_API_ROW(hf_api_board, disabled_reason, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_board, disabled_by, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_board, disabled_ms, HF_API_INT64), .may_be_missing = true},
    {HF_API_ROW(hf_api_board, reserved_by, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_board, reserved_note, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_board, reserved_ms, HF_API_INT64), .may_be_missing = true},
    {HF_API_ROW(hf_api_board, reserved_until_ms, HF_API_INT64), .may_be_missing = true},
    {HF_API_ROW(hf_api_board, attention, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_board, attention_ms, HF_API_INT64), .may_be_missing = true},
    {HF_API_ROW(hf_api_board, host, HF_API_TEXT), .may_be_unknown = true, .may_be_missing = true},
    {HF_API_ROW(hf_api_board, host_problem, HF_API_TEXT), .may_be_unknown = true, .may_be_missing = true},
    {HF_API_ROW(hf_api_board, host_heard_ms, HF_API_INT64), .may_be_missing = true},
};
const hf_api_type hf_api_board_type = HF_API_TYPE(hf_api_board, board_rows);

static const hf_api_field boards_rows[] = {
    {HF_API_ROW_ARRAY(hf_api_boards, boards, HF_API_OBJECTS, board_count, HF_API_MAX_BOARDS),
     .type = &hf_api_board_type},
};
const hf_api_type hf_api_boards_type = HF_API_TYPE(hf_api_boards, boards_rows);

static const hf_api_field change_rows[] = {
    {HF_API_ROW(hf_api_board_change, until_ms, HF_API_INT64), .may_be_missing = true, .min = 0,
     .max = INT64_MAX},
    {HF_API_ROW(hf_api_board_change, note, HF_API_TEXT), .may_be_unknown = true, .limit = 1000},
    {HF_API_ROW(hf_api_board_change, reason, HF_API_TEXT), .may_be_unknown = true, .limit = 1000},
    {HF_API_ROW(hf_api_board_change, force, HF_API_BOOL), .may_be_missing = true},
};
const hf_api_type hf_api_board_change_type = HF_API_TYPE(hf_api_board_change, change_rows);
