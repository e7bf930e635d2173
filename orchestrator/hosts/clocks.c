/* SPDX-License-Identifier: Apache-2.0 */
/* How far the clocks of the hosts are from the clock of this one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "broker/subjects.h"
#include "hosts_state.h"

#define REPLY_MS 1000
#define TRIES    3 /* the shortest round trip says most */
#define AGAIN_MS 60000

static bool ask(hf_hosts *hosts, const char *host, hf_host_clock_difference *out)
{
    char subject[HF_SUBJECT_SIZE];
    hf_buffer reply = HF_BUFFER_INIT;
    snprintf(subject, sizeof subject, HF_SUBJECT_HELLO, host);
    const int64_t asked_ms = hf_wall_ms();
    const uint64_t asked_ns = hf_now_ns();
    const bool answered = hf_broker_request(hosts->broker, subject, HF_CLOCK_QUESTION,
                                            sizeof HF_CLOCK_QUESTION - 1, REPLY_MS, &reply, NULL) == HF_OK &&
                          hf_host_clock_compare(reply.data, reply.size, asked_ms,
                                                (uint32_t)((hf_now_ns() - asked_ns) / HF_NS_PER_MS), out);
    hf_buffer_free(&reply);
    return answered;
}

static hf_host_clock_difference compare(hf_hosts *hosts, const char *host)
{
    hf_host_clock_difference best = {0}, now;
    for (int i = 0; i < TRIES && ask(hosts, host, &now); i++)
        if (!best.known || now.error_ms < best.error_ms)
            best = now;
    return best;
}

static void keep(hf_hosts *hosts, const char *host, hf_host_clock_difference difference)
{
    pthread_mutex_lock(&hosts->mutex);
    for (uint32_t i = 0; i < hosts->known_count; i++)
        if (strcmp(hosts->known[i].state.name, host) == 0)
            hosts->known[i].state.clock = difference;
    pthread_mutex_unlock(&hosts->mutex);
}

void hf_hosts_compare_clocks(hf_hosts *hosts)
{
    hf_host_state *states = calloc(HF_HOSTS_MAX, sizeof *states);
    const uint32_t count = states ? hf_hosts_list(hosts, states, HF_HOSTS_MAX) : 0;
    for (uint32_t i = 0; i < count && !hosts->quit_clocks; i++)
        if (!hf_host_is_away(&states[i], hf_now_ns()))
            keep(hosts, states[i].name, compare(hosts, states[i].name));
    free(states);
}

static void *watch(void *argument)
{
    hf_hosts *hosts = argument;
    pthread_mutex_lock(&hosts->mutex);
    while (!hosts->quit_clocks) {
        pthread_mutex_unlock(&hosts->mutex);
        hf_hosts_compare_clocks(hosts);
        pthread_mutex_lock(&hosts->mutex);
        const struct timespec until = hf_timespec_in_ms(AGAIN_MS);
        if (!hosts->quit_clocks)
            pthread_cond_timedwait(&hosts->wake_clocks, &hosts->mutex, &until);
    }
    pthread_mutex_unlock(&hosts->mutex);
    return NULL;
}

hf_status hf_hosts_watch_clocks(hf_hosts *hosts, hf_error *err)
{
    const int result = pthread_create(&hosts->clocks, NULL, watch, hosts);
    hosts->has_clocks = result == 0;
    return result == 0
               ? HF_OK
               : HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot start a thread: %s", strerror(result));
}

void hf_hosts_stop_clocks(hf_hosts *hosts)
{
    if (!hosts->has_clocks)
        return;
    pthread_mutex_lock(&hosts->mutex);
    hosts->quit_clocks = true;
    pthread_cond_signal(&hosts->wake_clocks);
    pthread_mutex_unlock(&hosts->mutex);
    pthread_join(hosts->clocks, NULL);
    hosts->has_clocks = false;
}
