/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CREDENTIALS_INTERNAL_H
#define HF_CREDENTIALS_INTERNAL_H

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "credentials/credentials.h"

/** @file credentials_internal.h
 * What the files of this module share. */

struct hf_key {
    EVP_PKEY *pkey;
};

struct hf_certificate {
    X509 *x509;
};

/** Records a failure of OpenSSL and empties its queue of errors. */
hf_status hf_crypto_fail(hf_error *err, hf_status status, const char *doing);
/** Moves what was written to memory into a buffer, and frees it. NULL allowed: then the buffer fails. */
void hf_crypto_take(BIO *memory, hf_buffer *out);
/** A key of this farm's kind. Takes `pkey` over, also on failure. */
hf_status hf_key_wrap(EVP_PKEY *pkey, hf_key **out, hf_error *err);
/** Takes `x509` over, also on failure. */
hf_status hf_certificate_wrap(X509 *x509, hf_certificate **out, hf_error *err);

#endif
