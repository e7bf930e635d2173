/* SPDX-License-Identifier: Apache-2.0 */
/* Signing for a host that has a token. Of its request, only the public key counts: the name is that of the invitation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "authority_state.h"
#include "base/file.h"
#include "joining/messages.h"

#define TIME_SIZE 32

static void format_time(int64_t seconds, char text[TIME_SIZE])
{
    const time_t at = (time_t)seconds;
    struct tm parts;
    gmtime_r(&at, &parts);
    strftime(text, TIME_SIZE, "%Y-%m-%d %H:%M UTC", &parts);
}

/* Other credentials of the host end: it has one. */
static void revoke_others(hf_registry *registry, const char *host, const char *except_id, int64_t now_s)
{
    for (uint32_t i = 0; i < registry->entry_count; i++) {
        hf_entry *entry = &registry->entries[i];
        if (entry->kind == HF_ENTRY_HOST && !entry->revoked_s && strcmp(entry->name, host) == 0 &&
            strcmp(entry->id, except_id) != 0)
            entry->revoked_s = now_s;
    }
}

static hf_status check_invitation(const hf_entry *invitation, const char *host, const char *sha256,
                                  int64_t now_s, hf_error *err)
{
    char when[TIME_SIZE];
    if (!invitation || strcmp(invitation->name, host) != 0)
        return HF_FAIL(err, HF_EMISMATCH, "this farm has made no such token");
    if (invitation->revoked_s) {
        format_time(invitation->revoked_s, when);
        return HF_FAIL(err, HF_EMISMATCH, "the token was revoked on %s", when);
    }
    if (invitation->used_s && strcmp(invitation->key_sha256, sha256) != 0) {
        format_time(invitation->used_s, when);
        return HF_FAIL(
            err, HF_EMISMATCH,
            "the token was used on %s. If that was not you, somebody else has joined as %s: revoke it", when,
            host);
    }
    if (!invitation->used_s && now_s >= invitation->until_s) {
        format_time(invitation->until_s, when);
        return HF_FAIL(err, HF_EMISMATCH, "the token expired on %s", when);
    }
    return HF_OK;
}

static hf_status sign(hf_authority *authority, hf_registry *registry, const char *host, const char *id,
                      const char *sha256, const hf_key *subject, int64_t now_s, hf_error *err)
{
    hf_certificate *certificate = NULL;
    hf_entry *entry;
    hf_buffer pem = HF_BUFFER_INIT;
    hf_status status = hf_authority_sign(authority, registry, HF_ENTRY_HOST, host, subject, now_s,
                                         now_s + HF_HOST_VALID_S, &certificate, &entry, err);
    if (status != HF_OK)
        return status;
    revoke_others(registry, host, entry->id, now_s);
    hf_certificate_pem(certificate, &pem);
    hf_certificate_free(certificate);
    hf_entry *invitation =
        hf_registry_find(registry, HF_ENTRY_INVITATION, id); /* the entries may have moved */
    if (!invitation || pem.failed || !(invitation->reply = hf_buffer_take(&pem))) {
        hf_buffer_free(&pem);
        return HF_FAIL(err, HF_ENOMEM, "no memory for a certificate");
    }
    invitation->used_s = now_s;
    snprintf(invitation->key_sha256, sizeof invitation->key_sha256, "%s", sha256);
    return hf_authority_commit(authority, registry, err);
}

/* What the same key asks for again is the same certificate; its requests may differ. */
static hf_status digest_key(const hf_key *key, char sha256[HF_SHA256_HEX_SIZE], hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_key_public(key, &text);
    if (text.failed)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a key");
    hf_sha256_hex(text.data, text.size, sha256);
    hf_buffer_free(&text);
    return HF_OK;
}

static hf_status admit(hf_authority *authority, const char *host, const char *id, const hf_key *subject,
                       int64_t now_s, hf_buffer *reply, hf_error *err)
{
    char sha256[HF_SHA256_HEX_SIZE];
    hf_registry registry = {0};
    hf_status status = digest_key(subject, sha256, err);
    if (status == HF_OK)
        status = hf_registry_load(authority, &registry, err);
    if (status != HF_OK)
        return status;
    hf_entry *invitation = hf_registry_find(&registry, HF_ENTRY_INVITATION, id);
    status = check_invitation(invitation, host, sha256, now_s, err);
    if (status == HF_OK && !invitation->used_s) {
        status = sign(authority, &registry, host, id, sha256, subject, now_s, err);
        invitation = hf_registry_find(&registry, HF_ENTRY_INVITATION, id);
    }
    if (status == HF_OK && invitation && invitation->reply)
        hf_join_reply_write(invitation->reply, reply);
    hf_registry_free(&registry);
    return status;
}

hf_status hf_authority_admit(hf_authority *authority, const char *host, const char *id, const void *request,
                             size_t size, int64_t now_s, hf_buffer *reply, hf_error *err)
{
    const char *pem;
    size_t pem_size;
    hf_key *subject = NULL;
    hf_error cause = {0};
    hf_status status = hf_join_request_read(request, size, &pem, &pem_size, &cause);
    if (status == HF_OK)
        status = hf_request_open(pem, pem_size, &subject, &cause);
    if (status == HF_OK) {
        const int lock = hf_authority_lock(authority, &cause);
        status = lock < 0 ? HF_EBUSY : admit(authority, host, id, subject, now_s, reply, &cause);
        if (lock >= 0)
            close(lock);
    }
    hf_key_free(subject);
    if (status == HF_OK)
        return HF_OK;
    /* Whatever failed here is no business of the other side. */
    hf_join_refusal_write(status == HF_EMISMATCH || status == HF_EFORMAT
                              ? cause.message
                              : "the farm cannot sign now: see what `hilfarm agent token` says there",
                          reply);
    return hf_error_pass(err, &cause);
}
