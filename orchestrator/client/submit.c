/* SPDX-License-Identifier: Apache-2.0 */
#include "client/submit.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "upload.h"

#define SUBMIT_DEADLINE_MS                                                                                   \
    UINT64_C(300000) /* the daemon builds every graph of the sweep, to check the spec */
#define MAX_ROUNDS 3 /* the daemon may drop a file between two requests */

hf_status hf_client_describe_files(char *const *paths, size_t count, hf_api_file **out, hf_error *err)
{
    if (count > HF_API_MAX_FILES)
        return HF_FAIL(err, HF_ELIMIT, "the spec needs %zu files: a daemon takes at most %u", count,
                       HF_API_MAX_FILES);
    hf_api_file *files = calloc(count ? count : 1, sizeof *files);
    hf_status status = HF_OK;
    size_t done = 0;
    if (!files)
        return HF_FAIL(err, HF_ENOMEM, "no memory for %zu files", count);
    for (; status == HF_OK && done < count; done++) {
        char sha256[HF_SHA256_HEX_SIZE];
        files[done].path = strdup(paths[done]);
        status = hf_sha256_file(paths[done], sha256, &files[done].size_bytes, err);
        if (status == HF_OK)
            files[done].sha256 = strdup(sha256);
        if (status == HF_OK && (!files[done].path || !files[done].sha256))
            status = HF_FAIL(err, HF_ENOMEM, "no memory for %zu files", count);
    }
    if (status == HF_OK) {
        *out = files;
        return HF_OK;
    }
    for (size_t i = 0; i < done; i++) {
        free(files[i].path);
        free(files[i].sha256);
    }
    free(files);
    return status;
}

static hf_status post(hf_client *client, const hf_api_submission *submission, hf_api_accepted *accepted,
                      hf_api_refusal *refusal, hf_error *err)
{
    const hf_client_call call = {.method = "POST",
                                 .path = "/runs",
                                 .request_type = &hf_api_submission_type,
                                 .request = submission,
                                 .answer_type = &hf_api_accepted_type,
                                 .answer = accepted,
                                 .refusal = refusal,
                                 .deadline_ms = SUBMIT_DEADLINE_MS};
    return hf_client_do(client, &call, err);
}

static int by_content(const void *a, const void *b)
{
    const hf_api_file *const *left = a, *const *right = b;
    return strcmp((*left)->sha256, (*right)->sha256);
}

/* The files in the order of their content. @return the caller's to free(); NULL = out of memory */
static const hf_api_file **sort_files(const hf_api_submission *submission)
{
    const hf_api_file **sorted = calloc(submission->file_count + 1, sizeof(hf_api_file *));
    for (size_t i = 0; sorted && i < submission->file_count; i++)
        sorted[i] = &submission->files[i];
    if (sorted)
        qsort(sorted, submission->file_count, sizeof(hf_api_file *), by_content);
    return sorted;
}

/* Sends what the daemon lacks; it names each content once. */
static hf_status send_missing(hf_client *client, const hf_api_submission *submission,
                              const hf_api_refusal *refusal, const hf_client_upload_observer *observer,
                              hf_error *err)
{
    hf_status status = HF_OK;
    uint64_t bytes = 0;
    const hf_api_file **sorted = sort_files(submission);
    if (!sorted)
        return HF_FAIL(err, HF_ENOMEM, "no memory for %zu files", submission->file_count);
    for (size_t i = 0; status == HF_OK && i < refusal->missing_count; i++) {
        const hf_api_file wanted = {.sha256 = refusal->missing[i]}, *key = &wanted;
        const hf_api_file *const *file =
            bsearch(&key, sorted, submission->file_count, sizeof(hf_api_file *), by_content);
        if (observer && observer->sending)
            observer->sending(observer->user, i, refusal->missing_count, bytes);
        status = file ? hf_client_send_file(client, *file, err)
                      : HF_FAIL_AS(err, HF_FAULT_FARM, HF_EPROTOCOL,
                                   "the daemon at %s asks for a file that the spec does not name: %s",
                                   hf_client_where(client), refusal->missing[i]);
        bytes += file ? (*file)->size_bytes : 0;
    }
    if (status == HF_OK && observer && observer->sending)
        observer->sending(observer->user, refusal->missing_count, refusal->missing_count, bytes);
    free(sorted);
    return status;
}

hf_status hf_client_submit(hf_client *client, const hf_api_submission *submission,
                           const hf_client_upload_observer *observer, hf_api_accepted *accepted,
                           hf_api_refusal *refusal, hf_error *err)
{
    for (int round = 0;; round++) {
        hf_error cause = {0};
        hf_api_refusal refused = {0};
        hf_status status = post(client, submission, accepted, &refused, &cause);
        if (status == HF_OK || !refused.missing_count || round == MAX_ROUNDS) {
            *refusal = refused;
            return status == HF_OK ? HF_OK : hf_error_pass(err, &cause);
        }
        status = send_missing(client, submission, &refused, observer, err);
        hf_api_clear(&hf_api_refusal_type, &refused);
        if (status != HF_OK)
            return status;
    }
}
