/* SPDX-License-Identifier: Apache-2.0 */
/* Which hosts there are: what their agents announce. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "broker/subjects.h"
#include "hosts_state.h"
#include "spec/agent_file.h"

#define CALL_AGAIN_MS 500

/* Under the mutex. @return NULL: there are too many */
static known_host *find_or_add(hf_hosts *hosts, const char *name)
{
    uint32_t at = 0;
    while (at < hosts->known_count && strcmp(hosts->known[at].state.name, name) < 0)
        at++;
    if (at < hosts->known_count && strcmp(hosts->known[at].state.name, name) == 0)
        return &hosts->known[at];
    if (hosts->known_count == HF_HOSTS_MAX)
        return NULL;
    memmove(&hosts->known[at + 1], &hosts->known[at], (hosts->known_count - at) * sizeof hosts->known[0]);
    hosts->known_count++;
    hosts->known[at] = (known_host){0};
    snprintf(hosts->known[at].state.name, sizeof hosts->known[at].state.name, "%s", name);
    return &hosts->known[at];
}

static void take(known_host *host, hf_hello *hello)
{
    memcpy(host->state.version, hello->version, sizeof host->state.version);
    host->state.leaving = hello->leaving;
    host->state.problem[0] = '\0';
    host->state.board_count = hello->board_count;
    hf_hello_free(&host->hello);
    host->hello = *hello;
}

void hf_hosts_note(hf_hosts *hosts, const char *name, hf_hello *hello, uint64_t heard_ns)
{
    pthread_mutex_lock(&hosts->mutex);
    known_host *host = find_or_add(hosts, name);
    if (host) {
        host->state.heard_ns = heard_ns;
        take(host, hello);
        pthread_cond_broadcast(&hosts->wake);
    } else {
        hf_hello_free(hello);
    }
    pthread_mutex_unlock(&hosts->mutex);
}

void hf_hosts_on_announce(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    hf_hosts *hosts = user;
    const char *dot = strrchr(subject, '.'), *name = dot ? dot + 1 : "";
    hf_hello hello;
    hf_error err = {0};
    (void)reply;
    if (!hf_host_name_ok(name)) /* its boards are called HOST/BOARD */
        return;
    hf_status status = hf_hello_decode(bytes, size, &hello, &err);
    if (status == HF_OK && strcmp(hello.host, name) != 0) {
        status = HF_FAIL_AS(&err, HF_FAULT_AGENT, HF_EFORMAT, "it calls itself %s", hello.host);
        hf_hello_free(&hello);
    }
    if (status == HF_OK) {
        hf_hosts_note(hosts, name, &hello, hf_now_ns());
        return;
    }
    pthread_mutex_lock(&hosts->mutex);
    known_host *host = find_or_add(hosts, name);
    if (host) {
        host->state.heard_ns = hf_now_ns();
        snprintf(host->state.problem, sizeof host->state.problem, "%.255s", err.message);
        pthread_cond_broadcast(&hosts->wake);
    }
    pthread_mutex_unlock(&hosts->mutex);
}

void hf_hosts_forget(hf_hosts *hosts)
{
    for (uint32_t i = 0; i < hosts->known_count; i++)
        hf_hello_free(&hosts->known[i].hello);
    hosts->known_count = 0;
}

bool hf_host_is_away(const hf_host_state *state, uint64_t now_ns)
{
    return state->leaving || state->problem[0] || state->heard_ns == 0 ||
           now_ns - state->heard_ns >= HF_HOST_AWAY_MS * HF_NS_PER_MS;
}

const char *hf_host_problem(const hf_host_state *state, uint64_t now_ns)
{
    return !hf_host_is_away(state, now_ns) ? NULL
           : state->problem[0]             ? state->problem
           : state->leaving                ? "its agent was stopped"
                                           : "its agent does not answer";
}

static bool are_there(const hf_hosts *hosts, const char *const *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = 0;
        while (at < hosts->known_count && strcmp(hosts->known[at].state.name, names[i]) != 0)
            at++;
        if (at == hosts->known_count || hosts->known[at].state.heard_ns == 0)
            return false;
    }
    return true;
}

bool hf_hosts_find(hf_hosts *hosts, const char *const *names, uint32_t count, uint32_t least_ms,
                   uint32_t most_ms)
{
    const hf_deadline least = hf_deadline_in_ms((int)least_ms), most = hf_deadline_in_ms((int)most_ms);
    char problem[HF_BROKER_PROBLEM_SIZE];
    bool all = false;
    for (;;) {
        (void)hf_broker_publish(hosts->broker, HF_SUBJECT_WHO, "", 0, NULL); /* repeated */
        pthread_mutex_lock(&hosts->mutex);
        const hf_deadline again = hf_deadline_in_ms(CALL_AGAIN_MS);
        while (!(all = are_there(hosts, names, count) && hf_deadline_passed(least)) &&
               !hf_deadline_passed(most) && !hf_deadline_passed(again)) {
            const struct timespec until = hf_timespec_in_ms(20);
            pthread_cond_timedwait(&hosts->wake, &hosts->mutex, &until);
        }
        pthread_mutex_unlock(&hosts->mutex);
        if (all || hf_deadline_passed(most) ||
            (hf_hosts_problem(hosts, problem) && hf_deadline_passed(least)))
            return all;
    }
}

bool hf_hosts_problem(hf_hosts *hosts, char out[HF_BROKER_PROBLEM_SIZE])
{
    return hf_broker_problem(hosts->broker, out);
}

uint32_t hf_hosts_list(hf_hosts *hosts, hf_host_state *out, uint32_t most)
{
    char problem[HF_BROKER_PROBLEM_SIZE];
    const bool cut_off = hf_hosts_problem(hosts, problem);
    const uint64_t now_ns = hf_now_ns();
    pthread_mutex_lock(&hosts->mutex);
    const uint32_t count = hosts->known_count < most ? hosts->known_count : most;
    for (uint32_t i = 0; i < count; i++) {
        out[i] = hosts->known[i].state;
        if (cut_off && !out[i].problem[0] && !out[i].leaving && hf_host_is_away(&out[i], now_ns))
            memcpy(out[i].problem, problem, sizeof problem);
    }
    pthread_mutex_unlock(&hosts->mutex);
    return count;
}

void hf_hosts_visit(hf_hosts *hosts, void (*visit)(void *user, const hf_hello *hello), void *user)
{
    pthread_mutex_lock(&hosts->mutex);
    for (uint32_t i = 0; i < hosts->known_count; i++)
        if (hosts->known[i].hello.host[0])
            visit(user, &hosts->known[i].hello);
    pthread_mutex_unlock(&hosts->mutex);
}
