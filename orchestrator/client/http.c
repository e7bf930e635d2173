/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hf_status hf_client_prepare(hf_client *client, CURL *curl, const char *method, const char *path,
                            hf_error *err)
{
    char *url = NULL;
    curl_easy_reset(curl); /* keeps the connection */
    client->failure[0] = '\0';
    if (asprintf(&url, "%s" HF_API_PREFIX "%s", client->base, path) < 0)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a request");
    CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, url);
    free(url);
    if (code == CURLE_OK && client->is_unix)
        code = curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->where);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_HTTPHEADER, client->headers);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    if (code != CURLE_OK)
        return hf_client_curl_failure(client, code, "", err);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->failure);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)HF_CLIENT_CONNECT_MS);
    return HF_OK;
}

static hf_status status_of(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return HF_ENOTFOUND;
    case CURLE_OPERATION_TIMEDOUT:
        return HF_ETIMEOUT;
    case CURLE_OUT_OF_MEMORY:
        return HF_ENOMEM;
    case CURLE_UNSUPPORTED_PROTOCOL: /* something else listens there */
        return HF_EUNSUPPORTED;
    case CURLE_URL_MALFORMAT:
        return HF_EINVALID;
    default:
        return HF_EIO;
    }
}

hf_status hf_client_curl_failure(const hf_client *client, CURLcode code, const char *detail, hf_error *err)
{
    if (code == CURLE_COULDNT_CONNECT)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND, "no daemon listens at %s", client->where);
    return HF_FAIL_AS(err, HF_FAULT_FARM, status_of(code), "the daemon at %s: %s", client->where,
                      *detail ? detail : curl_easy_strerror(code));
}

hf_status hf_client_refused(const hf_client *client, long status, const hf_buffer *body,
                            hf_api_refusal *refusal, hf_error *err)
{
    hf_api_refusal read = {0};
    if (body->size && hf_api_read(&hf_api_refusal_type, body->data, body->size, &read, NULL) == HF_OK &&
        read.error.status != HF_OK) {
        hf_status cause = hf_api_failure_pass(err, &read.error);
        *refusal = read;
        return cause;
    }
    hf_api_clear(&hf_api_refusal_type, &read);
    hf_status unclear = status == 401 || status == 403 ? HF_EINVALID
                        : status == 404                ? HF_ENOTFOUND
                        : status == 503                ? HF_EBUSY
                                                       : HF_EPROTOCOL;
    return HF_FAIL_AS(err, HF_FAULT_FARM, unclear, "the daemon at %s answers with HTTP status %ld",
                      client->where, status);
}
