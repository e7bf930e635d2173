/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BROKER_STATE_H
#define HF_BROKER_STATE_H

#include <pthread.h>
#include <sys/queue.h>

#include "broker/broker.h"
#include "library.h"

/** @file broker_state.h
 * What connection.c and leases.c share. */

typedef struct hf_subscription {
    hf_broker *broker;
    hf_broker_handler handler;
    void *user;
    natsSubscription *nats;
    bool ended; /* no handler is running, and none will; under broker->mutex */
    SLIST_ENTRY(hf_subscription) link;
} hf_subscription;

struct hf_broker {
    const hf_nats_library *nats;
    natsConnection *connection;
    uint32_t timeout_ms;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    SLIST_HEAD(, hf_subscription) subscriptions;
    /* leases.c; written once, before there are leases */
    jsCtx *jetstream;
    kvStore *leases;
};

/** Records a failure of libnats. */
hf_status hf_broker_fail(const hf_broker *broker, natsStatus cause, const char *doing, hf_error *err);
void hf_broker_close_leases(hf_broker *broker);

#endif
