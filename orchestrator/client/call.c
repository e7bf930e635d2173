/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"

#define MAX_TEXT_BYTES (UINT64_C(1) << 30) /* of a rendered report */

static size_t take_body(char *bytes, size_t size, size_t count, void *user)
{
    hf_buffer *body = user;
    hf_buffer_append(body, bytes, size * count);
    return body->failed ? 0 : size * count;
}

/* Sends a prepared request. The body of the answer goes into `body`, whatever the status. */
static hf_status perform(hf_client *client, uint64_t deadline_ms, hf_buffer *body, long *http_status,
                         hf_error *err)
{
    curl_easy_setopt(client->calls, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(client->calls, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(client->calls, CURLOPT_TIMEOUT_MS, (long)deadline_ms);
    CURLcode code = curl_easy_perform(client->calls);
    if (body->failed)
        return HF_FAIL(err, HF_ELIMIT, "the daemon at %s answers with more than %zu bytes", client->where,
                       body->limit);
    if (code != CURLE_OK)
        return hf_client_curl_failure(client, code, client->failure, err);
    curl_easy_getinfo(client->calls, CURLINFO_RESPONSE_CODE, http_status);
    return HF_OK;
}

static hf_status read_answer(const hf_client *client, const hf_client_call *call, long http_status,
                             const hf_buffer *body, hf_error *err)
{
    hf_error cause = {0};
    if (http_status < 200 || http_status > 299) {
        hf_api_refusal refusal = {0};
        hf_status status = hf_client_refused(client, http_status, body, &refusal, err);
        if (call->refusal)
            *call->refusal = refusal;
        else
            hf_api_clear(&hf_api_refusal_type, &refusal);
        return status;
    }
    if (!call->answer ||
        hf_api_read(call->answer_type, hf_buffer_text(body), body->size, call->answer, &cause) == HF_OK)
        return HF_OK;
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EPROTOCOL,
                      "the daemon at %s answers %s in an unexpected way: %s", client->where, call->path,
                      cause.message);
}

hf_status hf_client_do(hf_client *client, const hf_client_call *call, hf_error *err)
{
    long http_status = 0;
    hf_buffer request = HF_BUFFER_INIT, body = {.limit = HF_API_MAX_BYTES};
    hf_status status = hf_client_prepare(client, client->calls, call->method, call->path, err);
    if (status == HF_OK && call->request)
        status = hf_api_write(call->request_type, call->request, &request, err);
    if (status == HF_OK && strcmp(call->method, "GET") != 0) {
        curl_easy_setopt(client->calls, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request.size);
        curl_easy_setopt(client->calls, CURLOPT_POSTFIELDS, hf_buffer_text(&request));
    }
    if (status == HF_OK)
        status = perform(client, call->deadline_ms ? call->deadline_ms : HF_CLIENT_DEADLINE_MS, &body,
                         &http_status, err);
    if (status == HF_OK)
        status = read_answer(client, call, http_status, &body, err);
    hf_buffer_free(&request);
    hf_buffer_free(&body);
    return status;
}

hf_status hf_client_get_text(hf_client *client, const char *path, hf_buffer *out, hf_error *err)
{
    long http_status = 0;
    hf_buffer body = {.limit = MAX_TEXT_BYTES};
    hf_status status = hf_client_prepare(client, client->calls, "GET", path, err);
    if (status == HF_OK) {
        curl_easy_setopt(client->calls, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(client->calls, CURLOPT_LOW_SPEED_TIME,
                         2 * HF_CLIENT_SILENCE_S); /* rendering takes time */
        status = perform(client, 0, &body, &http_status, err);
    }
    if (status == HF_OK && http_status != 200)
        status = read_answer(client, &(hf_client_call){.path = path}, http_status, &body, err);
    if (status == HF_OK) {
        hf_buffer_append(out, body.data, body.size);
        if (out->failed)
            status = HF_FAIL(err, HF_ENOMEM, "no memory for %zu bytes of %s", body.size, path);
    }
    hf_buffer_free(&body);
    return status;
}

char *hf_client_path(const char *before, const char *word, const char *after)
{
    char *path = NULL, *escaped = curl_easy_escape(NULL, word, 0);
    if (!escaped || asprintf(&path, "%s%s%s", before, escaped, after) < 0)
        path = NULL;
    curl_free(escaped);
    return path;
}
