/* SPDX-License-Identifier: Apache-2.0 */
#include "submitted.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hf_status hf_submitted_write(const hf_submitted *submitted, hf_buffer *out, hf_error *err)
{
    json_t *head = json_pack("{s:s, s:s, s:I, s:I, s:b}", "key", submitted->key, "owner", submitted->owner,
                             "uid", (json_int_t)submitted->uid, "submitted_ms",
                             (json_int_t)submitted->submitted_ms, "resumes", (int)submitted->resumes);
    char *line = head ? json_dumps(head, JSON_COMPACT) : NULL;
    json_decref(head);
    if (!line)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to keep a submission");
    hf_buffer_puts(out, line);
    hf_buffer_putc(out, '\n');
    free(line);
    return hf_api_write(&hf_api_submission_type, &submitted->submission, out, err);
}

static hf_status read_head(const char *text, size_t size, hf_submitted *out, hf_error *err)
{
    json_error_t error;
    const char *key = "", *owner = "";
    json_int_t uid = -1, submitted_ms = 0;
    int resumes = 0;
    json_t *head = json_loadb(text, size, 0, &error);
    const int unpacked =
        head ? json_unpack_ex(head, &error, 0, "{s:s, s:s, s:I, s:I, s:b}", "key", &key, "owner", &owner,
                              "uid", &uid, "submitted_ms", &submitted_ms, "resumes", &resumes)
             : -1;
    hf_status status = HF_OK;
    if (unpacked != 0)
        status = HF_FAIL(err, HF_EFORMAT, "a submission in the spool is damaged: %s", error.text);
    else if (!hf_store_key_is_valid(key))
        status = HF_FAIL(err, HF_EFORMAT,
                         "a submission in the spool is damaged: '%.32s' is not the key of a run", key);
    if (status == HF_OK) {
        snprintf(out->key, sizeof out->key, "%s", key);
        out->owner = strdup(owner);
        out->uid = uid;
        out->submitted_ms = submitted_ms;
        out->resumes = resumes;
        if (!out->owner)
            status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to read a submission");
    }
    json_decref(head);
    return status;
}

hf_status hf_submitted_read(const char *spool_key, const char *text, size_t size_bytes, hf_submitted *out,
                            hf_error *err)
{
    const char *end = memchr(text, '\n', size_bytes);
    if (!end)
        return HF_FAIL(err, HF_EFORMAT, "a submission in the spool is damaged: it has only one line");
    *out = (hf_submitted){0};
    snprintf(out->spool_key, sizeof out->spool_key, "%s", spool_key);
    hf_status status = read_head(text, (size_t)(end - text), out, err);
    if (status == HF_OK)
        status = hf_api_read(&hf_api_submission_type, end + 1, size_bytes - (size_t)(end + 1 - text),
                             &out->submission, err);
    if (status != HF_OK)
        hf_submitted_clear(out);
    return status;
}

void hf_submitted_clear(hf_submitted *submitted)
{
    free(submitted->owner);
    hf_api_clear(&hf_api_submission_type, &submitted->submission);
    *submitted = (hf_submitted){0};
}
