/* SPDX-License-Identifier: Apache-2.0 */
#include "api/failure.h"

#include "fields.h"

static const hf_api_field diagnostic_rows[] = {
    {HF_API_ROW(hf_api_diagnostic, file, HF_API_TEXT)},
    {HF_API_ROW(hf_api_diagnostic, line, HF_API_UINT32)},
    {HF_API_ROW(hf_api_diagnostic, column, HF_API_UINT32)},
    {HF_API_ROW(hf_api_diagnostic, text, HF_API_TEXT)},
};
static const hf_api_type diagnostic_type = HF_API_TYPE(hf_api_diagnostic, diagnostic_rows);

static const hf_api_field failure_rows[] = {
    {HF_API_ROW_WORD(hf_api_failure, status, hf_api_statuses)},
    {HF_API_ROW_WORD(hf_api_failure, fault, hf_api_faults)},
    {HF_API_ROW_WORD(hf_api_failure, lasting, hf_api_lastings)},
    {HF_API_ROW(hf_api_failure, message, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW_ARRAY(hf_api_failure, diagnostics, HF_API_OBJECTS, diagnostic_count, HF_API_MAX_DIAGNOSTICS),
     .may_be_missing = true, .type = &diagnostic_type},
    {HF_API_ROW(hf_api_failure, diagnostic_total, HF_API_UINT32), .may_be_missing = true},
};
const hf_api_type hf_api_failure_type = HF_API_TYPE(hf_api_failure, failure_rows);

static const hf_api_field refusal_rows[] = {
    {HF_API_ROW(hf_api_refusal, error, HF_API_OBJECT), .type = &hf_api_failure_type},
    {HF_API_ROW_ARRAY(hf_api_refusal, missing, HF_API_TEXTS, missing_count, HF_API_MAX_FILES),
     .may_be_missing = true},
};
const hf_api_type hf_api_refusal_type = HF_API_TYPE(hf_api_refusal, refusal_rows);

hf_api_failure hf_api_failure_of(const hf_error *err)
{
    return (hf_api_failure){
        .status = err->status, .fault = err->fault, .lasting = err->lasting, .message = (char *)err->message};
}

hf_status hf_api_failure_pass(hf_error *err, const hf_api_failure *failure)
{
    hf_error cause = {0};
    if (failure->status == HF_OK)
        return HF_OK;
    (void)HF_FAIL_AS(&cause, failure->fault, failure->status, "%s", failure->message ? failure->message : "");
    cause.lasting = failure->lasting;
    return hf_error_pass(err, &cause);
}
