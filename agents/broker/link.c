/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "broker_state.h"

#define FLUSH_MS 1000 /* for the last replies */
/* What waits for a handler. More of it is lost, so that nobody who sends too much fills the memory; what matters is repeated. */
#define PENDING_MESSAGES 4096
#define PENDING_BYTES    (16 << 20)

/* ---- Subscriptions ---- */

/* A thread of libnats. */
static void on_message(natsConnection *connection, natsSubscription *nats, natsMsg *message, void *closure)
{
    const hf_listener *listener = closure;
    const hf_nats_library *lib = listener->broker->nats;
    const char *address = lib->natsMsg_GetReply(message);
    hf_buffer reply = HF_BUFFER_INIT;
    (void)nats;
    listener->subscription->handler(listener->subscription->user, lib->natsMsg_GetSubject(message),
                                    lib->natsMsg_GetData(message),
                                    (size_t)lib->natsMsg_GetDataLength(message), address ? &reply : NULL);
    if (address && reply.size > 0 && !reply.failed)
        (void)lib->natsConnection_Publish(connection, address, reply.data,
                                          (int)reply.size); /* if it is lost, it is asked for again */
    hf_buffer_free(&reply);
    lib->natsMsg_Destroy(message);
}

static void on_complete(void *closure)
{
    hf_listener *listener = closure;
    hf_broker *b = listener->broker;
    pthread_mutex_lock(&b->mutex);
    listener->ended = true;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->mutex);
}

hf_status hf_link_listen(hf_broker *b, hf_link *link, const hf_subscription *subscription, hf_error *err)
{
    hf_listener *listener = calloc(1, sizeof *listener);
    if (!listener)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to subscribe to %s",
                          subscription->subject);
    *listener = (hf_listener){.broker = b, .subscription = subscription};
    natsStatus s = b->nats->natsConnection_Subscribe(&listener->nats, link->connection, subscription->subject,
                                                     on_message, listener);
    if (s != NATS_OK) {
        free(listener);
        return hf_broker_fail(b, s, "subscribing", err);
    }
    (void)b->nats->natsSubscription_SetPendingLimits(listener->nats, PENDING_MESSAGES,
                                                     PENDING_BYTES); /* fails for bad values only */
    /* Only then may the memory be freed: hf_link_close() waits for it. */
    (void)b->nats->natsSubscription_SetOnCompleteCB(listener->nats, on_complete,
                                                    listener); /* fails for a NULL only */
    SLIST_INSERT_HEAD(&link->listeners, listener, link);
    return HF_OK;
}

/* ---- Opening ---- */

/* libnats does not say why; these are the likely causes. */
static hf_status fail_tls(const hf_broker *b, hf_error *err)
{
    const bool has_authority = b->settings.ca_path || b->settings.ca_pem;
    return HF_FAIL_AS(
        err, HF_FAULT_AGENT, HF_EIO, "cannot connect to the NATS server %s: TLS failed: %s", b->settings.url,
        has_authority ? "its certificate must have the name in this URL, be signed by the farm's authority, "
                        "and be valid by the clock of this host"
                      : "the server demands it, and `ca` of the farm's authority is not given");
}

static hf_status connect_link(const hf_broker *b, hf_link *link, hf_error *err)
{
    char doing[400];
    natsOptions *options = NULL;
    hf_status status = hf_settings_options(b, &options, err);
    if (status != HF_OK)
        return status;
    const natsStatus s = b->nats->natsConnection_Connect(&link->connection, options);
    b->nats->natsOptions_Destroy(options);
    if (s == NATS_OK)
        return HF_OK;
    if (s == NATS_CONNECTION_AUTH_FAILED)
        return HF_FAIL_AS(err, HF_FAULT_AGENT, HF_EMISMATCH,
                          "the NATS server %s does not accept %s: it was revoked, it has joined again with "
                          "another key, or the server belongs to another farm",
                          b->settings.url, b->settings.name ? b->settings.name : "this program");
    if (s == NATS_SSL_ERROR)
        return fail_tls(b, err);
    snprintf(doing, sizeof doing, "cannot connect to the NATS server %s", b->settings.url);
    return hf_broker_fail(b, s, doing, err);
}

hf_status hf_link_open(hf_broker *b, hf_link **out, hf_error *err)
{
    hf_link *link = calloc(1, sizeof *link);
    if (!link)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to connect to %s", b->settings.url);
    hf_status status = connect_link(b, link, err);
    if (status == HF_OK)
        *out = link;
    else
        free(link);
    return status;
}

/* ---- Using ---- */

hf_link *hf_link_take(hf_broker *b, hf_error *err)
{
    pthread_mutex_lock(&b->mutex);
    hf_link *link = b->link;
    if (link)
        link->users++;
    else
        (void)HF_FAIL_AS(err, HF_FAULT_AGENT, HF_EIO, "%s",
                         b->problem[0] ? b->problem : "not connected to the NATS server yet"); /* in err */
    pthread_mutex_unlock(&b->mutex);
    return link;
}

void hf_link_put(hf_broker *b, hf_link *link)
{
    pthread_mutex_lock(&b->mutex);
    if (--link->users == 0)
        pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->mutex);
}

/* ---- Closing ---- */

static void wait_for_end(hf_broker *b, const hf_listener *listener)
{
    pthread_mutex_lock(&b->mutex);
    while (!listener->ended)
        pthread_cond_wait(&b->changed, &b->mutex);
    pthread_mutex_unlock(&b->mutex);
}

/* No handler is called any more, and the replies of those that were running leave. */
static void finish_handlers(hf_broker *b, const hf_link *link)
{
    hf_listener *listener;
    SLIST_FOREACH(listener, &link->listeners, link)
    {
        if (b->nats->natsSubscription_Unsubscribe(listener->nats) != NATS_OK)
            return; /* the connection is closed: nothing leaves */
    }
    SLIST_FOREACH(listener, &link->listeners, link)
    {
        wait_for_end(b, listener);
    }
    if (b->nats->natsConnection_Status(link->connection) == NATS_CONN_STATUS_CONNECTED)
        (void)b->nats->natsConnection_FlushTimeout(link->connection, FLUSH_MS); /* otherwise they are lost */
}

static void wait_for_users(hf_broker *b, const hf_link *link)
{
    pthread_mutex_lock(&b->mutex);
    while (link->users > 0)
        pthread_cond_wait(&b->changed, &b->mutex);
    pthread_mutex_unlock(&b->mutex);
}

void hf_link_close(hf_broker *b, hf_link *link)
{
    hf_listener *listener;
    if (!link)
        return;
    finish_handlers(b, link);
    b->nats->natsConnection_Close(link->connection); /* what its users wait for fails */
    while ((listener = SLIST_FIRST(&link->listeners))) {
        SLIST_REMOVE_HEAD(&link->listeners, link);
        wait_for_end(b, listener);
        b->nats->natsSubscription_Destroy(listener->nats);
        free(listener);
    }
    wait_for_users(b, link);
    if (link->leases)
        b->nats->kvStore_Destroy(link->leases);
    if (link->jetstream)
        b->nats->jsCtx_Destroy(link->jetstream);
    b->nats->natsConnection_Destroy(link->connection);
    free(link);
}
