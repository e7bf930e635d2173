/* SPDX-License-Identifier: Apache-2.0 */
#include "joining/renewal.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret_file.h"
#include "credentials/credentials.h"
#include "joining/messages.h"

/* ---- Files ---- */

static hf_status read_key(const char *path, hf_key **out, hf_error *err)
{
    uint8_t *pem = NULL;
    size_t size = 0;
    hf_status status = hf_file_read(path, HF_CREDENTIAL_LIMIT, &pem, &size, err);
    if (status == HF_OK)
        status = hf_key_parse((char *)pem, size, out, err);
    if (pem)
        explicit_bzero(pem, size);
    free(pem);
    return status;
}

static hf_status read_certificate(const char *path, hf_certificate **out, hf_error *err)
{
    uint8_t *pem = NULL;
    size_t size = 0;
    hf_status status = hf_file_read(path, HF_CREDENTIAL_LIMIT, &pem, &size, err);
    if (status == HF_OK)
        status = hf_certificate_parse((char *)pem, size, out, err);
    free(pem);
    return status;
}

/* ---- The question ---- */

static hf_status make_request(const hf_renewal *files, hf_buffer *reply, hf_error *err)
{
    hf_key *key = NULL;
    hf_buffer pem = HF_BUFFER_INIT;
    hf_status status = read_key(files->key_path, &key, err);
    if (status == HF_OK)
        status = hf_request_make(key, files->host, &pem, err);
    if (status == HF_OK)
        hf_join_request_write(hf_buffer_text(&pem), reply);
    hf_buffer_free(&pem);
    hf_key_free(key);
    return status;
}

/* ---- The certificate ---- */

/* It must be what the host has, but for its dates: from the authority that the host trusts, for its key and identity. */
static hf_status compare(const hf_renewal *files, const hf_certificate *new, const hf_certificate *old,
                         hf_error *err)
{
    hf_certificate *ca = NULL;
    hf_key *key = NULL;
    hf_certificate_info was, is;
    hf_status status = read_certificate(files->ca_path, &ca, err);
    if (status == HF_OK)
        status = read_key(files->key_path, &key, err);
    if (status == HF_OK)
        status = hf_certificate_read(old, &was, err);
    if (status == HF_OK)
        status = hf_certificate_read(new, &is, err);
    if (status == HF_OK && (!hf_certificate_is_from(new, ca) || !hf_certificate_is_for(new, key) ||
                            strcmp(was.identity, is.identity) != 0 || is.until_s < was.until_s))
        status =
            HF_FAIL(err, HF_EMISMATCH, "the certificate that came is not a renewal of that of this host");
    hf_certificate_free(ca);
    hf_key_free(key);
    return status;
}

static hf_status install(const hf_renewal *files, const void *bytes, size_t size, hf_error *err)
{
    const char *pem;
    size_t pem_size;
    hf_certificate *new = NULL, *old = NULL;
    hf_status status = hf_join_reply_read(bytes, size, &pem, &pem_size, err);
    if (status == HF_OK)
        status = hf_certificate_parse(pem, pem_size, &new, err);
    if (status == HF_OK)
        status = read_certificate(files->certificate_path, &old, err);
    if (status == HF_OK)
        status = compare(files, new, old, err);
    if (status == HF_OK)
        status = hf_secret_write(files->certificate_path, pem, pem_size, err);
    hf_certificate_free(new);
    hf_certificate_free(old);
    return status;
}

/* ---- Messages ---- */

static bool is_question(const void *bytes, size_t size)
{
    return size == sizeof HF_RENEWAL_QUESTION - 1 && memcmp(bytes, HF_RENEWAL_QUESTION, size) == 0;
}

bool hf_renewal_message(const hf_renewal *files, const void *bytes, size_t size, hf_buffer *reply,
                        bool *renewed)
{
    hf_error err = {0};
    const bool question = is_question(bytes, size);
    *renewed = false;
    if (!question && !hf_join_is_message(bytes, size))
        return false;
    hf_status status = files->ca_path && files->certificate_path && files->key_path
                           ? (question ? make_request(files, reply, &err) : install(files, bytes, size, &err))
                           : HF_FAIL(&err, HF_EUNSUPPORTED, "this host has no certificate of its own");
    if (status != HF_OK) {
        hf_buffer_clear(reply);
        hf_join_refusal_write(err.message, reply);
    } else if (!question) {
        hf_join_reply_write("installed", reply);
        *renewed = true;
    }
    return true;
}
