/* SPDX-License-Identifier: Apache-2.0 */
/* Leases as entries of a JetStream key-value store whose entries expire. The value of an entry is its holder, or FREE. A holder
 * is unique, so that an operation whose reply was lost is recognised. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "broker_state.h"

#define FREE "-" /* given back; no holder has that name */

/* Owners count on it: a shorter one would give a lease to somebody else while its holder still believes in it. */
static hf_status check_lease_ms(const hf_broker *b, jsCtx *jetstream, uint32_t lease_ms, hf_error *err)
{
    jsStreamInfo *info = NULL;
    jsErrCode code;
    natsStatus s = b->nats->js_GetStreamInfo(&info, jetstream, "KV_" HF_BROKER_LEASES, NULL, &code);
    if (s != NATS_OK)
        return hf_broker_fail(b, s, "the store of leases", err);
    const int64_t found_ms = info->Config->MaxAge / (int64_t)HF_NS_PER_MS;
    b->nats->jsStreamInfo_Destroy(info);
    if (found_ms == (int64_t)lease_ms)
        return HF_OK;
    hf_status status =
        HF_FAIL_AS(err, HF_FAULT_FARM, HF_EMISMATCH,
                   "the key-value store %s of the NATS server has a time to live of %lld ms, expected %u ms: "
                   "another version of hilfarm has made it. Delete it while no farm uses it",
                   HF_BROKER_LEASES, (long long)found_ms, lease_ms);
    if (err)
        err->lasting = HF_PERMANENT;
    return status;
}

static natsStatus open_store(const hf_broker *b, jsCtx *jetstream, uint32_t lease_ms, kvStore **out)
{
    kvConfig config;
    const natsStatus s = b->nats->js_KeyValue(out, jetstream, HF_BROKER_LEASES);
    if (s != NATS_NOT_FOUND)
        return s;
    b->nats->kvConfig_Init(&config);
    config.Bucket = HF_BROKER_LEASES;
    config.History = 1;
    config.TTL = (int64_t)lease_ms * (int64_t)HF_NS_PER_MS;
    config.StorageType = js_FileStorage;
    return b->nats->js_CreateKeyValue(out, jetstream, &config);
}

/* Both go by names, and stay valid when the store is made again. */
static void keep_store(hf_broker *b, hf_link *link, jsCtx *jetstream, kvStore *leases)
{
    pthread_mutex_lock(&b->mutex);
    const bool first = !link->leases;
    if (first) {
        link->jetstream = jetstream;
        link->leases = leases;
    }
    pthread_mutex_unlock(&b->mutex);
    if (first)
        return;
    b->nats->kvStore_Destroy(leases);
    b->nats->jsCtx_Destroy(jetstream);
}

hf_status hf_link_use_leases(hf_broker *b, hf_link *link, uint32_t lease_ms, hf_error *err)
{
    jsCtx *jetstream = NULL;
    kvStore *leases = NULL;
    jsOptions options;
    b->nats->jsOptions_Init(&options);
    options.Wait = b->timeout_ms;
    natsStatus s = b->nats->natsConnection_JetStream(&jetstream, link->connection, &options);
    if (s == NATS_OK)
        s = open_store(b, jetstream, lease_ms, &leases);
    hf_status status = s == NATS_OK
                           ? check_lease_ms(b, jetstream, lease_ms, err)
                           : hf_broker_fail(b, s, "the store of leases (JetStream must be enabled)", err);
    if (status == HF_OK) {
        keep_store(b, link, jetstream, leases);
        return HF_OK;
    }
    if (leases)
        b->nats->kvStore_Destroy(leases);
    if (jetstream)
        b->nats->jsCtx_Destroy(jetstream);
    return status;
}

hf_status hf_broker_use_leases(hf_broker *b, uint32_t lease_ms, hf_error *err)
{
    if (!(b->has_watch && b->watch.at_once)) { /* otherwise the watch does it */
        hf_link *link = hf_link_take(b, err);
        if (!link)
            return HF_EIO;
        hf_status status = hf_link_use_leases(b, link, lease_ms, err);
        hf_link_put(b, link);
        if (status != HF_OK)
            return status;
    }
    pthread_mutex_lock(&b->mutex);
    b->lease_ms = lease_ms;
    pthread_mutex_unlock(&b->mutex);
    return HF_OK;
}

/* @return NULL: there is no connection, or no store; hf_link_put() */
static hf_link *take_leases(hf_broker *b)
{
    pthread_mutex_lock(&b->mutex);
    hf_link *link = b->link && b->link->leases ? b->link : NULL;
    if (link)
        link->users++;
    pthread_mutex_unlock(&b->mutex);
    return link;
}

/* When the store was made. @return false: no answer */
static bool store_age(const hf_broker *b, const hf_link *link, uint64_t *epoch_ns)
{
    jsStreamInfo *info = NULL;
    jsErrCode code;
    if (b->nats->js_GetStreamInfo(&info, link->jetstream, "KV_" HF_BROKER_LEASES, NULL, &code) != NATS_OK)
        return false;
    *epoch_ns = (uint64_t)info->Created;
    b->nats->jsStreamInfo_Destroy(info);
    return true;
}

typedef enum found { FOUND_NOTHING, FOUND_ENTRY, FOUND_NO_SERVER } found;

static found look(const hf_broker *b, const hf_link *link, const char *key,
                  char holder[HF_ENVELOPE_NAME_SIZE], uint64_t *revision)
{
    kvEntry *entry = NULL;
    natsStatus s = b->nats->kvStore_Get(&entry, link->leases, key);
    if (s == NATS_NOT_FOUND)
        return FOUND_NOTHING;
    if (s != NATS_OK)
        return FOUND_NO_SERVER;
    const char *value = b->nats->kvEntry_ValueString(entry);
    snprintf(holder, HF_ENVELOPE_NAME_SIZE, "%s", value ? value : "");
    *revision = b->nats->kvEntry_Revision(entry);
    b->nats->kvEntry_Destroy(entry);
    return FOUND_ENTRY;
}

static void release(const hf_broker *b, const hf_link *link, const hf_lease *lease)
{
    uint64_t revision;
    (void)b->nats->kvStore_UpdateString(&revision, link->leases, lease->key, FREE,
                                        lease->revision); /* otherwise it expires */
}

static hf_lease_result acquire(const hf_broker *b, const hf_link *link, const char *key, const char *holder,
                               hf_lease *out, char *by)
{
    hf_lease lease = {0};
    uint64_t revision = 0;
    snprintf(lease.key, sizeof lease.key, "%s", key);
    snprintf(lease.holder, sizeof lease.holder, "%s", holder);
    by[0] = '\0';
    natsStatus s = b->nats->kvStore_CreateString(&lease.revision, link->leases, key, holder);
    if (s != NATS_OK) {
        const found there = look(b, link, key, by, &revision);
        if (there != FOUND_ENTRY)
            return HF_LEASE_FAILED;
        if (strcmp(by, holder) == 0) /* the reply to an earlier try was lost */
            lease.revision = revision;
        else if (strcmp(by, FREE) != 0)
            return HF_LEASE_TAKEN;
        else if (b->nats->kvStore_UpdateString(&lease.revision, link->leases, key, holder, revision) !=
                 NATS_OK)
            return HF_LEASE_FAILED; /* perhaps somebody was faster */
    }
    lease.token.revision = lease.revision;
    if (!store_age(b, link, &lease.token.epoch_ns)) {
        release(b, link, &lease);
        return HF_LEASE_FAILED;
    }
    *out = lease;
    return HF_LEASE_OK;
}

static hf_lease_result renew(const hf_broker *b, const hf_link *link, hf_lease *lease)
{
    uint64_t revision = 0;
    char by[HF_ENVELOPE_NAME_SIZE] = "";
    if (b->nats->kvStore_UpdateString(&revision, link->leases, lease->key, lease->holder, lease->revision) ==
        NATS_OK) {
        lease->revision = revision;
        return HF_LEASE_OK;
    }
    switch (look(b, link, lease->key, by, &revision)) {
    case FOUND_NO_SERVER:
        return HF_LEASE_FAILED;
    case FOUND_NOTHING:
        return HF_LEASE_TAKEN; /* expired */
    case FOUND_ENTRY:
        break;
    }
    if (strcmp(by, lease->holder) != 0)
        return HF_LEASE_TAKEN;
    lease->revision = revision; /* the reply to an earlier renewal was lost; the next one succeeds */
    return HF_LEASE_FAILED;
}

/* ---- On the link of now ---- */

hf_lease_result hf_broker_acquire(hf_broker *b, const char *key, const char *holder, hf_lease *out, char *by)
{
    hf_link *link = take_leases(b);
    by[0] = '\0';
    if (!link)
        return HF_LEASE_FAILED;
    const hf_lease_result result = acquire(b, link, key, holder, out, by);
    hf_link_put(b, link);
    return result;
}

hf_lease_result hf_broker_renew(hf_broker *b, hf_lease *lease)
{
    hf_link *link = take_leases(b);
    if (!link)
        return HF_LEASE_FAILED;
    const hf_lease_result result = renew(b, link, lease);
    hf_link_put(b, link);
    return result;
}

void hf_broker_release(hf_broker *b, hf_lease *lease)
{
    hf_link *link = take_leases(b);
    if (!link)
        return;
    release(b, link, lease);
    hf_link_put(b, link);
}
