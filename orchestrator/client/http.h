/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLIENT_HTTP_H
#define HF_CLIENT_HTTP_H

#include <curl/curl.h>
#include <sys/stat.h>

#include "client/client.h"

/**
 * @file http.h
 * libcurl: handles, headers and what its failures mean.
 */

#define HF_CLIENT_CONNECT_MS  UINT64_C(5000)
#define HF_CLIENT_DEADLINE_MS UINT64_C(30000)
#define HF_CLIENT_SILENCE_S                                                                                  \
    30L /* without a byte, a connection is dead; the daemon says something every 10 s */

struct hf_client {
    char *where;
    char *base; /* "http://hilfarmd", or as in `where` */
    bool is_unix;
    CURL *calls;                /* for calls one after the other, on one connection */
    struct curl_slist *headers; /* for all requests */
    char failure[CURL_ERROR_SIZE];
    hf_api_daemon daemon;
};

/**
 * Prepares a handle for a request of the client.
 * @param path after /api/v1
 */
hf_status hf_client_prepare(hf_client *client, CURL *curl, const char *method, const char *path,
                            hf_error *err);

#define HF_CLIENT_DENIAL_SIZE 160
/**
 * Whether this process may not connect to the daemon's socket, which curl does not tell from nobody listening.
 * @param text who may; written if so, HF_CLIENT_DENIAL_SIZE bytes are enough
 */
bool hf_client_is_denied(const hf_client *client, char *text, size_t size);
/** Who may connect to a socket of this owner and mode: "expected a member of its group hilfarm". */
void hf_client_denial_text(const struct stat *socket, char *text, size_t size);

/** Records why a request failed. @param detail curl's own words; may be "" */
hf_status hf_client_curl_failure(const hf_client *client, CURLcode code, const char *detail, hf_error *err);

/**
 * Records a refusal: the failure in the body, or the status alone.
 * @param refusal filled; hf_api_clear()
 */
hf_status hf_client_refused(const hf_client *client, long status, const hf_buffer *body,
                            hf_api_refusal *refusal, hf_error *err);

#endif
