/* SPDX-License-Identifier: Apache-2.0 */
/* Renewing certificates: those of the folder, and that of a host that is connected, without a hand on it (joining/renewal.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority_state.h"
#include "base/file.h"
#include "broker/subjects.h"
#include "joining/messages.h"
#include "joining/renewal.h"

#define REPLY_MS 10000

/* ---- The server and the farm ---- */

static hf_status read_end(const hf_authority *authority, const char *file, int64_t *until_s, hf_error *err)
{
    char path[PATH_MAX];
    uint8_t *pem = NULL;
    size_t size = 0;
    hf_certificate *certificate = NULL;
    hf_certificate_info info;
    hf_status status = hf_authority_path(authority, file, path, err);
    if (status == HF_OK)
        status = hf_file_read(path, HF_CREDENTIAL_LIMIT, &pem, &size, err);
    if (status == HF_OK)
        status = hf_certificate_parse((char *)pem, size, &certificate, err);
    if (status == HF_OK)
        status = hf_certificate_read(certificate, &info, err);
    if (status == HF_OK)
        *until_s = info.until_s;
    hf_certificate_free(certificate);
    free(pem);
    return status;
}

hf_status hf_authority_renew_own(const hf_authority *authority, int64_t now_s, int64_t before_s,
                                 bool *renewed, hf_error *err)
{
    static const char *const files[] = {"server.pem", HF_AUTHORITY_FARM};
    const hf_authority_setup as_before = {0};
    hf_status status = HF_OK;
    bool due = false;
    for (size_t i = 0; i < sizeof files / sizeof files[0] && status == HF_OK; i++) {
        int64_t until_s = 0;
        status = read_end(authority, files[i], &until_s, err);
        due |= until_s - now_s < before_s;
    }
    if (status == HF_OK && due)
        status = hf_authority_init(authority->folder, &as_before, now_s, err);
    if (status == HF_OK)
        *renewed = due;
    return status;
}

/* ---- A host ---- */

static hf_status ask(hf_broker *broker, const char *host, const void *bytes, size_t size, hf_buffer *reply,
                     hf_error *err)
{
    char subject[HF_SUBJECT_SIZE];
    hf_error cause = {0};
    snprintf(subject, sizeof subject, HF_SUBJECT_HELLO, host);
    hf_status status = hf_broker_request(broker, subject, bytes, size, REPLY_MS, reply, &cause);
    if (status == HF_ENOTFOUND || status == HF_ETIMEOUT)
        return HF_FAIL_AS(err, HF_FAULT_AGENT, HF_ETIMEOUT, "host %s: its agent does not answer", host);
    return status == HF_OK ? HF_OK : hf_error_pass(err, &cause);
}

/* The host's key, from the request that it makes now. */
static hf_status ask_for_key(hf_broker *broker, const char *host, hf_key **out, hf_error *err)
{
    const char *pem;
    size_t size;
    hf_error refused = {0};
    hf_buffer reply = HF_BUFFER_INIT;
    hf_status status = ask(broker, host, HF_RENEWAL_QUESTION, sizeof HF_RENEWAL_QUESTION - 1, &reply, err);
    if (status == HF_OK && hf_join_reply_read(reply.data, reply.size, &pem, &size, &refused) == HF_EMISMATCH)
        status = HF_FAIL_AS(err, HF_FAULT_AGENT, HF_EUNSUPPORTED, "host %s: %s", host, refused.message);
    else if (status == HF_OK && (hf_join_request_read(reply.data, reply.size, &pem, &size, NULL) != HF_OK ||
                                 hf_request_open(pem, size, out, NULL) != HF_OK))
        status = HF_FAIL_AS(err, HF_FAULT_AGENT, HF_EUNSUPPORTED,
                            "host %s: its agent cannot renew: it is an older one", host);
    hf_buffer_free(&reply);
    return status;
}

static hf_status send(hf_broker *broker, const char *host, const hf_certificate *certificate, hf_error *err)
{
    const char *rest;
    size_t size;
    hf_buffer pem = HF_BUFFER_INIT, message = HF_BUFFER_INIT, reply = HF_BUFFER_INIT;
    hf_certificate_pem(certificate, &pem);
    hf_join_reply_write(hf_buffer_text(&pem), &message);
    hf_status status = message.failed ? HF_FAIL(err, HF_ENOMEM, "no memory for a certificate")
                                      : ask(broker, host, message.data, message.size, &reply, err);
    if (status == HF_OK)
        status = hf_join_reply_read(reply.data, reply.size, &rest, &size, err);
    if (status == HF_EMISMATCH)
        hf_error_context(err, HF_FAULT_AGENT, "host %s", host);
    hf_buffer_free(&pem);
    hf_buffer_free(&message);
    hf_buffer_free(&reply);
    return status;
}

/* The entry that is in force. @return NULL: there is none */
static hf_entry *entry_of(hf_registry *registry, const char *host)
{
    hf_entry *found = NULL;
    for (uint32_t i = 0; i < registry->entry_count; i++) {
        hf_entry *entry = &registry->entries[i];
        if (entry->kind == HF_ENTRY_HOST && !entry->revoked_s && strcmp(entry->name, host) == 0)
            found = entry;
    }
    return found;
}

static hf_status find_id(const hf_authority *authority, const char *host, char id[HF_CREDENTIAL_ID_SIZE],
                         hf_error *err)
{
    hf_registry registry = {0};
    hf_status status = hf_registry_load(authority, &registry, err);
    const hf_entry *entry = status == HF_OK ? entry_of(&registry, host) : NULL;
    if (entry)
        memcpy(id, entry->id, HF_CREDENTIAL_ID_SIZE);
    else if (status == HF_OK)
        status = HF_FAIL(err, HF_ENOTFOUND, "no host %s, or it is revoked", host);
    hf_registry_free(&registry);
    return status;
}

/* The host may have been revoked, or have joined again, in the meantime: then its new certificate is worth nothing. */
static hf_status note(const hf_authority *authority, const char *host, const char *id, int64_t until_s,
                      hf_error *err)
{
    hf_registry registry = {0};
    const int lock = hf_authority_lock(authority, err);
    if (lock < 0)
        return HF_EBUSY;
    hf_status status = hf_registry_load(authority, &registry, err);
    hf_entry *entry = status == HF_OK ? hf_registry_find(&registry, HF_ENTRY_HOST, id) : NULL;
    if (entry && !entry->revoked_s) {
        entry->until_s = until_s;
        status = hf_authority_commit(authority, &registry, err);
    } else if (status == HF_OK) {
        status = HF_FAIL(err, HF_ENOTFOUND, "host %s was revoked meanwhile", host);
    }
    hf_registry_free(&registry);
    close(lock);
    return status;
}

hf_status hf_authority_renew(hf_authority *authority, hf_broker *broker, const char *host, int64_t now_s,
                             int64_t *until_s, hf_error *err)
{
    char id[HF_CREDENTIAL_ID_SIZE];
    hf_key *key = NULL;
    hf_certificate *certificate = NULL;
    const int64_t until = now_s + HF_HOST_VALID_S;
    hf_status status = find_id(authority, host, id, err);
    if (status == HF_OK)
        status = ask_for_key(broker, host, &key, err);
    if (status == HF_OK)
        status = hf_authority_issue(authority, HF_ENTRY_HOST, host, id, key, now_s, until, &certificate, err);
    if (status == HF_OK)
        status = send(broker, host, certificate, err);
    if (status == HF_OK)
        status = note(authority, host, id, until, err);
    if (status == HF_OK)
        *until_s = until;
    hf_certificate_free(certificate);
    hf_key_free(key);
    return status;
}
