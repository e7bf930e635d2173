/* SPDX-License-Identifier: Apache-2.0 */
#include "two_brokers.h"

#include <time.h>

#include "needs_server.h"

nats_server server;
hf_broker *one, *two;

int two_brokers_set_up(void **state)
{
    (void)state;
    if (!hf_test_has_server())
        return 0;
    if (!nats_server_start(&server))
        return 1;
    one = hf_test_connect(&server);
    two = hf_test_connect(&server);
    return !one || !two;
}

int two_brokers_tear_down(void **state)
{
    (void)state;
    hf_broker_close(one);
    hf_broker_close(two);
    one = two = NULL;
    nats_server_end(&server);
    return 0;
}

/* ---- Messages ---- */

void receive(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    box *b = user;
    pthread_mutex_lock(&b->mutex);
    b->size = size;
    b->count++;
    snprintf(b->subject, sizeof b->subject, "%s", subject);
    pthread_cond_signal(&b->arrived);
    pthread_mutex_unlock(&b->mutex);
    if (reply && size > 0) {
        hf_buffer_puts(reply, "got ");
        hf_buffer_append(reply, bytes, size);
    }
}

size_t wait_for(box *b)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += DEADLINE_MS / 1000;
    pthread_mutex_lock(&b->mutex);
    while (b->size == 0 && pthread_cond_timedwait(&b->arrived, &b->mutex, &until) == 0)
        ;
    const size_t size = b->size;
    pthread_mutex_unlock(&b->mutex);
    return size;
}
