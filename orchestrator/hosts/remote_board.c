/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "broker/subjects.h"
#include "hosts_state.h"

#define RESEND_MS     1000
#define KEEP_MS       2000
#define FIRST_SIGN_MS 10000
#define TURN_MS       200 /* how often a command looks at the time, and whether it was cancelled */
#define FETCH_MS      60000

static void send(remote *r, const hf_envelope *envelope)
{
    char subject[HF_SUBJECT_SIZE];
    snprintf(subject, sizeof subject, HF_SUBJECT_HOST, r->board.host);
    hf_broker_send(r->hosts->broker, subject, envelope);
}

static void replied(remote *r, const hf_owner_action *action)
{
    r->replied = true;
    r->outcome = action->outcome;
    hf_buffer_clear(&r->answer);
    if (action->outcome == HF_OWNER_ANSWERED && action->envelope.body)
        hf_buffer_append(&r->answer, action->envelope.body, action->envelope.body_bytes);
}

static void act(remote *r)
{
    hf_owner_action action;
    while (hf_owner_next(r->owner, &action)) {
        switch (action.kind) {
        case HF_OWNER_ACQUIRE:
            r->due_acquire = true;
            break;
        case HF_OWNER_RENEW:
            r->due_renew = true;
            break;
        case HF_OWNER_RELEASE:
            r->due_release = true;
            r->released = r->lease;
            break;
        case HF_OWNER_SEND:
            send(r, &action.envelope);
            break;
        case HF_OWNER_REPLY:
            replied(r, &action);
            break;
        }
    }
}

/* A large answer is fetched before the state machine sees it, because what it has seen it acknowledges. Only the one that is
 * awaited: others are acknowledged and forgotten. The mutex is released meanwhile. @return false: not to be had now; it is sent
 * again */
static bool complete(remote *r, hf_envelope *message, hf_buffer *fetched)
{
    if (message->body || message->body_bytes == 0 || !r->commanded || !hf_owner_awaits(r->owner, message))
        return true;
    char subject[HF_SUBJECT_SIZE];
    snprintf(subject, sizeof subject, HF_SUBJECT_ANSWER, r->board.host);
    r->fetching = true;
    pthread_mutex_unlock(&r->mutex);
    hf_status status = hf_broker_fetch(r->hosts->broker, subject, message->body_sha256, message->body_bytes,
                                       hf_deadline_in_ms(FETCH_MS), fetched, NULL);
    pthread_mutex_lock(&r->mutex);
    r->fetching = false;
    message->body = (const uint8_t *)fetched->data;
    return status == HF_OK;
}

/* Takes the oldest message. */
static hf_buffer take_message(remote *r)
{
    hf_buffer bytes = r->inbox[0];
    r->inbox_count--;
    memmove(&r->inbox[0], &r->inbox[1], (INBOX - 1) * sizeof r->inbox[0]);
    r->inbox[INBOX - 1] = (hf_buffer)HF_BUFFER_INIT;
    return bytes;
}

void hf_remote_time(remote *r)
{
    hf_owner_tick(r->owner, hf_now_ns());
    act(r);
}

void hf_remote_turn(remote *r)
{
    bool fetched_one = false; /* which takes long: whoever commands wants to look at other things too */
    while (r->inbox_count > 0 && !fetched_one) {
        hf_buffer bytes = take_message(r), fetched = HF_BUFFER_INIT;
        hf_envelope message;
        if (hf_envelope_decode(bytes.data, bytes.size, &message, NULL) == HF_OK &&
            complete(r, &message, &fetched))
            hf_owner_message(r->owner, &message, hf_now_ns());
        act(r); /* while what the message points to is there */
        fetched_one = fetched.data != NULL;
        hf_buffer_free(&bytes);
        hf_buffer_free(&fetched);
    }
    hf_remote_time(r);
    hf_remote_listen(r);
}

/* ---- Lease operations ---- */

/* A name for the next lease. */
static void name_holder(hf_hosts *hosts, char holder[HF_ENVELOPE_NAME_SIZE])
{
    pthread_mutex_lock(&hosts->mutex);
    snprintf(holder, HF_ENVELOPE_NAME_SIZE, "%.40s/%u", hosts->owner, ++hosts->holders);
    pthread_mutex_unlock(&hosts->mutex);
}

static void acquire(remote *r)
{
    hf_lease lease = {0};
    char by[HF_ENVELOPE_NAME_SIZE];
    const uint64_t asked_ns = hf_now_ns();
    pthread_mutex_unlock(&r->mutex);
    name_holder(r->hosts, r->holder);
    const hf_lease_result result = hf_broker_acquire(r->hosts->broker, r->key, r->holder, &lease, by);
    pthread_mutex_lock(&r->mutex);
    if (result == HF_LEASE_OK)
        r->lease = lease;
    memcpy(r->taken_by, by, sizeof by);
    hf_owner_acquired(r->owner, result, lease.token, asked_ns, hf_now_ns());
}

static void renew(remote *r)
{
    hf_lease lease = r->lease;
    const uint64_t asked_ns = hf_now_ns();
    pthread_mutex_unlock(&r->mutex);
    const hf_lease_result result = hf_broker_renew(r->hosts->broker, &lease);
    pthread_mutex_lock(&r->mutex);
    if (hf_order_token_compare(lease.token, r->lease.token) == 0)
        r->lease.revision = lease.revision;
    hf_owner_renewed(r->owner, result, asked_ns, hf_now_ns());
}

static void release(remote *r)
{
    hf_lease lease = r->released;
    pthread_mutex_unlock(&r->mutex);
    hf_broker_release(r->hosts->broker, &lease);
    pthread_mutex_lock(&r->mutex);
}

static bool take(bool *due)
{
    const bool was = *due;
    *due = false;
    return was;
}

bool hf_remote_block(remote *r)
{
    if (take(&r->due_release))
        release(r);
    else if (take(&r->due_acquire))
        acquire(r);
    else if (take(&r->due_renew))
        renew(r);
    else
        return false;
    act(r);
    return true;
}

/* ---- Commands ---- */

static bool is_cancelled(const remote *r)
{
    struct pollfd waiting = {.fd = r->board.options->cancel_fd, .events = POLLIN};
    return waiting.fd >= 0 && poll(&waiting, 1, 0) > 0;
}

static void report_progress(remote *r)
{
    uint8_t phase;
    uint32_t done, of;
    const hf_attempt_request *request = r->request;
    if (!request || !request->progress || !hf_owner_progress(r->owner, &phase, &done, &of))
        return;
    pthread_mutex_unlock(&r->mutex);
    request->progress(request->progress_user, (hf_phase)phase, done, of);
    pthread_mutex_lock(&r->mutex);
}

static void wait_for_change(remote *r)
{
    const struct timespec until = hf_timespec_in_ms(TURN_MS);
    if (r->inbox_count == 0)
        pthread_cond_timedwait(&r->changed, &r->mutex, &until);
}

void hf_remote_command(remote *r, hf_order_command command, const hf_buffer *body, uint64_t budget_ns)
{
    r->commanded = true;
    r->replied = false;
    hf_owner_command(r->owner, command, body, budget_ns, hf_now_ns());
    for (;;) {
        if (is_cancelled(r))
            hf_owner_cancel(r->owner, hf_now_ns());
        hf_remote_turn(r);
        while (hf_remote_block(r))
            ;
        report_progress(r);
        if (r->replied)
            break;
        wait_for_change(r);
    }
    r->commanded = false;
}

/* ---- Beginning and end ---- */

/* Keys of the store have letters, digits and few other characters; the dot separates host and board. */
static hf_status make_key(remote *r, hf_error *err)
{
    char text[2 * HF_ENVELOPE_NAME_SIZE + 2];
    size_t at = 0;
    snprintf(text, sizeof text, "%s.%s", r->board.host, r->board.id);
    for (const char *c = text; *c && at + 4 < sizeof r->key; c++) {
        const bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                           strchr("-_.", *c);
        at += (size_t)snprintf(r->key + at, sizeof r->key - at, plain ? "%c" : "=%02x", (unsigned char)*c);
        if (c[1] && at + 4 >= sizeof r->key)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT,
                              "the names of host %s and board %s are too long together", r->board.host,
                              r->board.id);
    }
    return HF_OK;
}

hf_status hf_remote_new(hf_hosts *hosts, const hf_remote_board *board, const remote_patience *patience,
                        remote **out, hf_error *err)
{
    const hf_owner_options options = {
        .board = board->id,
        .owner = hosts->owner,
        .lease_ns = hosts->lease_ms * HF_NS_PER_MS,
        .renew_ns = hosts->renew_ms * HF_NS_PER_MS,
        .resend_ns = RESEND_MS * HF_NS_PER_MS,
        .keep_ns = KEEP_MS * HF_NS_PER_MS,
        .first_sign_ns = FIRST_SIGN_MS * HF_NS_PER_MS,
        .patience_ns = patience->confirmed_ms * HF_NS_PER_MS,
        .close_ns = patience->close_ms * HF_NS_PER_MS,
    };
    remote *r = calloc(1, sizeof *r);
    if (!r)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for board %s", board->id);
    r->hosts = hosts;
    r->board = *board;
    hf_status status = make_key(r, err);
    if (status == HF_OK)
        status = hf_owner_new(&options, &r->owner, err);
    if (status != HF_OK) {
        free(r);
        return status;
    }
    pthread_mutex_init(&r->mutex, NULL);
    hf_condition_init(&r->changed);
    *out = r;
    return HF_OK;
}

void hf_remote_enlist(remote *r)
{
    pthread_rwlock_wrlock(&r->hosts->list);
    LIST_INSERT_HEAD(&r->hosts->boards, r, link);
    pthread_rwlock_unlock(&r->hosts->list);
}

void hf_remote_free(remote *r)
{
    pthread_rwlock_wrlock(&r->hosts->list);
    LIST_REMOVE(r, link);
    pthread_rwlock_unlock(&r->hosts->list);
    hf_owner_free(r->owner);
    for (uint32_t i = 0; i < INBOX; i++)
        hf_buffer_free(&r->inbox[i]);
    hf_buffer_free(&r->answer);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->mutex);
    free(r);
}
