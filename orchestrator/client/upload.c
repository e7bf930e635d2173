/* SPDX-License-Identifier: Apache-2.0 */
#include "upload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"

typedef struct content {
    FILE *file;
    uint64_t left_bytes; /* to send */
    bool changed;        /* it has become shorter, or cannot be read any more */
} content;

static size_t give_bytes(char *bytes, size_t size, size_t count, void *user)
{
    content *c = user;
    const size_t wanted = size * count < c->left_bytes ? size * count : (size_t)c->left_bytes;
    const size_t got = fread(bytes, 1, wanted, c->file);
    c->left_bytes -= got;
    c->changed = got < wanted;
    return c->changed ? CURL_READFUNC_ABORT : got;
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *user)
{
    hf_buffer_append(user, bytes, size * count);
    return size * count; /* a refusal that is too long is cut off */
}

static hf_status send_open_file(hf_client *client, const hf_api_file *file, FILE *open_file, hf_error *err)
{
    char path[96];
    long http_status = 0;
    hf_buffer body = {.limit = HF_API_MAX_TEXT_BYTES};
    content c = {.file = open_file, .left_bytes = file->size_bytes};
    snprintf(path, sizeof path, "/files/%s", file->sha256);
    CURL *curl = client->calls;
    hf_status status = hf_client_prepare(client, curl, "PUT", path, err);
    if (status != HF_OK)
        return status;
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)file->size_bytes);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_bytes);
    curl_easy_setopt(curl, CURLOPT_READDATA, &c);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, HF_CLIENT_SILENCE_S);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http_status);
    if (c.changed)
        status = HF_FAIL(err, HF_EMISMATCH, "%s changed while it was sent: expected %llu bytes", file->path,
                         (unsigned long long)file->size_bytes);
    else if (code != CURLE_OK && http_status < 400) /* a refusal before the end of the upload says why */
        status = hf_client_curl_failure(client, code, client->failure, err);
    else if (http_status < 200 || http_status > 299) {
        hf_api_refusal refusal = {0};
        status = hf_client_refused(client, http_status, &body, &refusal, err);
        hf_api_clear(&hf_api_refusal_type, &refusal);
        hf_error_context(err, HF_FAULT_NONE, "sending %s", file->path);
    }
    hf_buffer_free(&body);
    return status;
}

hf_status hf_client_send_file(hf_client *client, const hf_api_file *file, hf_error *err)
{
    FILE *open_file = fopen(file->path, "rbe");
    if (!open_file)
        return HF_FAIL(err, HF_EIO, "cannot open %s: %s", file->path, strerror(errno));
    hf_status status = send_open_file(client, file, open_file, err);
    fclose(open_file);
    return status;
}
