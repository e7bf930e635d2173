/* SPDX-License-Identifier: Apache-2.0 */
/* Which board a message of an agent is for. A host can speak of its own boards only: the server lets it publish with its own name only. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "broker/subjects.h"
#include "hosts_state.h"

/* "hf.v1.owner.OWNER.HOST" */
static const char *sender(const char *subject)
{
    const char *dot = strrchr(subject, '.');
    return dot ? dot + 1 : "";
}

static bool is_of(const remote *r, const char *host, const hf_envelope *message)
{
    return strcmp(r->board.id, message->board) == 0 && strcmp(r->board.host, host) == 0;
}

/* Under the board's mutex. */
static bool holds(const remote *r, hf_order_token token)
{
    return hf_order_token_compare(r->lease.token, token) == 0;
}

static void put_into_inbox(remote *r, const void *bytes, size_t size)
{
    if (r->inbox_count == INBOX)
        return;
    hf_buffer *slot = &r->inbox[r->inbox_count];
    hf_buffer_clear(slot);
    hf_buffer_append(slot, bytes, size);
    r->inbox_count += !slot->failed;
    pthread_cond_broadcast(&r->changed);
    if (r->console)
        hf_remote_console_wake(r->console);
}

/* A board may be known twice, to a worker and to a console: a message is for whoever had the lease that it names, otherwise
 * for the worker. @return whether anybody took it */
static bool deliver(hf_hosts *hosts, const char *host, const hf_envelope *message, bool by_lease,
                    const void *bytes, size_t size)
{
    bool taken = false;
    remote *r;
    LIST_FOREACH(r, &hosts->boards, link)
    {
        if (!is_of(r, host, message))
            continue;
        pthread_mutex_lock(&r->mutex);
        const bool its = by_lease ? holds(r, message->token) : !r->console;
        if (its)
            put_into_inbox(r, bytes, size);
        pthread_mutex_unlock(&r->mutex);
        taken |= its;
    }
    return taken;
}

/* An answer that nobody waits for any more, so that the agent need not keep it. */
static void acknowledge(const hf_hosts *hosts, const char *host, const hf_envelope *answer)
{
    char subject[HF_SUBJECT_SIZE];
    hf_envelope ack = {.kind = HF_MESSAGE_ACK, .token = answer->token, .number = answer->number};
    if (answer->kind != HF_MESSAGE_ANSWER || answer->number == 0)
        return;
    memcpy(ack.board, answer->board, sizeof ack.board);
    memcpy(ack.owner, hosts->owner, sizeof ack.owner);
    snprintf(subject, sizeof subject, HF_SUBJECT_HOST, host);
    hf_broker_send(hosts->broker, subject, &ack);
}

/* A thread of the connection. */
void hf_hosts_on_message(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    hf_hosts *hosts = user;
    const char *host = sender(subject);
    hf_envelope message;
    (void)reply;
    if (hf_envelope_decode(bytes, size, &message, NULL) != HF_OK || !hf_message_is_agents(message.kind) ||
        message.kind == HF_MESSAGE_OUTPUT)
        return;
    pthread_rwlock_rdlock(&hosts->list);
    const bool taken = deliver(hosts, host, &message, true, bytes, size) ||
                       deliver(hosts, host, &message, false, bytes, size);
    pthread_rwlock_unlock(&hosts->list);
    if (!taken)
        acknowledge(hosts, host, &message);
}

/* Another thread of the connection. */
void hf_hosts_on_output(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    hf_hosts *hosts = user;
    const char *host = sender(subject);
    hf_envelope message;
    remote *r;
    (void)reply;
    if (hf_envelope_decode(bytes, size, &message, NULL) != HF_OK || message.kind != HF_MESSAGE_OUTPUT)
        return;
    pthread_rwlock_rdlock(&hosts->list);
    LIST_FOREACH(r, &hosts->boards, link)
    {
        if (!is_of(r, host, &message))
            continue;
        pthread_mutex_lock(&r->mutex);
        if (r->console && hf_owner_is_of_order(r->owner, &message)) {
            hf_owner_message(r->owner, &message, hf_now_ns()); /* a sign of the agent */
            hf_remote_console_output(r->console, &message);
        } else if (!r->console) {
            hf_remote_heard(r, &message);
        }
        pthread_mutex_unlock(&r->mutex);
    }
    pthread_rwlock_unlock(&hosts->list);
}
