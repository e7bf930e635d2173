/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds arbitrary bytes to what reads tokens, requests to join, replies to them, requests for files, and the registry of an authority. Used
 * by libFuzzer, and by replay_corpus.c as an ordinary test. */
#include "replay_corpus.h"

#include <stdlib.h>
#include <string.h>

#include "authority_state.h"
#include "broker/blobs.h"
#include "joining/messages.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

static void check_token(const char *text)
{
    hf_join_token token;
    hf_error err = {0};
    if (hf_join_token_decode(text, &token, &err) != HF_OK) {
        CHECK(err.message[0]);
        return;
    }
    CHECK(hf_join_host_ok(token.host) && token.key.size > 0);
    hf_join_token_free(&token);
}

static void check_messages(const uint8_t *bytes, size_t size)
{
    const char *pem;
    size_t pem_size;
    hf_key *key = NULL;
    hf_certificate *certificate = NULL;
    hf_certificate_info info;
    hf_error err = {0};
    if (hf_join_request_read(bytes, size, &pem, &pem_size, NULL) == HF_OK &&
        hf_request_open(pem, pem_size, &key, NULL) == HF_OK)
        hf_key_free(key);
    if (hf_join_reply_read(bytes, size, &pem, &pem_size, &err) != HF_OK) {
        for (const char *c = err.message; *c; c++)
            CHECK(*c >= ' ' && *c < 0x7f);
        return;
    }
    if (hf_certificate_parse(pem, pem_size, &certificate, NULL) == HF_OK) {
        if (hf_certificate_read(certificate, &info, NULL) == HF_OK)
            CHECK(strlen(info.identity) < sizeof info.identity);
        hf_certificate_free(certificate);
    }
}

/* What is accepted can be written and read again, and makes a list of users. */
static void check_registry(const char *text, size_t size)
{
    hf_registry registry, again;
    hf_buffer once = HF_BUFFER_INIT, users = HF_BUFFER_INIT;
    if (hf_registry_parse(text, size, &registry, NULL) != HF_OK)
        return;
    hf_registry_render(&registry, &once);
    hf_server_users_render(&registry, &users);
    CHECK(once.failed || hf_registry_parse(once.data, once.size, &again, NULL) == HF_OK);
    if (!once.failed) {
        CHECK(again.entry_count == registry.entry_count);
        hf_registry_free(&again);
    }
    hf_registry_free(&registry);
    hf_buffer_free(&once);
    hf_buffer_free(&users);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char sha256[HF_SHA256_HEX_SIZE], name[HF_JOIN_HOST_MAX + 1], id[HF_CREDENTIAL_ID_SIZE];
    uint32_t chunk;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    check_token(text);
    check_messages(bytes, size);
    check_registry(text, size);
    if (hf_blob_request(bytes, size, sha256, &chunk))
        CHECK(strlen(sha256) == HF_SHA256_HEX_SIZE - 1);
    if (hf_identity_read(text, HF_IDENTITY_HOST, name, id))
        CHECK(strlen(id) == HF_CREDENTIAL_ID_SIZE - 1);
    free(text);
    return 0;
}
