/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/condition.h"
#include "broker_state.h"

/* ---- Opening and closing ---- */

static hf_status start(hf_broker *b, const hf_broker_options *options, hf_error *err)
{
    hf_status status = hf_settings_copy(options, &b->settings, err);
    if (status == HF_OK)
        status = hf_settings_check(&b->settings, err);
    if (status == HF_OK && !(b->has_watch && b->watch.at_once))
        status = hf_link_open(b, &b->link, err);
    return status == HF_OK && b->has_watch ? hf_watch_start(b, err) : status;
}

hf_status hf_broker_open(const hf_broker_options *options, hf_broker **out, hf_error *err)
{
    const hf_nats_library *nats;
    hf_status status = hf_nats_load(&nats, err);
    if (status != HF_OK)
        return status;
    hf_broker *b = calloc(1, sizeof *b);
    if (!b)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to connect to %s", options->url);
    b->nats = nats;
    b->timeout_ms = options->timeout_ms;
    b->has_watch = options->watch != NULL;
    if (options->watch)
        b->watch = *options->watch;
    pthread_mutex_init(&b->subscribing, NULL);
    pthread_mutex_init(&b->mutex, NULL);
    pthread_cond_init(&b->changed, NULL);
    hf_condition_init(&b->wake);
    status = start(b, options, err);
    if (status == HF_OK)
        *out = b;
    else
        hf_broker_close(b);
    return status;
}

void hf_broker_close(hf_broker *b)
{
    hf_subscription *subscription;
    if (!b)
        return;
    hf_watch_stop(b);
    hf_link_close(b, b->link);
    while ((subscription = SLIST_FIRST(&b->subscriptions))) {
        SLIST_REMOVE_HEAD(&b->subscriptions, link);
        free(subscription);
    }
    hf_settings_free(&b->settings);
    pthread_cond_destroy(&b->wake);
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->mutex);
    pthread_mutex_destroy(&b->subscribing);
    free(b);
}

bool hf_broker_problem(hf_broker *b, char out[HF_BROKER_PROBLEM_SIZE])
{
    pthread_mutex_lock(&b->mutex);
    if (b->link || b->problem[0])
        memcpy(out, b->problem, HF_BROKER_PROBLEM_SIZE);
    else
        snprintf(out, HF_BROKER_PROBLEM_SIZE, "not connected to the NATS server %.200s yet", b->settings.url);
    pthread_mutex_unlock(&b->mutex);
    return out[0] != '\0';
}

/* ---- Messages ---- */

hf_status hf_broker_publish(hf_broker *b, const char *subject, const void *bytes, size_t size, hf_error *err)
{
    if (size > HF_BROKER_MESSAGE_MAX)
        return HF_FAIL_AS(err, HF_FAULT_AGENT, HF_ELIMIT, "a message of %zu bytes, at most %u are allowed",
                          size, HF_BROKER_MESSAGE_MAX);
    hf_link *link = hf_link_take(b, err);
    if (!link)
        return HF_EIO;
    const natsStatus s = b->nats->natsConnection_Publish(link->connection, subject, bytes, (int)size);
    hf_link_put(b, link);
    return s == NATS_OK ? HF_OK : hf_broker_fail(b, s, "sending a message", err);
}

/* Under `subscribing`. What a link of a broker with a watch cannot subscribe to now, the next one does. */
static hf_status listen_now(hf_broker *b, const hf_subscription *subscription, hf_error *err)
{
    hf_link *link = hf_link_take(b, NULL);
    hf_status status = link ? hf_link_listen(b, link, subscription, err) : HF_OK;
    if (link)
        hf_link_put(b, link);
    return b->has_watch && status != HF_ENOMEM ? HF_OK : status;
}

hf_status hf_broker_subscribe(hf_broker *b, const char *subject, hf_broker_handler handler, void *user,
                              hf_error *err)
{
    const size_t size = strlen(subject) + 1;
    hf_subscription *subscription = malloc(sizeof *subscription + size);
    if (!subscription)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to subscribe to %s", subject);
    *subscription = (hf_subscription){.handler = handler, .user = user};
    memcpy(subscription->subject, subject, size);
    pthread_mutex_lock(&b->subscribing);
    hf_status status = listen_now(b, subscription, err);
    if (status == HF_OK)
        SLIST_INSERT_HEAD(&b->subscriptions, subscription, link);
    pthread_mutex_unlock(&b->subscribing);
    if (status != HF_OK)
        free(subscription);
    return status;
}

hf_status hf_broker_request(hf_broker *b, const char *subject, const void *bytes, size_t size,
                            uint32_t timeout_ms, hf_buffer *reply, hf_error *err)
{
    natsMsg *message = NULL;
    hf_buffer_clear(reply);
    hf_link *link = hf_link_take(b, err);
    if (!link)
        return HF_EIO;
    const natsStatus s =
        b->nats->natsConnection_Request(&message, link->connection, subject, bytes, (int)size, timeout_ms);
    hf_link_put(b, link);
    if (s != NATS_OK)
        return hf_broker_fail(b, s, "waiting for a reply", err);
    hf_buffer_append(reply, b->nats->natsMsg_GetData(message),
                     (size_t)b->nats->natsMsg_GetDataLength(message));
    b->nats->natsMsg_Destroy(message);
    return reply->failed ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a reply") : HF_OK;
}
