/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_JOINING_TOKEN_H
#define HF_JOINING_TOKEN_H

#include "credentials/credentials.h"

/**
 * @file token.h
 * The text that lets one host join a farm, once: where the NATS server is, the certificate of the farm's authority, the name of the host,
 * and a key with a certificate that may do nothing but ask for another one. Whoever has the text can join in place of the host.
 *
 * "hfjoin1_", then in base64url: the fields in the order of hf_join_token, each with its length in two bytes, most significant first.
 */

#define HF_JOIN_HOST_MAX  40   /**< characters of a host's name */
#define HF_JOIN_TOKEN_MAX 8192 /**< characters of a token */

typedef struct hf_join_token {
    char url[192];
    char host[HF_JOIN_HOST_MAX + 1];
    char id[HF_CREDENTIAL_ID_SIZE]; /**< number of the invitation */
    int64_t until_s;                /**< when its certificate expires */
    hf_buffer authority;            /**< PEM; free all three with hf_join_token_free() */
    hf_buffer certificate, key;     /**< PEM */
} hf_join_token;

/** Whether a text can be the name of a host: letters, digits, '_' and '-', not beginning as names of the farm's programs do. */
bool hf_join_host_ok(const char *name);

/** @param out receives the token; clear it with hf_secret_free() */
hf_status hf_join_token_encode(const char *url, const char *host, const hf_key *key,
                               const hf_certificate *certificate, const hf_certificate *authority,
                               hf_buffer *out, hf_error *err);
/** @param text may have white space around it @return HF_OK; HF_EFORMAT: not a token, or damaged. The message has nothing of it. */
hf_status hf_join_token_decode(const char *text, hf_join_token *out, hf_error *err);
void hf_join_token_free(hf_join_token *token);

/** Identities in certificates: "hilfarm:KIND:NAME:ID". */
#define HF_IDENTITY_FARM       "farm"
#define HF_IDENTITY_HOST       "host"
#define HF_IDENTITY_INVITATION "join"
void hf_identity_make(char out[HF_IDENTITY_SIZE], const char *kind, const char *name, const char *id);
/** Takes an identity apart. @param name size HF_JOIN_HOST_MAX + 1 @return false: of another kind, or malformed */
bool hf_identity_read(const char *identity, const char *kind, char *name, char id[HF_CREDENTIAL_ID_SIZE]);

#endif
