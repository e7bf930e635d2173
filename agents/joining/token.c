/* SPDX-License-Identifier: Apache-2.0 */
#include "joining/token.h"

#include <stdio.h>
#include <string.h>

#define PREFIX "hfjoin1_"
#define SPACE  " \t\r\n"

/* ---- Names ---- */

bool hf_join_host_ok(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    const size_t size = strlen(name);
    return size > 0 && size <= HF_JOIN_HOST_MAX && name[0] != '-' && strspn(name, allowed) == size &&
           strncmp(name, "hilfarm", 7) != 0;
}

void hf_identity_make(char out[HF_IDENTITY_SIZE], const char *kind, const char *name, const char *id)
{
    snprintf(out, HF_IDENTITY_SIZE, "hilfarm:%s:%s:%s", kind, name, id);
}

static bool is_id(const char *text)
{
    return strlen(text) == HF_CREDENTIAL_ID_SIZE - 1 &&
           strspn(text, "0123456789abcdef") == HF_CREDENTIAL_ID_SIZE - 1;
}

bool hf_identity_read(const char *identity, const char *kind, char *name, char id[HF_CREDENTIAL_ID_SIZE])
{
    char start[32];
    const int skip = snprintf(start, sizeof start, "hilfarm:%s:", kind);
    if (strncmp(identity, start, (size_t)skip) != 0)
        return false;
    const char *from = identity + skip, *colon = strchr(from, ':');
    if (!colon || colon == from || colon - from > HF_JOIN_HOST_MAX || !is_id(colon + 1))
        return false;
    snprintf(name, HF_JOIN_HOST_MAX + 1, "%.*s", (int)(colon - from), from);
    memcpy(id, colon + 1, HF_CREDENTIAL_ID_SIZE);
    return true;
}

/* ---- Writing ---- */

static void put(hf_buffer *out, const void *bytes, size_t size)
{
    if (size > UINT16_MAX) {
        out->failed = true;
        return;
    }
    hf_buffer_putc(out, (char)(size >> 8));
    hf_buffer_putc(out, (char)(size & 0xff));
    hf_buffer_append(out, bytes, size);
}

hf_status hf_join_token_encode(const char *url, const char *host, const hf_key *key,
                               const hf_certificate *certificate, const hf_certificate *authority,
                               hf_buffer *out, hf_error *err)
{
    uint8_t seed[HF_KEY_SEED_SIZE];
    hf_buffer fields = HF_BUFFER_INIT, der = HF_BUFFER_INIT;
    hf_status status = hf_key_seed(key, seed, err);
    if (status != HF_OK)
        return status;
    put(&fields, url, strlen(url));
    put(&fields, host, strlen(host));
    hf_certificate_der(authority, &der);
    put(&fields, der.data, der.size);
    fields.failed |= der.failed;
    hf_buffer_clear(&der);
    hf_certificate_der(certificate, &der);
    put(&fields, der.data, der.size);
    fields.failed |= der.failed;
    put(&fields, seed, sizeof seed);
    hf_buffer_puts(out, PREFIX);
    hf_base64url_encode(fields.data, fields.size, out);
    if (fields.failed || out->failed || out->size > HF_JOIN_TOKEN_MAX)
        status = HF_FAIL(err, HF_ENOMEM, "no memory for a token");
    explicit_bzero(seed, sizeof seed);
    hf_secret_free(&fields);
    hf_buffer_free(&der);
    return status;
}

/* ---- Reading ---- */

typedef struct reader {
    const uint8_t *at, *end;
} reader;

static bool take(reader *from, const uint8_t **bytes, size_t *size)
{
    if (from->end - from->at < 2)
        return false;
    *size = (size_t)from->at[0] << 8 | from->at[1];
    *bytes = from->at + 2;
    if ((size_t)(from->end - *bytes) < *size)
        return false;
    from->at = *bytes + *size;
    return true;
}

static bool take_text(reader *from, char *out, size_t capacity)
{
    const uint8_t *bytes;
    size_t size;
    if (!take(from, &bytes, &size) || size == 0 || size >= capacity)
        return false;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] <= ' ' || bytes[i] >= 0x7f)
            return false;
    memcpy(out, bytes, size);
    out[size] = '\0';
    return true;
}

/* Whether the parts belong together. */
static bool fit(hf_join_token *token, const hf_certificate *authority, const hf_certificate *certificate,
                const hf_key *key)
{
    hf_certificate_info info;
    char host[HF_JOIN_HOST_MAX + 1];
    if (!hf_certificate_is_from(certificate, authority) || !hf_certificate_is_for(certificate, key) ||
        hf_certificate_read(certificate, &info, NULL) != HF_OK ||
        !hf_identity_read(info.identity, HF_IDENTITY_INVITATION, host, token->id) ||
        strcmp(host, token->host) != 0)
        return false;
    token->until_s = info.until_s;
    hf_certificate_pem(authority, &token->authority);
    hf_certificate_pem(certificate, &token->certificate);
    hf_key_pem(key, &token->key);
    return !token->authority.failed && !token->certificate.failed && !token->key.failed;
}

static bool read_fields(reader *from, hf_join_token *token)
{
    const uint8_t *ca, *der, *seed;
    size_t ca_size, der_size, seed_size;
    hf_certificate *authority = NULL, *certificate = NULL;
    hf_key *key = NULL;
    if (!take_text(from, token->url, sizeof token->url) ||
        !take_text(from, token->host, sizeof token->host) || !hf_join_host_ok(token->host) ||
        !take(from, &ca, &ca_size) || !take(from, &der, &der_size) || !take(from, &seed, &seed_size) ||
        seed_size != HF_KEY_SEED_SIZE || from->at != from->end)
        return false;
    const bool ok = hf_certificate_from_der(ca, ca_size, &authority, NULL) == HF_OK &&
                    hf_certificate_from_der(der, der_size, &certificate, NULL) == HF_OK &&
                    hf_key_from_seed(seed, &key, NULL) == HF_OK && fit(token, authority, certificate, key);
    hf_certificate_free(authority);
    hf_certificate_free(certificate);
    hf_key_free(key);
    return ok;
}

hf_status hf_join_token_decode(const char *text, hf_join_token *out, hf_error *err)
{
    const char *from = text + strspn(text, SPACE);
    const size_t size = strcspn(from, SPACE), prefix = sizeof PREFIX - 1;
    hf_buffer fields = HF_BUFFER_INIT;
    hf_join_token token = {0};
    if (size <= prefix || strncmp(from, PREFIX, prefix) != 0 ||
        from[size + strspn(from + size, SPACE)] != '\0')
        return HF_FAIL(err, HF_EFORMAT,
                       "not a token: expected one word that begins with " PREFIX
                       ", as `hilfarm agent token` prints it");
    bool ok = size <= HF_JOIN_TOKEN_MAX &&
              hf_base64url_decode(from + prefix, size - prefix, &fields, NULL) == HF_OK && !fields.failed;
    if (ok) {
        reader fields_of = {(const uint8_t *)fields.data, (const uint8_t *)fields.data + fields.size};
        ok = read_fields(&fields_of, &token);
    }
    hf_secret_free(&fields);
    if (!ok) {
        hf_join_token_free(&token);
        return HF_FAIL(err, HF_EFORMAT, "the token is damaged: copy it as a whole, or have another one made");
    }
    *out = token;
    return HF_OK;
}

void hf_join_token_free(hf_join_token *token)
{
    hf_buffer_free(&token->authority);
    hf_buffer_free(&token->certificate);
    hf_secret_free(&token->key);
}
