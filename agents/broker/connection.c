/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret_file.h"
#include "broker/subjects.h"
#include "broker_state.h"

#define RECONNECT_MS     250 /* between two tries */
#define PING_INTERVAL_MS 2000
#define FLUSH_MS         1000 /* for the last replies */
#define PINGS_OUT        2    /* a dead server is noticed after about 3 pings */
/* What waits for a handler. More of it is lost, so that nobody who sends too much fills the memory; what matters is repeated. */
#define PENDING_MESSAGES 4096
#define PENDING_BYTES    (16 << 20)

/* ---- Opening ---- */

/* The name in the URL: the server's certificate must have it. */
static natsStatus expect_host(const hf_nats_library *nats, natsOptions *o, const char *url)
{
    char host[256];
    const char *at = strstr(url, "://");
    at = at ? at + 3 : url;
    const char *end = *at == '[' ? strchr(at, ']') : at + strcspn(at, ":");
    at += *at == '[';
    if (!end || end <= at || (size_t)(end - at) >= sizeof host)
        return NATS_INVALID_ARG;
    snprintf(host, sizeof host, "%.*s", (int)(end - at), at);
    return nats->natsOptions_SetExpectedHostname(o, host);
}

static natsStatus set_credentials(const hf_nats_library *nats, natsOptions *o,
                                  const hf_broker_options *options)
{
    natsStatus s = NATS_OK;
    if (options->user)
        s = nats->natsOptions_SetUserInfo(o, options->user, options->password ? options->password : "");
    if (s == NATS_OK && options->ca_path) {
        s = nats->natsOptions_SetSecure(o, true);
        if (s == NATS_OK)
            s = nats->natsOptions_LoadCATrustedCertificates(o, options->ca_path);
    }
    if (s == NATS_OK && (options->ca_path || strncmp(options->url, "tls://", 6) == 0))
        s = expect_host(nats, o, options->url);
    if (s == NATS_OK && options->cert_path)
        s = nats->natsOptions_LoadCertificatesChain(o, options->cert_path, options->key_path);
    if (s == NATS_OK && options->ca_pem) {
        s = nats->natsOptions_SetSecure(o, true);
        if (s == NATS_OK)
            s = nats->natsOptions_SetCATrustedCertificates(o, options->ca_pem);
    }
    if (s == NATS_OK && options->cert_pem)
        s = nats->natsOptions_SetCertificatesChain(o, options->cert_pem, options->key_pem);
    return s;
}

/* A message to nobody is better lost than late: what matters is repeated. */
static natsStatus set_options(const hf_nats_library *nats, natsOptions *o, const hf_broker_options *options)
{
    char inbox[HF_SUBJECT_SIZE];
    snprintf(inbox, sizeof inbox, HF_SUBJECT_INBOX, options->name ? options->name : "");
    natsStatus s = nats->natsOptions_SetURL(o, options->url);
    if (s == NATS_OK && options->name)
        s = nats->natsOptions_SetName(o, options->name);
    if (s == NATS_OK && options->name)
        s = nats->natsOptions_SetCustomInboxPrefix(o, inbox);
    if (s == NATS_OK)
        s = nats->natsOptions_SetTimeout(o, options->timeout_ms);
    if (s == NATS_OK)
        s = nats->natsOptions_SetMaxReconnect(o, -1);
    if (s == NATS_OK)
        s = nats->natsOptions_SetReconnectWait(o, RECONNECT_MS);
    if (s == NATS_OK)
        s = nats->natsOptions_SetReconnectBufSize(o, 0);
    if (s == NATS_OK)
        s = nats->natsOptions_SetPingInterval(o, PING_INTERVAL_MS);
    if (s == NATS_OK)
        s = nats->natsOptions_SetMaxPingsOut(o, PINGS_OUT);
    if (s == NATS_OK)
        s = nats->natsOptions_SetNoEcho(o, true);
    if (s == NATS_OK)
        s = nats->natsOptions_SetSendAsap(o, true);
    return s == NATS_OK ? set_credentials(nats, o, options) : s;
}

static hf_status check_key_file(const char *path, hf_error *err)
{
    hf_error cause = {0};
    hf_status status = hf_secret_check(path, &cause);
    if (status == HF_OK)
        return HF_OK;
    hf_error_context(&cause, HF_FAULT_FARM, "private key");
    cause.lasting = HF_PERMANENT;
    return hf_error_pass(err, &cause);
}

hf_status hf_broker_open(const hf_broker_options *options, hf_broker **out, hf_error *err)
{
    const hf_nats_library *nats;
    natsOptions *o = NULL;
    char doing[256];
    hf_status status = hf_nats_load(&nats, err);
    if (status == HF_OK && options->key_path)
        status = check_key_file(options->key_path, err);
    if (status != HF_OK)
        return status;
    hf_broker *b = calloc(1, sizeof *b);
    if (!b)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to connect to %s", options->url);
    b->nats = nats;
    b->timeout_ms = options->timeout_ms;
    pthread_mutex_init(&b->mutex, NULL);
    pthread_cond_init(&b->changed, NULL);
    natsStatus s = nats->natsOptions_Create(&o);
    if (s == NATS_OK)
        s = set_options(nats, o, options);
    if (s == NATS_OK)
        s = nats->natsConnection_Connect(&b->connection, o);
    nats->natsOptions_Destroy(o);
    if (s != NATS_OK) {
        snprintf(doing, sizeof doing, "cannot connect to the NATS server %s", options->url);
        status = hf_broker_fail(b, s, doing, err);
        hf_broker_close(b);
        return status;
    }
    *out = b;
    return HF_OK;
}

/* ---- Messages ---- */

hf_status hf_broker_publish(hf_broker *broker, const char *subject, const void *bytes, size_t size,
                            hf_error *err)
{
    if (size > HF_BROKER_MESSAGE_MAX)
        return HF_FAIL_AS(err, HF_FAULT_AGENT, HF_ELIMIT, "a message of %zu bytes, at most %u are allowed",
                          size, HF_BROKER_MESSAGE_MAX);
    natsStatus s = broker->nats->natsConnection_Publish(broker->connection, subject, bytes, (int)size);
    return s == NATS_OK ? HF_OK : hf_broker_fail(broker, s, "sending a message", err);
}

/* A thread of libnats. */
static void on_message(natsConnection *connection, natsSubscription *nats, natsMsg *message, void *closure)
{
    hf_subscription *sub = closure;
    const hf_nats_library *lib = sub->broker->nats;
    const char *address = lib->natsMsg_GetReply(message);
    hf_buffer reply = HF_BUFFER_INIT;
    (void)nats;
    sub->handler(sub->user, lib->natsMsg_GetSubject(message), lib->natsMsg_GetData(message),
                 (size_t)lib->natsMsg_GetDataLength(message), address ? &reply : NULL);
    if (address && reply.size > 0 && !reply.failed)
        (void)lib->natsConnection_Publish(connection, address, reply.data,
                                          (int)reply.size); /* if it is lost, it is asked for again */
    hf_buffer_free(&reply);
    lib->natsMsg_Destroy(message);
}

static void on_complete(void *closure)
{
    hf_subscription *sub = closure;
    pthread_mutex_lock(&sub->broker->mutex);
    sub->ended = true;
    pthread_cond_broadcast(&sub->broker->changed);
    pthread_mutex_unlock(&sub->broker->mutex);
}

hf_status hf_broker_subscribe(hf_broker *broker, const char *subject, hf_broker_handler handler, void *user,
                              hf_error *err)
{
    hf_subscription *sub = calloc(1, sizeof *sub);
    if (!sub)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to subscribe to %s", subject);
    *sub = (hf_subscription){.broker = broker, .handler = handler, .user = user};
    natsStatus s =
        broker->nats->natsConnection_Subscribe(&sub->nats, broker->connection, subject, on_message, sub);
    if (s != NATS_OK) {
        free(sub);
        return hf_broker_fail(broker, s, "subscribing", err);
    }
    (void)broker->nats->natsSubscription_SetPendingLimits(sub->nats, PENDING_MESSAGES,
                                                          PENDING_BYTES); /* fails for bad values only */
    /* Only then may the memory be freed: hf_broker_close() waits for it. */
    (void)broker->nats->natsSubscription_SetOnCompleteCB(sub->nats, on_complete,
                                                         sub); /* fails for a NULL only */
    pthread_mutex_lock(&broker->mutex);
    SLIST_INSERT_HEAD(&broker->subscriptions, sub, link);
    pthread_mutex_unlock(&broker->mutex);
    return HF_OK;
}

hf_status hf_broker_request(hf_broker *broker, const char *subject, const void *bytes, size_t size,
                            uint32_t timeout_ms, hf_buffer *reply, hf_error *err)
{
    const hf_nats_library *lib = broker->nats;
    natsMsg *message = NULL;
    hf_buffer_clear(reply);
    natsStatus s =
        lib->natsConnection_Request(&message, broker->connection, subject, bytes, (int)size, timeout_ms);
    if (s != NATS_OK)
        return hf_broker_fail(broker, s, "waiting for a reply", err);
    hf_buffer_append(reply, lib->natsMsg_GetData(message), (size_t)lib->natsMsg_GetDataLength(message));
    lib->natsMsg_Destroy(message);
    return reply->failed ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a reply") : HF_OK;
}

bool hf_broker_is_refused(const hf_broker *broker)
{
    return broker->nats->natsConnection_Status(broker->connection) == NATS_CONN_STATUS_CLOSED;
}

/* ---- Closing ---- */

/* No handler is called any more, and the replies of those that were running leave. */
static void finish_handlers(hf_broker *b)
{
    hf_subscription *sub;
    SLIST_FOREACH(sub, &b->subscriptions, link)
    {
        if (b->nats->natsSubscription_Unsubscribe(sub->nats) != NATS_OK)
            return; /* the connection is closed: nothing leaves */
    }
    pthread_mutex_lock(&b->mutex);
    SLIST_FOREACH(sub, &b->subscriptions, link)
    {
        while (!sub->ended)
            pthread_cond_wait(&b->changed, &b->mutex);
    }
    pthread_mutex_unlock(&b->mutex);
    if (b->nats->natsConnection_Status(b->connection) == NATS_CONN_STATUS_CONNECTED)
        (void)b->nats->natsConnection_FlushTimeout(b->connection, FLUSH_MS); /* otherwise they are lost */
}

static void close_subscriptions(hf_broker *b)
{
    hf_subscription *sub;
    finish_handlers(b);
    b->nats->natsConnection_Close(b->connection);
    while ((sub = SLIST_FIRST(&b->subscriptions))) {
        SLIST_REMOVE_HEAD(&b->subscriptions, link);
        pthread_mutex_lock(&b->mutex);
        while (!sub->ended)
            pthread_cond_wait(&b->changed, &b->mutex);
        pthread_mutex_unlock(&b->mutex);
        b->nats->natsSubscription_Destroy(sub->nats);
        free(sub);
    }
}

void hf_broker_close(hf_broker *b)
{
    if (!b)
        return;
    if (b->connection) {
        close_subscriptions(b);
        hf_broker_close_leases(b);
        b->nats->natsConnection_Destroy(b->connection);
    }
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->mutex);
    free(b);
}
