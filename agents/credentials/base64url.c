/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's base64 in the alphabet of RFC 4648, section 5. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "credentials_internal.h"

#define TEXT_MAX 65536

void hf_base64url_encode(const void *bytes, size_t size, hf_buffer *out)
{
    char *text = size <= TEXT_MAX ? malloc((size + 2) / 3 * 4 + 1) : NULL;
    if (!text) {
        out->failed = true;
        return;
    }
    int length = EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
    while (length > 0 && text[length - 1] == '=')
        length--;
    for (int i = 0; i < length; i++)
        text[i] = (char)(text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]);
    hf_buffer_append(out, text, (size_t)length);
    OPENSSL_cleanse(text, (size_t)length);
    free(text);
}

static bool is_alphabet(const char *text, size_t size)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\0' || !strchr(alphabet, text[i]))
            return false;
    return true;
}

hf_status hf_base64url_decode(const char *text, size_t size, hf_buffer *out, hf_error *err)
{
    const size_t padded = (size + 3) / 4 * 4;
    if (size == 0 || size > TEXT_MAX || size % 4 == 1 || !is_alphabet(text, size))
        return HF_FAIL(err, HF_EFORMAT, "expected letters, digits, '-' and '_'");
    char *copy = malloc(padded + 1);
    unsigned char *bytes = malloc(padded / 4 * 3);
    hf_status status = HF_OK;
    if (!copy || !bytes) {
        status = HF_FAIL(err, HF_ENOMEM, "no memory to decode a text");
    } else {
        for (size_t i = 0; i < padded; i++)
            copy[i] = (char)(i >= size ? '=' : text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i]);
        if (EVP_DecodeBlock(bytes, (const unsigned char *)copy, (int)padded) < 0)
            status = hf_crypto_fail(err, HF_EFORMAT, "not base64url");
        else
            hf_buffer_append(out, bytes, padded / 4 * 3 - (padded - size));
        OPENSSL_cleanse(copy, padded);
        OPENSSL_cleanse(bytes, padded / 4 * 3);
    }
    free(copy);
    free(bytes);
    return status;
}
