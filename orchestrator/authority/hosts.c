/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority_state.h"

#define HOSTS_MAX 10000 /* entries; a registry that grows without end is a mistake */

/* ---- Inviting ---- */

static hf_status invite(hf_authority *authority, hf_registry *registry, const char *host, const char *url,
                        int64_t now_s, int64_t until_s, hf_buffer *out, char id[HF_CREDENTIAL_ID_SIZE],
                        hf_error *err)
{
    hf_key *key = NULL, *ca_key = NULL;
    hf_certificate *certificate = NULL, *ca = NULL;
    hf_entry *entry = NULL;
    hf_status status = hf_key_generate(&key, err);
    if (status == HF_OK)
        status = hf_authority_sign(authority, registry, HF_ENTRY_INVITATION, host, key, now_s, until_s,
                                   &certificate, &entry, err);
    if (status == HF_OK)
        status = hf_authority_load_ca(authority, &ca, &ca_key, err);
    if (status == HF_OK) {
        memcpy(id, entry->id, HF_CREDENTIAL_ID_SIZE);
        status = hf_join_token_encode(url, host, key, certificate, ca, out, err);
        hf_certificate_free(ca);
        hf_key_free(ca_key);
    }
    if (status == HF_OK)
        status = hf_authority_commit(authority, registry, err);
    hf_certificate_free(certificate);
    hf_key_free(key);
    return status;
}

hf_status hf_authority_invite(hf_authority *authority, const char *host, const char *url, int64_t now_s,
                              int64_t until_s, hf_buffer *out, char id[HF_CREDENTIAL_ID_SIZE], hf_error *err)
{
    char own[320];
    hf_registry registry = {0};
    if (!hf_join_host_ok(host))
        return HF_FAIL(
            err, HF_EINVALID,
            "\"%s\" cannot be the name of a host: expected at most %d letters, digits, '_' and '-', and not "
            "\"hilfarm\" at the beginning",
            host, HF_JOIN_HOST_MAX);
    hf_status status = hf_authority_url(authority, own, sizeof own, err);
    if (status != HF_OK)
        return status;
    const int lock = hf_authority_lock(authority, err);
    if (lock < 0)
        return HF_EBUSY;
    status = hf_registry_load(authority, &registry, err);
    if (status == HF_OK) {
        hf_registry_tidy(&registry, now_s);
        if (registry.entry_count >= HOSTS_MAX)
            status = HF_FAIL(err, HF_ELIMIT, "%s has %u entries, at most %d are expected", authority->folder,
                             registry.entry_count, HOSTS_MAX);
        else
            status = invite(authority, &registry, host, url ? url : own, now_s, until_s, out, id, err);
        hf_registry_free(&registry);
    }
    close(lock);
    return status;
}

/* ---- Revoking ---- */

hf_status hf_authority_revoke(hf_authority *authority, const char *host, int64_t now_s, hf_error *err)
{
    hf_registry registry = {0};
    uint32_t found = 0;
    const int lock = hf_authority_lock(authority, err);
    if (lock < 0)
        return HF_EBUSY;
    hf_status status = hf_registry_load(authority, &registry, err);
    for (uint32_t i = 0; status == HF_OK && i < registry.entry_count; i++) {
        hf_entry *entry = &registry.entries[i];
        if (entry->kind == HF_ENTRY_FARM || entry->revoked_s || strcmp(entry->name, host) != 0)
            continue;
        entry->revoked_s = now_s;
        found++;
    }
    if (status == HF_OK)
        status = found > 0 ? hf_authority_commit(authority, &registry, err)
                           : HF_FAIL(err, HF_ENOTFOUND, "no host %s, or it is revoked already", host);
    hf_registry_free(&registry);
    close(lock);
    return status;
}

/* ---- Listing ---- */

static hf_member describe(const hf_entry *entry, int64_t now_s)
{
    hf_member member = {.since_s = entry->signed_s, .until_s = entry->until_s, .state = HF_MEMBER_JOINED};
    memcpy(member.host, entry->name, sizeof member.host);
    if (entry->revoked_s) {
        member.state = HF_MEMBER_REVOKED;
        member.since_s = entry->revoked_s;
    } else if (now_s >= entry->until_s) {
        member.state = HF_MEMBER_EXPIRED;
    } else if (entry->kind == HF_ENTRY_INVITATION) {
        member.state = HF_MEMBER_INVITED;
    }
    return member;
}

/* By name; of one host, what is newest comes first. */
static int compare(const void *a, const void *b)
{
    const hf_member *one = a, *other = b;
    const int order = strcmp(one->host, other->host);
    return order ? order : one->since_s < other->since_s ? 1 : one->since_s > other->since_s ? -1 : 0;
}

/* What people want to know of: hosts, and tokens that can be used. */
static bool is_shown(const hf_entry *entry, int64_t now_s)
{
    return entry->kind == HF_ENTRY_HOST || (entry->kind == HF_ENTRY_INVITATION && !entry->used_s &&
                                            !entry->revoked_s && now_s < entry->until_s);
}

hf_status hf_authority_list(hf_authority *authority, int64_t now_s, hf_member **out, uint32_t *count,
                            hf_error *err)
{
    hf_registry registry = {0};
    hf_status status = hf_registry_load(authority, &registry, err);
    if (status != HF_OK)
        return status;
    hf_member *members = calloc(registry.entry_count + 1u, sizeof *members);
    if (members) {
        *out = members;
        *count = 0;
        for (uint32_t i = 0; i < registry.entry_count; i++)
            if (is_shown(&registry.entries[i], now_s))
                members[(*count)++] = describe(&registry.entries[i], now_s);
        qsort(members, *count, sizeof *members, compare);
    } else {
        status = HF_FAIL(err, HF_ENOMEM, "no memory for a list of hosts");
    }
    hf_registry_free(&registry);
    return status;
}

hf_status hf_authority_is_used(hf_authority *authority, const char *id, bool *used, hf_error *err)
{
    hf_registry registry = {0};
    hf_status status = hf_registry_load(authority, &registry, err);
    if (status != HF_OK)
        return status;
    const hf_entry *entry = hf_registry_find(&registry, HF_ENTRY_INVITATION, id);
    if (entry && !entry->revoked_s)
        *used = entry->used_s != 0;
    else
        status = HF_FAIL(err, HF_ENOTFOUND, "the token was revoked");
    hf_registry_free(&registry);
    return status;
}
