/* SPDX-License-Identifier: Apache-2.0 */
/* Looks after the connection of a program that outlives its server. libnats itself takes a lost connection up again; here, one that
 * it has closed for good is replaced, and the store of leases is opened again, which the server may have lost. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "broker_state.h"

#define LOOK_MS  250
#define FIRST_MS 250 /* before the second try; doubles */
#define MOST_MS  8000
/* libnats tries with what it has read once; after so long it is tried with what the files say now. */
#define LOST_MS 10000

/* ---- What is told ---- */

static bool was_told(const hf_broker *b, const char *problem)
{
    for (unsigned i = 0; i < b->told_count; i++)
        if (strcmp(b->told[i], problem) == 0)
            return true;
    return false;
}

/* Failures may take turns; each is told once. */
static void tell(hf_broker *b, const char *problem)
{
    if (problem ? was_told(b, problem) : b->told_well)
        return;
    b->told_well = !problem;
    if (!problem)
        b->told_count = 0;
    else
        snprintf(b->told[b->told_count < HF_TOLD_MAX ? b->told_count++ : HF_TOLD_MAX - 1],
                 HF_BROKER_PROBLEM_SIZE, "%s", problem);
    if (b->watch.changed)
        b->watch.changed(b->watch.user, problem);
}

static void set_problem(hf_broker *b, const char *problem)
{
    pthread_mutex_lock(&b->mutex);
    snprintf(b->problem, sizeof b->problem, "%s", problem ? problem : "");
    pthread_mutex_unlock(&b->mutex);
    tell(b, problem);
}

static void failed(hf_broker *b, const hf_error *err)
{
    set_problem(b, err->message);
    b->next_try_ns = hf_now_ns() + b->wait_ms * HF_NS_PER_MS;
    b->wait_ms = b->wait_ms * 2 < MOST_MS ? b->wait_ms * 2 : MOST_MS;
}

/* ---- Looking ---- */

/* Subscribes on a new link, and makes it the one that is used. */
static hf_status adopt(hf_broker *b, hf_link *link, hf_error *err)
{
    hf_status status = HF_OK;
    const hf_subscription *subscription;
    pthread_mutex_lock(&b->subscribing);
    SLIST_FOREACH(subscription, &b->subscriptions, link)
    {
        if (status == HF_OK)
            status = hf_link_listen(b, link, subscription, err);
    }
    pthread_mutex_lock(&b->mutex);
    hf_link *old = b->link;
    if (status == HF_OK)
        b->link = link;
    b->renew = b->renew && status != HF_OK;
    pthread_mutex_unlock(&b->mutex);
    pthread_mutex_unlock(&b->subscribing);
    hf_link_close(b, status == HF_OK ? old : link);
    return status;
}

static void connect_again(hf_broker *b)
{
    hf_error err = {0};
    hf_link *link = NULL;
    hf_status status = hf_link_open(b, &link, &err);
    if (status == HF_OK)
        status = adopt(b, link, &err);
    if (status != HF_OK) {
        failed(b, &err);
        return;
    }
    b->reconnects = UINT64_MAX; /* its leases were never looked at */
    b->wait_ms = FIRST_MS;
    b->next_try_ns = b->lost_ns = 0;
}

static uint64_t count_reconnects(const hf_broker *b, const hf_link *link)
{
    natsStatistics *statistics = NULL;
    uint64_t in, in_bytes, out, out_bytes, reconnects = 0;
    if (b->nats->natsStatistics_Create(&statistics) != NATS_OK)
        return 0;
    if (b->nats->natsConnection_GetStats(link->connection, statistics) == NATS_OK)
        (void)b->nats->natsStatistics_GetCounts(statistics, &in, &in_bytes, &out, &out_bytes,
                                                &reconnects); /* then it stays 0 */
    b->nats->natsStatistics_Destroy(statistics);
    return reconnects;
}

/* The server may have been started again, without what it knew.
 * @param lease_ms 0 = leases are not used @param opened they were, on this link */
static void look_at_leases(hf_broker *b, hf_link *link, uint32_t lease_ms, bool opened)
{
    hf_error err = {0};
    const uint64_t reconnects = count_reconnects(b, link);
    const bool due = lease_ms && (!opened || b->reconnects != reconnects);
    if (due && hf_now_ns() < b->next_try_ns)
        return;
    if (due && hf_link_use_leases(b, link, lease_ms, &err) != HF_OK) {
        failed(b, &err);
        return;
    }
    b->reconnects = reconnects;
    b->wait_ms = FIRST_MS;
    set_problem(b, NULL);
}

static void look(hf_broker *b)
{
    char lost[HF_BROKER_PROBLEM_SIZE];
    pthread_mutex_lock(&b->mutex);
    hf_link *link = b->link; /* only this thread replaces it */
    const uint32_t lease_ms = b->lease_ms;
    const bool renew = b->renew, opened = link && link->leases;
    pthread_mutex_unlock(&b->mutex);
    const natsConnStatus status =
        link ? b->nats->natsConnection_Status(link->connection) : NATS_CONN_STATUS_CLOSED;
    if (status == NATS_CONN_STATUS_CLOSED || renew) {
        if (hf_now_ns() >= b->next_try_ns)
            connect_again(b);
    } else if (status == NATS_CONN_STATUS_CONNECTED) {
        b->lost_ns = 0;
        look_at_leases(b, link, lease_ms, opened);
    } else {
        const uint64_t now_ns = hf_now_ns();
        if (!b->lost_ns)
            b->lost_ns = now_ns;
        if (now_ns - b->lost_ns >= LOST_MS * HF_NS_PER_MS && now_ns >= b->next_try_ns) {
            connect_again(b);
            return;
        }
        snprintf(lost, sizeof lost, "the connection to the NATS server %.200s is lost", b->settings.url);
        set_problem(b, lost);
    }
}

static void *watch(void *argument)
{
    hf_broker *b = argument;
    pthread_mutex_lock(&b->mutex);
    while (!b->quit) {
        pthread_mutex_unlock(&b->mutex);
        look(b);
        pthread_mutex_lock(&b->mutex);
        const struct timespec until = hf_timespec_in_ms(LOOK_MS);
        if (!b->quit)
            pthread_cond_timedwait(&b->wake, &b->mutex, &until);
    }
    pthread_mutex_unlock(&b->mutex);
    return NULL;
}

/* ---- Start and end ---- */

void hf_broker_reconnect(hf_broker *b)
{
    pthread_mutex_lock(&b->mutex);
    b->renew = true;
    pthread_cond_signal(&b->wake);
    pthread_mutex_unlock(&b->mutex);
}

hf_status hf_watch_start(hf_broker *b, hf_error *err)
{
    b->wait_ms = FIRST_MS;
    b->reconnects = UINT64_MAX;
    const int result = pthread_create(&b->watcher, NULL, watch, b);
    b->has_watcher = result == 0;
    return result == 0
               ? HF_OK
               : HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot start a thread: %s", strerror(result));
}

void hf_watch_stop(hf_broker *b)
{
    if (!b->has_watcher)
        return;
    pthread_mutex_lock(&b->mutex);
    b->quit = true;
    pthread_cond_signal(&b->wake);
    pthread_mutex_unlock(&b->mutex);
    pthread_join(b->watcher, NULL);
    b->has_watcher = false;
}
