/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_ACCESS_H
#define HF_DAEMON_ACCESS_H

#include "http/request.h"

/**
 * @file access.h
 * Who may do what. Whoever may connect to the socket, or has a token, may read everything, submit runs, and reserve
 * boards. Only the owner of a run, root and the daemon's own user may cancel or change it. The owner is the user of
 * the process that submitted it; over TCP the name of the token.
 */

#define HF_USER_NAME_SIZE 64

/** The name of whoever sent a request: of the user, or its number if it has no name; or of the token. May ask a
 * directory service, so not on the loop's or the server's thread. */
void hf_access_name(const hf_http_peer *peer, char name[HF_USER_NAME_SIZE]);

/**
 * Whether a peer may change what belongs to somebody.
 * @param uid of the owner; -1 = known by name only
 * @param name of the owner; may be NULL
 */
bool hf_access_may_change(const hf_http_peer *peer, int64_t uid, const char *name);

typedef struct hf_tokens hf_tokens;

/**
 * Reads a file of tokens: lines `name:token`; empty lines and those that begin with # are skipped. Others than its
 * owner must not be able to read it.
 * @param out hf_tokens_free()
 */
hf_status hf_tokens_load(const char *path, hf_tokens **out, hf_error *err);
void hf_tokens_free(hf_tokens *tokens);
/** The token in the header Authorization, "Bearer TOKEN"; NULL if it has none. @param authorization NULL = not given */
const char *hf_bearer_token(const char *authorization);
/** Checks the header Authorization of a request. @param authorization NULL = not given. @param name set on success */
bool hf_tokens_check(const hf_tokens *tokens, const char *authorization, char name[HF_USER_NAME_SIZE]);

#endif
