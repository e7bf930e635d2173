/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "session_internal.h"

bool hf_frame_is(const hf_frame *frame, const char *type)
{
    return strcmp(frame->type, type) == 0;
}

bool hf_field_u32(const hf_frame *frame, const char *key, uint32_t *out)
{
    uint64_t value;
    if (!hf_frame_get_u64(frame, key, &value) || value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

bool hf_field_text(const hf_frame *frame, const char *key, char *out, size_t size)
{
    const char *value = hf_frame_get(frame, key);
    if (!value || strlen(value) >= size)
        return false;
    memcpy(out, value, strlen(value) + 1);
    return true;
}

const char *hf_field_or(const hf_frame *frame, const char *key, const char *otherwise)
{
    const char *value = hf_frame_get(frame, key);
    return value ? value : otherwise;
}

hf_status hf_bad_record(const hf_frame *frame, hf_error *err)
{
    return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EPROTOCOL,
                      "the board's record '%s' lacks a field, has an invalid one or is out of order",
                      frame->type);
}

hf_status hf_session_refusal(const hf_frame *frame, const char *request, hf_error *err)
{
    const char *code = hf_field_or(frame, "code", "?");
    bool of_job = strcmp(code, "model") == 0 || strcmp(code, "arena") == 0 || strcmp(code, "argument") == 0;
    return HF_FAIL_AS(err, of_job ? HF_FAULT_JOB : HF_FAULT_BOARD, HF_ETARGET,
                      "the board rejected '%s': %s (code %s)", request, hf_field_or(frame, "text", "no text"),
                      code);
}
