/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/pem.h>

#include "credentials_internal.h"

static bool fill(X509_REQ *request, const hf_key *key, const char *name)
{
    X509_NAME *subject = X509_REQ_get_subject_name(request);
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) ==
               1 &&
           X509_REQ_set_pubkey(request, key->pkey) == 1 && X509_REQ_sign(request, key->pkey, NULL) > 0;
}

hf_status hf_request_make(const hf_key *key, const char *name, hf_buffer *out, hf_error *err)
{
    X509_REQ *request = X509_REQ_new();
    BIO *memory = BIO_new(BIO_s_mem());
    const bool made =
        request && memory && fill(request, key, name) && PEM_write_bio_X509_REQ(memory, request);
    X509_REQ_free(request);
    if (!made) {
        BIO_free(memory);
        return hf_crypto_fail(err, HF_EINVALID, "cannot make a request for a certificate");
    }
    hf_crypto_take(memory, out);
    return out->failed ? HF_FAIL(err, HF_ENOMEM, "no memory for a request for a certificate") : HF_OK;
}

hf_status hf_request_open(const char *pem, size_t size, hf_key **out, hf_error *err)
{
    if (size > HF_CREDENTIAL_LIMIT)
        return HF_FAIL(err, HF_EFORMAT, "a request of %zu bytes, expected at most %d", size,
                       HF_CREDENTIAL_LIMIT);
    BIO *memory = BIO_new_mem_buf(pem, (int)size);
    X509_REQ *request = memory ? PEM_read_bio_X509_REQ(memory, NULL, NULL, NULL) : NULL;
    BIO_free(memory);
    if (!request)
        return hf_crypto_fail(err, HF_EFORMAT, "not a request for a certificate");
    EVP_PKEY *pkey = X509_REQ_get_pubkey(request);
    const bool theirs = pkey && X509_REQ_verify(request, pkey) == 1;
    X509_REQ_free(request);
    if (!theirs) {
        EVP_PKEY_free(pkey);
        return hf_crypto_fail(err, HF_EFORMAT, "the signature of the request is wrong");
    }
    return hf_key_wrap(pkey, out, err);
}
