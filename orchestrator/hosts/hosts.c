/* SPDX-License-Identifier: Apache-2.0 */
#include "hosts/hosts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/condition.h"
#include "broker/subjects.h"
#include "hosts_state.h"

#define TICK_MS     200
#define PATIENCE_MS 60000 /* how long a host may be cut off in the middle of an order */
#define OWNER_MAX   40    /* leaves room for the number of a lease */

hf_status hf_hosts_ask(hf_hosts *hosts, const char *host, uint32_t timeout_ms, hf_hello *out, hf_error *err)
{
    char subject[HF_SUBJECT_SIZE];
    hf_buffer reply = HF_BUFFER_INIT;
    hf_error cause = {0};
    snprintf(subject, sizeof subject, HF_SUBJECT_HELLO, host);
    hf_status status = hf_broker_request(hosts->broker, subject, "", 0, timeout_ms, &reply, &cause);
    if (status == HF_OK)
        status = hf_hello_decode(reply.data, reply.size, out, &cause);
    if (status == HF_OK && strcmp(out->host, host) != 0) {
        status = HF_FAIL_AS(&cause, HF_FAULT_AGENT, HF_EFORMAT, "it calls itself %s", out->host);
        hf_hello_free(out);
    }
    hf_buffer_free(&reply);
    hf_error_context(&cause, HF_FAULT_AGENT, "host %s", host);
    return status == HF_OK ? HF_OK : hf_error_pass(err, &cause);
}

/* ---- Time ---- */

/* Boards that are open but have nothing to do keep their leases, and their agents know that somebody is there. */
static void tick_boards(hf_hosts *hosts)
{
    remote *r;
    pthread_rwlock_rdlock(&hosts->list);
    LIST_FOREACH(r, &hosts->boards, link)
    {
        pthread_mutex_lock(&r->mutex);
        if (!r->commanded) { /* otherwise its own thread does that */
            hf_remote_turn(r);
            while (hf_remote_block(r))
                hf_remote_turn(r);
        } else if (r->fetching) { /* that thread is busy, perhaps for longer than the lease lasts */
            do
                hf_remote_time(r);
            while (hf_remote_block(r));
        }
        pthread_mutex_unlock(&r->mutex);
    }
    pthread_rwlock_unlock(&hosts->list);
}

/* Hosts that are there need not wait for their next announcement. */
static void call_after_an_outage(hf_hosts *hosts)
{
    char problem[HF_BROKER_PROBLEM_SIZE];
    const bool before = hosts->cut_off;
    hosts->cut_off = hf_hosts_problem(hosts, problem);
    if (before && !hosts->cut_off)
        (void)hf_broker_publish(hosts->broker, HF_SUBJECT_WHO, "", 0,
                                NULL); /* they announce themselves anyway */
}

static void *tick(void *argument)
{
    hf_hosts *hosts = argument;
    pthread_mutex_lock(&hosts->mutex);
    while (!hosts->quit) {
        const struct timespec until = hf_timespec_in_ms(TICK_MS);
        pthread_cond_timedwait(&hosts->wake, &hosts->mutex, &until);
        pthread_mutex_unlock(&hosts->mutex);
        call_after_an_outage(hosts);
        tick_boards(hosts);
        pthread_mutex_lock(&hosts->mutex);
    }
    pthread_mutex_unlock(&hosts->mutex);
    return NULL;
}

/* ---- Start and end ---- */

static hf_status start(hf_hosts *hosts, hf_error *err)
{
    char subject[HF_SUBJECT_SIZE];
    hf_status status = hf_broker_use_leases(hosts->broker, LEASE_MS, err);
    snprintf(subject, sizeof subject, HF_SUBJECT_BLOB, hosts->owner, "*");
    if (status == HF_OK)
        status = hf_blobs_new(hosts->broker, subject, &hosts->blobs, err);
    snprintf(subject, sizeof subject, HF_SUBJECT_OWNER, hosts->owner, "*");
    if (status == HF_OK)
        status = hf_broker_subscribe(hosts->broker, subject, hf_hosts_on_message, hosts, err);
    snprintf(subject, sizeof subject, HF_SUBJECT_CONSOLE, hosts->owner, "*");
    if (status == HF_OK)
        status = hf_broker_subscribe(hosts->broker, subject, hf_hosts_on_output, hosts, err);
    snprintf(subject, sizeof subject, HF_SUBJECT_ANNOUNCE, "*");
    if (status == HF_OK)
        status = hf_broker_subscribe(hosts->broker, subject, hf_hosts_on_announce, hosts, err);
    if (status != HF_OK)
        return status;
    const int result = pthread_create(&hosts->ticker, NULL, tick, hosts);
    hosts->has_ticker = result == 0;
    return result == 0
               ? HF_OK
               : HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot start a thread: %s", strerror(result));
}

hf_status hf_hosts_new(hf_broker *broker, const char *owner, hf_hosts **out, hf_error *err)
{
    if (!hf_envelope_name_ok(owner) || strlen(owner) > OWNER_MAX) {
        hf_broker_close(broker);
        return HF_FAIL(err, HF_EINVALID,
                       "\"%s\" cannot be the name of an owner: expected at most %d ASCII characters without "
                       "space, dot, '*' and "
                       "'>'",
                       owner, OWNER_MAX);
    }
    hf_hosts *hosts = calloc(1, sizeof *hosts);
    if (!hosts) {
        hf_broker_close(broker);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the hosts of the farm");
    }
    hosts->broker = broker;
    hosts->patience_ms = PATIENCE_MS;
    hosts->lease_ms = LEASE_MS;
    hosts->renew_ms = RENEW_MS;
    snprintf(hosts->owner, sizeof hosts->owner, "%s", owner);
    pthread_rwlock_init(&hosts->list, NULL);
    pthread_mutex_init(&hosts->mutex, NULL);
    hf_condition_init(&hosts->wake);
    hf_condition_init(&hosts->wake_clocks);
    hf_status status = start(hosts, err);
    if (status == HF_OK)
        *out = hosts;
    else
        hf_hosts_free(hosts);
    return status;
}

void hf_hosts_set_patience(hf_hosts *hosts, uint32_t patience_ms)
{
    hosts->patience_ms = patience_ms;
}

void hf_hosts_free(hf_hosts *hosts)
{
    if (!hosts)
        return;
    hf_hosts_stop_clocks(hosts);
    if (hosts->has_ticker) {
        pthread_mutex_lock(&hosts->mutex);
        hosts->quit = true;
        pthread_cond_signal(&hosts->wake);
        pthread_mutex_unlock(&hosts->mutex);
        pthread_join(hosts->ticker, NULL);
    }
    hf_broker_close(hosts->broker); /* waits for handlers */
    hf_blobs_free(hosts->blobs);
    hf_hosts_forget(hosts);
    pthread_cond_destroy(&hosts->wake_clocks);
    pthread_cond_destroy(&hosts->wake);
    pthread_mutex_destroy(&hosts->mutex);
    pthread_rwlock_destroy(&hosts->list);
    free(hosts);
}
