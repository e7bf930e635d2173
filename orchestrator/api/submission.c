/* SPDX-License-Identifier: Apache-2.0 */
#include "api/submission.h"

#include "fields.h"
#include "schedule/schedule.h"

#define SHA256_DIGITS 64

static const hf_api_field spec_rows[] = {
    {HF_API_ROW(hf_api_spec, path, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_spec, text, HF_API_TEXT), .may_be_unknown = true, .limit = HF_API_MAX_SPEC_BYTES},
};
static const hf_api_type spec_type = HF_API_TYPE(hf_api_spec, spec_rows);

static const hf_api_field file_rows[] = {
    {HF_API_ROW(hf_api_file, path, HF_API_TEXT)},
    {HF_API_ROW(hf_api_file, sha256, HF_API_TEXT), .limit = SHA256_DIGITS},
    {HF_API_ROW(hf_api_file, size_bytes, HF_API_UINT64)},
};
static const hf_api_type file_type = HF_API_TYPE(hf_api_file, file_rows);

static const hf_api_field option_rows[] = {
    {HF_API_ROW(hf_api_options, only, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_options, boards, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_options, failed, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_options, resume, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_options, baseline, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_options, tag, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_options, title, HF_API_TEXT), .may_be_unknown = true, .limit = 200},
    {HF_API_ROW(hf_api_options, priority, HF_API_INT32), .may_be_missing = true,
     .min = -HF_SCHEDULE_MAX_PRIORITY, .max = HF_SCHEDULE_MAX_PRIORITY},
    {HF_API_ROW(hf_api_options, wait_ms, HF_API_UINT64), .may_be_missing = true},
};
static const hf_api_type options_type = HF_API_TYPE(hf_api_options, option_rows);

static const hf_api_field submission_rows[] = {
    {HF_API_ROW(hf_api_submission, spec, HF_API_OBJECT), .may_be_missing = true, .type = &spec_type},
    {HF_API_ROW_ARRAY(hf_api_submission, files, HF_API_OBJECTS, file_count, HF_API_MAX_FILES),
     .may_be_missing = true, .type = &file_type},
    {HF_API_ROW(hf_api_submission, options, HF_API_OBJECT), .may_be_missing = true, .type = &options_type},
};
const hf_api_type hf_api_submission_type = HF_API_TYPE(hf_api_submission, submission_rows);

static const hf_api_field accepted_rows[] = {
    {HF_API_ROW(hf_api_accepted, key, HF_API_TEXT)},
    {HF_API_ROW(hf_api_accepted, name, HF_API_TEXT)},
    {HF_API_ROW(hf_api_accepted, model_count, HF_API_UINT32)},
    {HF_API_ROW(hf_api_accepted, chip_count, HF_API_UINT32)},
    {HF_API_ROW(hf_api_accepted, board_count, HF_API_UINT32)},
    {HF_API_ROW(hf_api_accepted, job_count, HF_API_UINT32)},
    {HF_API_ROW(hf_api_accepted, selected, HF_API_UINT32)},
    {HF_API_ROW(hf_api_accepted, ahead, HF_API_UINT32)},
    {HF_API_ROW(hf_api_accepted, resumed_id, HF_API_INT64)},
    {HF_API_ROW(hf_api_accepted, measured, HF_API_UINT32)},
    {HF_API_ROW(hf_api_accepted, pruned, HF_API_UINT32)},
    {HF_API_ROW(hf_api_accepted, baseline, HF_API_TEXT), .may_be_unknown = true},
};
const hf_api_type hf_api_accepted_type = HF_API_TYPE(hf_api_accepted, accepted_rows);
