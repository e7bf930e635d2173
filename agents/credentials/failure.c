/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "credentials_internal.h"

hf_status hf_crypto_fail(hf_error *err, hf_status status, const char *doing)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return HF_FAIL(err, status, "%s: %s", doing, reason ? reason : "it is not what was expected");
}

void hf_crypto_take(BIO *memory, hf_buffer *out)
{
    char *data = NULL;
    const long size = memory ? BIO_get_mem_data(memory, &data) : 0;
    if (size > 0)
        hf_buffer_append(out, data, (size_t)size);
    else
        out->failed = true;
    BIO_free(memory);
}

void hf_secret_free(hf_buffer *buffer)
{
    if (buffer->data)
        OPENSSL_cleanse(buffer->data, buffer->capacity);
    hf_buffer_free(buffer);
}
