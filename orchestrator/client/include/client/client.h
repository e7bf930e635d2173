/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLIENT_CLIENT_H
#define HF_CLIENT_CLIENT_H

#include <stdbool.h>

#include "api/api.h"
#include "api/daemon.h"
#include "api/failure.h"

/**
 * @file client.h
 * The client of hilfarmd: finding the daemon, and calls of its API over HTTP. Calls block, with deadlines. One thread
 * per client.
 */

typedef struct hf_client hf_client;

/**
 * Where the daemon is: $HILFARM_SOCKET, else $XDG_RUNTIME_DIR/hilfarm/hilfarmd.sock if it exists, else
 * /run/hilfarm/hilfarmd.sock. $HILFARM_SOCKET is the path of a Unix socket, or http://HOST:PORT, for which
 * $HILFARM_TOKEN_FILE names a file that holds the token; empty = there is no daemon.
 * @return the address, the caller's to free(); "" if there is no daemon; NULL when out of memory
 */
char *hf_client_address(void);

/**
 * Connects to the daemon at an address and checks that it speaks this version of the API.
 * @param address from hf_client_address()
 * @param out hf_client_free()
 * @return HF_OK; HF_ENOTFOUND: nobody listens there; HF_EUNSUPPORTED: it speaks another version, or it is no hilfarmd;
 * HF_EINVALID: the token or the access rights do not suffice; HF_EIO; HF_ETIMEOUT; HF_ENOMEM
 */
hf_status hf_client_open(const char *address, hf_client **out, hf_error *err);
/** NULL allowed. */
void hf_client_free(hf_client *client);

/** What the daemon said of itself. Valid as long as the client. */
const hf_api_daemon *hf_client_daemon(const hf_client *client);
/** Whether the daemon is on this host, so that the paths it names are paths here. */
bool hf_client_is_local(const hf_client *client);
/** As given to hf_client_open(). */
const char *hf_client_where(const hf_client *client);

/** A call. Pointers are borrowed. */
typedef struct hf_client_call {
    const char *method; /**< "GET" */
    const char *path;   /**< after /api/v1, escaped: hf_client_path() */
    const hf_api_type *request_type;
    const void *request; /**< NULL = no body */
    const hf_api_type *answer_type;
    void *answer;            /**< NULL = whatever it answers is ignored; hf_api_clear() */
    hf_api_refusal *refusal; /**< filled if the daemon refused; hf_api_clear(). NULL = not needed */
    uint64_t deadline_ms;    /**< 0 = 30 s */
} hf_client_call;

/**
 * Makes a call.
 * @return HF_OK; the status that the daemon gave when it refused, with its message; HF_EPROTOCOL for an answer that is
 * not as the API says; HF_EIO if the daemon cannot be reached; HF_ETIMEOUT
 */
hf_status hf_client_do(hf_client *client, const hf_client_call *call, hf_error *err);

/**
 * Gets a text that the daemon renders, such as a report.
 * @param out appended to on HF_OK
 */
hf_status hf_client_get_text(hf_client *client, const char *path, hf_buffer *out, hf_error *err);

/**
 * A path such as /runs/RUN/cancel with a word that a user gave, escaped.
 * @return the caller's to free(); NULL when out of memory
 */
char *hf_client_path(const char *before, const char *word, const char *after);

#endif
