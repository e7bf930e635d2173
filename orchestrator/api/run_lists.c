/* SPDX-License-Identifier: Apache-2.0 */
/* The queue, the runs in the store, and changing one. */
#include "api/run.h"
#include "fields.h"

static const hf_api_field queue_entry_rows[] = {
    {HF_API_ROW(hf_api_queue_entry, key, HF_API_TEXT)},
    {HF_API_ROW(hf_api_queue_entry, run_id, HF_API_INT64)},
    {HF_API_ROW(hf_api_queue_entry, name, HF_API_TEXT)},
    {HF_API_ROW(hf_api_queue_entry, title, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_queue_entry, owner, HF_API_TEXT)},
    {HF_API_ROW(hf_api_queue_entry, priority, HF_API_INT32)},
    {HF_API_ROW_WORD(hf_api_queue_entry, state, hf_api_queue_states)},
    {HF_API_ROW(hf_api_queue_entry, submitted_ms, HF_API_INT64)},
    {HF_API_ROW(hf_api_queue_entry, started_ms, HF_API_INT64)},
    {HF_API_ROW(hf_api_queue_entry, job_count, HF_API_UINT32)},
    {HF_API_ROW(hf_api_queue_entry, measured, HF_API_UINT32)},
    {HF_API_ROW(hf_api_queue_entry, failed, HF_API_UINT32)},
    {HF_API_ROW(hf_api_queue_entry, not_run, HF_API_UINT32)},
    {HF_API_ROW(hf_api_queue_entry, pruned, HF_API_UINT32)},
    {HF_API_ROW(hf_api_queue_entry, running, HF_API_UINT32)},
    {HF_API_ROW(hf_api_queue_entry, left_ns, HF_API_UINT64), .may_be_unknown = true},
};
const hf_api_type hf_api_queue_entry_type = HF_API_TYPE(hf_api_queue_entry, queue_entry_rows);

static const hf_api_field queue_rows[] = {
    {HF_API_ROW_ARRAY(hf_api_queue, runs, HF_API_OBJECTS, run_count, HF_API_MAX_RUNS),
     .type = &hf_api_queue_entry_type},
};
const hf_api_type hf_api_queue_type = HF_API_TYPE(hf_api_queue, queue_rows);

static const hf_api_field limit_rows[] = {
    {HF_API_ROW(hf_limits, ram_bytes, HF_API_INT64)},
    {HF_API_ROW(hf_limits, rom_bytes, HF_API_INT64)},
    {HF_API_ROW(hf_limits, macs, HF_API_INT64)},
};
static const hf_api_type limits_type = HF_API_TYPE(hf_limits, limit_rows);

/* Left out: the texts of spec and farm file, which a list does not need. */
static const hf_api_field run_row_rows[] = {
    {HF_API_ROW(hf_run_row, id, HF_API_INT64)},
    {HF_API_ROW(hf_run_row, key, HF_API_TEXT)},
    {HF_API_ROW(hf_run_row, name, HF_API_TEXT)},
    {HF_API_ROW(hf_run_row, owner, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_run_row, priority, HF_API_INT32)},
    {HF_API_ROW(hf_run_row, spec_path, HF_API_TEXT)},
    {HF_API_ROW(hf_run_row, farm_path, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_run_row, started_ms, HF_API_INT64)},
    {HF_API_ROW(hf_run_row, finished_ms, HF_API_INT64)},
    {HF_API_ROW(hf_run_row, duration_ns, HF_API_INT64)},
    {HF_API_ROW(hf_run_row, resumptions, HF_API_INT32)},
    {HF_API_ROW(hf_run_row, compared, HF_API_BOOL)},
    {HF_API_ROW(hf_run_row, regressed, HF_API_INT32)},
    {HF_API_ROW(hf_run_row, baseline, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_run_row, trimmed_ms, HF_API_INT64)},
    {HF_API_ROW_WORD(hf_run_row, state, hf_api_run_states)},
    {HF_API_ROW(hf_run_row, hilfarm_version, HF_API_TEXT)},
    {HF_API_ROW(hf_run_row, openocd_version, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_run_row, host, HF_API_TEXT)},
    {HF_API_ROW(hf_run_row, pid, HF_API_INT64)},
    {HF_API_ROW(hf_run_row, warmup, HF_API_INT32)},
    {HF_API_ROW(hf_run_row, runs, HF_API_INT32)},
    {HF_API_ROW(hf_run_row, limits, HF_API_OBJECT), .type = &limits_type},
    {HF_API_ROW(hf_run_row, tags, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_run_row, measured, HF_API_INT32)},
    {HF_API_ROW(hf_run_row, failed, HF_API_INT32)},
    {HF_API_ROW(hf_run_row, not_run, HF_API_INT32)},
    {HF_API_ROW(hf_run_row, pruned, HF_API_INT32)},
    {HF_API_ROW(hf_run_row, dead_boards, HF_API_INT32)},
};
const hf_api_type hf_api_run_row_type = HF_API_TYPE(hf_run_row, run_row_rows);

static const hf_api_field runs_rows[] = {
    {HF_API_ROW_ARRAY(hf_api_runs, runs, HF_API_OBJECTS, run_count, HF_API_MAX_RUNS),
     .type = &hf_api_run_row_type},
};
const hf_api_type hf_api_runs_type = HF_API_TYPE(hf_api_runs, runs_rows);

static const hf_api_field change_rows[] = {
    {HF_API_ROW(hf_api_run_change, priority, HF_API_INT32), .may_be_missing = true,
     .min = -HF_SCHEDULE_MAX_PRIORITY, .max = HF_SCHEDULE_MAX_PRIORITY},
    {HF_API_ROW(hf_api_run_change, tag, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_run_change, move, HF_API_BOOL), .may_be_missing = true},
};
const hf_api_type hf_api_run_change_type = HF_API_TYPE(hf_api_run_change, change_rows);
