/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CREDENTIALS_CREDENTIALS_H
#define HF_CREDENTIALS_CREDENTIALS_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/**
 * @file credentials.h
 * Keys, certificate requests and certificates of a farm's own authority: Ed25519 (RFC 8032) in X.509 version 3 (RFC 5280, RFC 8410), by
 * OpenSSL. A certificate names whom it is for in a URI among its alternative names: the NATS server finds the permissions by it.
 *
 * Functions that fill a buffer leave it `failed` when out of memory. Messages never contain a key.
 */

#define HF_KEY_SEED_SIZE      32 /**< bytes of a private key */
#define HF_CREDENTIAL_ID_SIZE 17 /**< 16 hexadecimal digits, and the NUL */
#define HF_IDENTITY_SIZE      96
#define HF_CREDENTIAL_LIMIT   8192 /**< bytes; a larger text is not parsed */

/* ---- Keys ---- */

/** A key pair, or a public key alone. */
typedef struct hf_key hf_key;

hf_status hf_key_generate(hf_key **out, hf_error *err);
/** The key pair of a seed. */
hf_status hf_key_from_seed(const uint8_t seed[HF_KEY_SEED_SIZE], hf_key **out, hf_error *err);
/** @return HF_OK; HF_EINVALID if there is no private part */
hf_status hf_key_seed(const hf_key *key, uint8_t seed[HF_KEY_SEED_SIZE], hf_error *err);
/** Reads a private key. @return HF_OK; HF_EFORMAT */
hf_status hf_key_parse(const char *pem, size_t size, hf_key **out, hf_error *err);
/** The private key as PEM; clear the buffer's memory with hf_secret_free(). */
void hf_key_pem(const hf_key *key, hf_buffer *out);
/** The public key as PEM; the same for the same key. */
void hf_key_public(const hf_key *key, hf_buffer *out);
void hf_key_free(hf_key *key);
/** Overwrites a buffer's contents and frees it. */
void hf_secret_free(hf_buffer *buffer);
/** Fills `size` bytes with random ones. @return HF_OK; HF_EIO */
hf_status hf_random_bytes(uint8_t *bytes, size_t size, hf_error *err);

/* ---- Requests (RFC 2986) ---- */

/** A request for a certificate, as PEM; it is signed with the key, which stays here. @param name for people */
hf_status hf_request_make(const hf_key *key, const char *name, hf_buffer *out, hf_error *err);
/**
 * Takes the public key out of a request and checks that whoever made the request has the private one. Nothing else of it counts.
 * @return HF_OK; HF_EFORMAT: no request, another kind of key, or a wrong signature
 */
hf_status hf_request_open(const char *pem, size_t size, hf_key **out, hf_error *err);

/* ---- Certificates ---- */

typedef struct hf_certificate hf_certificate;

typedef enum hf_certificate_use {
    HF_CERTIFICATE_AUTHORITY, /**< signs others */
    HF_CERTIFICATE_SERVER,
    HF_CERTIFICATE_CLIENT,
} hf_certificate_use;

/** What a certificate is to say. */
typedef struct hf_certificate_order {
    hf_certificate_use use;
    const char *name;         /**< common name, for people; at most 64 characters */
    const char *identity;     /**< URI; NULL for an authority and a server */
    const char *const *hosts; /**< names and addresses of a server */
    uint32_t host_count;
    int64_t from_s, until_s; /**< seconds since 1970 */
} hf_certificate_order;

typedef struct hf_certificate_info {
    char name[65];
    char identity[HF_IDENTITY_SIZE]; /**< "" = none */
    char serial[41];
    char sha256[65]; /**< of the certificate, in hexadecimal */
    int64_t from_s, until_s;
} hf_certificate_info;

/**
 * Signs a certificate with a random serial number.
 * @param subject whose key it is
 * @param authority NULL = signed with its own key
 */
hf_status hf_certificate_issue(const hf_certificate_order *order, const hf_key *subject,
                               const hf_certificate *authority, const hf_key *authority_key,
                               hf_certificate **out, hf_error *err);
hf_status hf_certificate_parse(const char *pem, size_t size, hf_certificate **out, hf_error *err);
hf_status hf_certificate_from_der(const uint8_t *der, size_t size, hf_certificate **out, hf_error *err);
void hf_certificate_pem(const hf_certificate *certificate, hf_buffer *out);
void hf_certificate_der(const hf_certificate *certificate, hf_buffer *out);
hf_status hf_certificate_read(const hf_certificate *certificate, hf_certificate_info *out, hf_error *err);
/** Whether the authority has signed it. Its dates are not looked at. */
bool hf_certificate_is_from(const hf_certificate *certificate, const hf_certificate *authority);
/** Whether it is for that key. */
bool hf_certificate_is_for(const hf_certificate *certificate, const hf_key *key);
void hf_certificate_free(hf_certificate *certificate);

/* ---- base64url without padding (RFC 4648, 5) ---- */

void hf_base64url_encode(const void *bytes, size_t size, hf_buffer *out);
/** @return HF_OK; HF_EFORMAT */
hf_status hf_base64url_decode(const char *text, size_t size, hf_buffer *out, hf_error *err);

#endif
