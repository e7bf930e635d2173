/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TWO_BROKERS_H
#define TWO_BROKERS_H

#include <pthread.h>

#include "base/buffer.h"
#include "broker/broker.h"
#include "nats_server.h"

/**
 * @file two_brokers.h
 * For each case a nats-server and two connections to it.
 */

#define DEADLINE_MS 60000
#define LONG_MS     120000

extern nats_server server;
extern hf_broker *one, *two; /* a case that closes one sets it to NULL */

/** cmocka set-up and tear-down. Without a nats-server nothing is started. */
int two_brokers_set_up(void **state);
int two_brokers_tear_down(void **state);

/** What a subscription has received. */
typedef struct box {
    pthread_mutex_t mutex;
    pthread_cond_t arrived;
    size_t size; /* of the last message */
    unsigned count;
    char subject[64];
} box;

/** Handler of a subscription; answers a request with "got " and what it says. @param user the box */
void receive(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply);
/** Waits for a message. @return its size; 0 if none has come */
size_t wait_for(box *b);

#endif
