/* SPDX-License-Identifier: Apache-2.0 */
#include "api/run.h"

#include "api/board.h"
#include "fields.h"

static const hf_api_field progress_rows[] = {
    {HF_API_ROW(hf_schedule_progress, done, HF_API_UINT32)},
    {HF_API_ROW(hf_schedule_progress, failed, HF_API_UINT32)},
    {HF_API_ROW(hf_schedule_progress, not_run, HF_API_UINT32)},
    {HF_API_ROW(hf_schedule_progress, excluded, HF_API_UINT32)},
    {HF_API_ROW(hf_schedule_progress, running, HF_API_UINT32)},
    {HF_API_ROW(hf_schedule_progress, waiting, HF_API_UINT32)},
    {HF_API_ROW(hf_schedule_progress, stopping, HF_API_BOOL)},
    {HF_API_ROW(hf_schedule_progress, over, HF_API_BOOL)},
};
static const hf_api_type progress_type = HF_API_TYPE(hf_schedule_progress, progress_rows);

static const hf_api_field view_rows[] = {
    {HF_API_ROW(hf_run_view, name, HF_API_TEXT)},
    {HF_API_ROW(hf_run_view, run_id, HF_API_INT64)},
    {HF_API_ROW_WORD(hf_run_view, stage, hf_api_run_stages)},
    {HF_API_ROW(hf_run_view, job_count, HF_API_UINT32)},
    {HF_API_ROW(hf_run_view, progress, HF_API_OBJECT), .type = &progress_type},
    {HF_API_ROW(hf_run_view, pruned, HF_API_UINT32)},
    {HF_API_ROW_ARRAY(hf_run_view, boards, HF_API_OBJECTS, board_count, HF_API_MAX_BOARDS),
     .type = &hf_api_board_view_type},
    {HF_API_ROW(hf_run_view, elapsed_ns, HF_API_UINT64)},
    {HF_API_ROW(hf_run_view, kept, HF_API_UINT32)},
    {HF_API_ROW(hf_run_view, in_memory, HF_API_UINT32)},
    {HF_API_ROW(hf_run_view, left_ns, HF_API_UINT64), .may_be_unknown = true},
};
const hf_api_type hf_api_run_view_type = HF_API_TYPE(hf_run_view, view_rows);

static const hf_api_field event_rows[] = {
    {HF_API_ROW_WORD(hf_run_event, kind, hf_api_run_events)},
    {HF_API_ROW(hf_run_event, job, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_run_event, chip, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_run_event, board, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_run_event, attempt, HF_API_UINT32)},
    {HF_API_ROW_WORD(hf_run_event, fault, hf_api_faults)},
    {HF_API_ROW(hf_run_event, message, HF_API_TEXT)},
    {HF_API_ROW(hf_run_event, latency_ns, HF_API_REAL)},
    {HF_API_ROW(hf_run_event, quarantine_ns, HF_API_UINT64)},
    {HF_API_ROW(hf_run_event, modelled, HF_API_BOOL)},
    {HF_API_ROW(hf_run_event, finished, HF_API_UINT32)},
    {HF_API_ROW(hf_run_event, job_count, HF_API_UINT32)},
};
const hf_api_type hf_api_run_event_type = HF_API_TYPE(hf_run_event, event_rows);

static const hf_api_field summary_rows[] = {
    {HF_API_ROW(hf_run_summary, run_id, HF_API_INT64)},
    {HF_API_ROW_WORD(hf_run_summary, state, hf_api_run_states)},
    {HF_API_ROW(hf_run_summary, measured, HF_API_UINT32)},
    {HF_API_ROW(hf_run_summary, failed, HF_API_UINT32)},
    {HF_API_ROW(hf_run_summary, not_run, HF_API_UINT32)},
    {HF_API_ROW(hf_run_summary, pruned, HF_API_UINT32)},
    {HF_API_ROW(hf_run_summary, in_use, HF_API_UINT32)},
    {HF_API_ROW(hf_run_summary, no_board, HF_API_UINT32)},
    {HF_API_ROW(hf_run_summary, dead_boards, HF_API_UINT32)},
    {HF_API_ROW(hf_run_summary, prepared, HF_API_UINT32)},
    {HF_API_ROW(hf_run_summary, prepared_before, HF_API_UINT32)},
    {HF_API_ROW(hf_run_summary, interrupted, HF_API_BOOL)},
};
static const hf_api_type summary_type = HF_API_TYPE(hf_run_summary, summary_rows);

static const hf_api_field end_rows[] = {
    {HF_API_ROW(hf_api_run_end, key, HF_API_TEXT)},
    {HF_API_ROW(hf_api_run_end, name, HF_API_TEXT)},
    {HF_API_ROW(hf_api_run_end, summary, HF_API_OBJECT), .type = &summary_type},
    {HF_API_ROW(hf_api_run_end, error, HF_API_OBJECT), .type = &hf_api_failure_type},
    {HF_API_ROW(hf_api_run_end, missed, HF_API_UINT32)},
    {HF_API_ROW(hf_api_run_end, compared, HF_API_BOOL)},
    {HF_API_ROW(hf_api_run_end, regressed, HF_API_UINT32)},
    {HF_API_ROW(hf_api_run_end, improved, HF_API_UINT32)},
};
const hf_api_type hf_api_run_end_type = HF_API_TYPE(hf_api_run_end, end_rows);

static const hf_api_field gap_rows[] = {{HF_API_ROW(hf_api_gap, events, HF_API_UINT64)}};
const hf_api_type hf_api_gap_type = HF_API_TYPE(hf_api_gap, gap_rows);
