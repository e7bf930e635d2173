/* SPDX-License-Identifier: Apache-2.0 */
#include "client/follow.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "event_stream.h"
#include "http.h"

#define PATIENCE_MS    UINT64_C(120000)
#define FIRST_PAUSE_MS UINT64_C(100)
#define MOST_PAUSE_MS  UINT64_C(5000)
#define POLL_MS        1000

typedef struct follow {
    hf_client *client;
    const hf_client_follower *follower;
    char *path;
    hf_api_run_end *end;
    hf_event_stream stream;
    CURL *curl;          /* of the connection */
    hf_buffer refusal;   /* body of an answer that is no stream */
    hf_deadline give_up; /* while the connection is lost */
    bool is_lost;
    bool is_over;
    hf_error failure; /* that no new connection mends */
} follow;

/* ---- Events ---- */

static void take_view(follow *f, const hf_stream_event *event)
{
    hf_run_view view;
    if (hf_api_read(&hf_api_run_view_type, event->data, event->data_bytes, &view, &f->failure) != HF_OK)
        return;
    if (f->follower->run.changed)
        f->follower->run.changed(f->follower->run.user, &view);
    hf_api_clear(&hf_api_run_view_type, &view);
}

static void take_run_event(follow *f, const hf_stream_event *event)
{
    hf_run_event run_event;
    if (hf_api_read(&hf_api_run_event_type, event->data, event->data_bytes, &run_event, &f->failure) != HF_OK)
        return;
    if (f->follower->run.event)
        f->follower->run.event(f->follower->run.user, &run_event);
    hf_api_clear(&hf_api_run_event_type, &run_event);
}

static void take_gap(follow *f, const hf_stream_event *event)
{
    hf_api_gap gap;
    if (hf_api_read(&hf_api_gap_type, event->data, event->data_bytes, &gap, &f->failure) == HF_OK &&
        f->follower->gap)
        f->follower->gap(f->follower->user, gap.events);
}

static bool take_event(void *user, const hf_stream_event *event)
{
    follow *f = user;
    if (strcmp(event->name, "view") == 0)
        take_view(f, event);
    else if (strcmp(event->name, "event") == 0)
        take_run_event(f, event);
    else if (strcmp(event->name, "gap") == 0)
        take_gap(f, event);
    else if (strcmp(event->name, "over") == 0)
        f->is_over =
            hf_api_read(&hf_api_run_end_type, event->data, event->data_bytes, f->end, &f->failure) == HF_OK;
    if (f->failure.status != HF_OK)
        hf_error_context(&f->failure, HF_FAULT_FARM,
                         "the daemon at %s sends an event '%s' that is not as expected",
                         hf_client_where(f->client), event->name);
    return !f->is_over && f->failure.status == HF_OK;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *user)
{
    follow *f = user;
    long http_status = 0;
    curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &http_status);
    if (http_status != 200) {
        hf_buffer_append(&f->refusal, bytes, size * count);
        return size * count;
    }
    if (f->is_lost) {
        f->is_lost = false;
        if (f->follower->back)
            f->follower->back(f->follower->user);
    }
    if (hf_event_stream_feed(&f->stream, bytes, size * count, &f->failure) != HF_OK || f->stream.stopped)
        return 0; /* ends the connection */
    return size * count;
}

/* ---- One connection ---- */

static hf_status prepare(follow *f, struct curl_slist **headers, hf_error *err)
{
    char *line = NULL;
    const char *id = hf_event_stream_last_id(&f->stream);
    hf_status status = hf_client_prepare(f->client, f->curl, "GET", f->path, err);
    if (status != HF_OK)
        return status;
    if (!*id && f->follower->from_start)
        id = "0";
    for (const struct curl_slist *each = f->client->headers; each; each = each->next)
        *headers = curl_slist_append(*headers, each->data);
    if (*id && asprintf(&line, "Last-Event-ID: %s", id) >= 0)
        *headers = curl_slist_append(*headers, line);
    free(line);
    curl_easy_setopt(f->curl, CURLOPT_HTTPHEADER, *headers);
    curl_easy_setopt(f->curl, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(f->curl, CURLOPT_WRITEDATA, f);
    curl_easy_setopt(f->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(f->curl, CURLOPT_LOW_SPEED_TIME, HF_CLIENT_SILENCE_S);
    hf_event_stream_restart(&f->stream);
    hf_buffer_clear(&f->refusal);
    return HF_OK;
}

/* @return false: stop following */
static bool is_wanted(const follow *f, bool woken)
{
    return !woken || !f->follower->woken || f->follower->woken(f->follower->user);
}

/* Drives the connection until it ends. @return HF_OK with curl's result; HF_ECANCELLED */
static hf_status drive(follow *f, CURLM *multi, CURLcode *result, hf_error *err)
{
    struct curl_waitfd wake = {.fd = f->follower->wake_fd, .events = CURL_WAIT_POLLIN};
    const unsigned extra = wake.fd >= 0;
    for (;;) {
        int running = 0, left = 0;
        CURLMcode code = curl_multi_perform(multi, &running);
        const CURLMsg *message = curl_multi_info_read(multi, &left);
        if (message && message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return HF_OK;
        }
        wake.revents = 0;
        if (code == CURLM_OK)
            code = curl_multi_poll(multi, extra ? &wake : NULL, extra, POLL_MS, NULL);
        if (code != CURLM_OK)
            return HF_FAIL(err, HF_EIO, "libcurl: %s", curl_multi_strerror(code));
        if (!is_wanted(f, wake.revents != 0))
            return HF_FAIL(err, HF_ECANCELLED, "stopped following the run");
    }
}

/* Connects once and takes events until the connection ends. @return HF_OK: over, or *why tells why it was lost */
static hf_status connect_once(follow *f, char *why, size_t why_size, hf_error *err)
{
    struct curl_slist *headers = NULL;
    CURLcode result = CURLE_OK;
    long http_status = 0;
    CURLM *multi = curl_multi_init();
    f->curl = curl_easy_init();
    hf_status status =
        multi && f->curl ? prepare(f, &headers, err) : HF_FAIL(err, HF_ENOMEM, "no memory to follow a run");
    if (status == HF_OK && curl_multi_add_handle(multi, f->curl) == CURLM_OK) {
        status = drive(f, multi, &result, err);
        curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &http_status);
        curl_multi_remove_handle(multi, f->curl);
    }
    if (status == HF_OK && f->failure.status != HF_OK)
        status = hf_error_pass(err, &f->failure);
    else if (status == HF_OK && !f->is_over && http_status >= 300 && http_status < 500) {
        hf_api_refusal refusal = {0};
        status = hf_client_refused(f->client, http_status, &f->refusal, &refusal, err);
        hf_api_clear(&hf_api_refusal_type, &refusal);
    }
    char denial[HF_CLIENT_DENIAL_SIZE];
    if (result == CURLE_COULDNT_CONNECT && hf_client_is_denied(f->client, denial, sizeof denial))
        snprintf(why, why_size, "you may not use it: %s", denial);
    else if (result == CURLE_COULDNT_CONNECT)
        snprintf(why, why_size, "nobody listens");
    else if (result == CURLE_OK)
        snprintf(why, why_size, "%s", http_status == 503 ? "it is being stopped" : "it ended the connection");
    else
        snprintf(why, why_size, "%s",
                 f->client->failure[0] ? f->client->failure : curl_easy_strerror(result));
    curl_easy_cleanup(f->curl);
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    f->curl = NULL;
    return status;
}

/* ---- Connecting again ---- */

static hf_status pause_for(const follow *f, uint64_t ms, hf_error *err)
{
    struct pollfd wake = {.fd = f->follower->wake_fd, .events = POLLIN}; /* a negative one is ignored */
    const hf_deadline end = hf_deadline_min(hf_deadline_in_ms(ms), f->give_up);
    while (!hf_deadline_passed(end))
        if (poll(&wake, 1, hf_deadline_left_ms(end)) > 0 && !is_wanted(f, true))
            return HF_FAIL(err, HF_ECANCELLED, "stopped following the run");
    return HF_OK;
}

static void note_lost(follow *f, const char *why)
{
    const uint64_t patience_ms = f->follower->patience_ms ? f->follower->patience_ms : PATIENCE_MS;
    if (f->is_lost)
        return;
    f->is_lost = true;
    f->give_up = hf_deadline_in_ms(patience_ms);
    if (f->follower->lost)
        f->follower->lost(f->follower->user, why, patience_ms);
}

static hf_status run(follow *f, hf_error *err)
{
    for (uint64_t pause_ms = FIRST_PAUSE_MS;;) {
        char why[CURL_ERROR_SIZE];
        hf_status status = connect_once(f, why, sizeof why, err);
        if (status != HF_OK || f->is_over)
            return status;
        if (!f->is_lost)
            pause_ms = FIRST_PAUSE_MS;
        note_lost(f, why);
        status = pause_for(f, pause_ms, err);
        if (status != HF_OK)
            return status;
        if (hf_deadline_passed(f->give_up))
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "the daemon at %s did not come back: %s",
                              hf_client_where(f->client), why);
        pause_ms = pause_ms * 2 < MOST_PAUSE_MS ? pause_ms * 2 : MOST_PAUSE_MS;
    }
}

hf_status hf_client_follow(hf_client *client, const char *run_name, const hf_client_follower *follower,
                           hf_api_run_end *end, hf_error *err)
{
    follow f = {.client = client, .follower = follower, .end = end, .refusal.limit = HF_API_MAX_TEXT_BYTES};
    f.path = hf_client_path("/runs/", run_name, "/events");
    if (!f.path)
        return HF_FAIL(err, HF_ENOMEM, "no memory to follow a run");
    hf_event_stream_init(&f.stream, HF_API_MAX_BYTES, take_event, &f);
    hf_status status = run(&f, err);
    hf_event_stream_free(&f.stream);
    hf_buffer_free(&f.refusal);
    free(f.path);
    return status;
}
