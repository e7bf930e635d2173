/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_SESSIONS_H
#define HF_DAEMON_SESSIONS_H

#include "http/request.h"

/**
 * @file sessions.h
 * Sessions of the dashboard. A browser cannot use the Unix socket, so a user of the socket gets a random token, and whoever
 * sends it over TCP is that user. Tokens are kept as digests, in memory only. Any thread.
 */

typedef struct hf_sessions hf_sessions;

#define HF_SESSION_TOKEN_SIZE 65       /**< 64 hexadecimal digits and a NUL */
#define HF_SESSION_IDLE_MS    43200000 /**< 12 h: so long a session lasts after its last request */
#define HF_SESSIONS_MOST      64       /**< a further one ends the session that was used least recently */

/** @return NULL if out of memory; hf_sessions_free() */
hf_sessions *hf_sessions_new(void);
void hf_sessions_free(hf_sessions *sessions);

/**
 * Begins a session.
 * @param uid    of the user
 * @param now_ms any clock that is the same in all calls
 * @param token  receives the token, of which the daemon keeps only a digest
 * @return HF_EIO if there is no randomness
 */
hf_status hf_sessions_begin(hf_sessions *sessions, uid_t uid, int64_t now_ms,
                            char token[HF_SESSION_TOKEN_SIZE], hf_error *err);
/**
 * Checks the header Authorization of a request.
 * @param authorization NULL = not given
 * @param peer on success the user, as one of this host
 */
bool hf_sessions_check(hf_sessions *sessions, const char *authorization, int64_t now_ms, hf_http_peer *peer);

#endif
