/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "answers.h"
#include "dispatch.h"
#include "earlier_submission.h"
#include "routes.h"
#include "run_end.h"
#include "run_views.h"

#define LAST_EVENT_BYTES 65536

/* The stream of a run that is over has only its end. */
static void follow_ended(hf_http_request *request, const char *json)
{
    hf_event_ring *ring = hf_event_ring_new(1, LAST_EVENT_BYTES);
    if (!ring) {
        hf_http_respond_error(request, 500, "no memory to follow a run");
        return;
    }
    hf_event_ring_end(ring, "over", json);
    hf_event_ring_follow(ring, request);
    hf_event_ring_release(ring);
}

/* What the spool knows of how a run ended is more than the store does, for as long as it keeps it.
 * @return the caller's to free(); NULL = nothing */
static char *read_spool(hf_daemon *daemon, const char *key)
{
    char newest[HF_SPOOL_KEY_SIZE], *text = NULL;
    unsigned count;
    size_t size = 0;
    if (hf_newest_submission(daemon, key, newest, &count, NULL) != HF_OK || !*newest)
        return NULL;
    pthread_mutex_lock(&daemon->spool_mutex);
    const hf_status status = hf_spool_read_over(daemon->spool, newest, &text, &size, NULL);
    pthread_mutex_unlock(&daemon->spool_mutex);
    return status == HF_OK ? text : NULL;
}

static void answer_ended(const hf_dispatched *task)
{
    int64_t run_id = 0;
    hf_report report = {0};
    hf_buffer text = HF_BUFFER_INIT;
    hf_error err = {0};
    hf_status status =
        hf_store_find_run(task->store, hf_http_request_segment(task->request, 0), &run_id, &err);
    if (status == HF_OK)
        status = hf_store_load_parts(task->store, run_id, 0, &report, &err);
    if (status == HF_OK && report.run.state == HF_RUN_RUNNING)
        status = HF_FAIL(&err, HF_EBUSY, "run %lld is under way in another process (%s)",
                         (long long)report.run.id, report.run.host);
    char *known = status == HF_OK ? read_spool(task->daemon, report.run.key) : NULL;
    if (status == HF_OK && !known)
        status = hf_run_end_render(&report, &text, &err);
    if (status == HF_OK)
        follow_ended(task->request, known ? known : hf_buffer_text(&text));
    else
        hf_answer_failure(task->request, &err);
    free(known);
    hf_buffer_free(&text);
    hf_report_free(&report);
}

static void follow(hf_daemon *daemon, hf_http_request *request, hf_daemon_run *run, int64_t run_id)
{
    (void)run_id;
    if (!run) {
        hf_dispatch_to_pool(daemon, request, daemon->quick, answer_ended);
        return;
    }
    hf_views_show_run(run);
    hf_event_ring_follow(run->ring, request);
}

void hf_get_run_events(void *user, hf_http_request *request)
{
    hf_dispatch_to_run(user, request, follow);
}

static void follow_farm(void *user, void *argument)
{
    hf_daemon *daemon = user;
    hf_views_show_farm(daemon);
    hf_event_ring_follow(daemon->ring, argument);
}

void hf_get_events(void *user, hf_http_request *request)
{
    hf_dispatch_to_loop(user, request, follow_farm);
}
