/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a run by people. */
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "answers.h"
#include "changes.h"
#include "dispatch.h"
#include "log.h"
#include "routes.h"
#include "run_begin.h"
#include "run_list.h"
#include "run_views.h"
#include "schedule/schedule.h"
#include "store/run_tags.h"

/* Whether the request's run is in the list and the user may change it; answers if not. */
static bool may_change(hf_http_request *request, const hf_daemon_run *run, const char *what)
{
    if (!run || run->ending)
        hf_http_respond_error(request, 409, "run %s is over", hf_http_request_segment(request, 0));
    else if (!hf_access_may_change(hf_http_request_peer(request), run->submitted.uid, run->submitted.owner))
        hf_http_respond_error(request, 403, "run %s belongs to %s: only they and root may %s",
                              run->submitted.key, run->submitted.owner, what);
    else
        return true;
    return false;
}

static void answer_entry(hf_http_request *request, hf_daemon_run *run)
{
    hf_api_queue_entry entry;
    hf_daemon_run_entry(run, &entry);
    hf_answer_object(request, 200, &hf_api_queue_entry_type, &entry);
}

/* Keeps the change on disk, in the loop's thread: a small file, and rare. */
static bool keep(hf_http_request *request, const hf_daemon_run *run)
{
    hf_changes changes = {.priority = run->priority, .stop = run->stop_requested};
    hf_error err = {0};
    snprintf(changes.stop_reason, sizeof changes.stop_reason, "%s", run->stop_reason);
    if (hf_changes_save(run->daemon, run->submitted.spool_key, &changes, &err) == HF_OK)
        return true;
    hf_answer_failure(request, &err);
    return false;
}

static void cancel(hf_daemon *daemon, hf_http_request *request, hf_daemon_run *run, int64_t run_id)
{
    (void)daemon;
    (void)run_id;
    char reason[64];
    const hf_http_peer *peer = hf_http_request_peer(request);
    if (!may_change(request, run, "cancel it"))
        return;
    if (!peer->local)
        snprintf(reason, sizeof reason, "by %.50s", peer->name);
    else if (run->submitted.uid == (int64_t)peer->uid)
        snprintf(reason, sizeof reason, "by %.50s", run->submitted.owner);
    else
        snprintf(reason, sizeof reason, "by %s", peer->uid == 0 ? "root" : "the daemon's user");
    hf_log(HF_LOG_INFO, "run %s is cancelled %s", run->submitted.key, reason);
    hf_run_stop(run, reason);
    if (keep(request, run))
        answer_entry(request, run);
}

void hf_post_run_cancel(void *user, hf_http_request *request)
{
    hf_dispatch_to_run(user, request, cancel);
}

/* Reads the body of a request; answers if it is wrong. @param out hf_api_clear() with hf_api_run_change_type */
static bool read_change(hf_http_request *request, hf_api_run_change *out)
{
    size_t size;
    hf_error err = {0};
    const char *body = hf_http_request_body(request, &size);
    if (hf_api_read(&hf_api_run_change_type, body, size, out, &err) == HF_OK)
        return true;
    hf_answer_failure(request, &err);
    return false;
}

static void set_priority(hf_daemon *daemon, hf_http_request *request, hf_daemon_run *run, int64_t run_id)
{
    (void)run_id;
    hf_api_run_change change = {0};
    hf_error err = {0};
    if (!may_change(request, run, "change its priority") || !read_change(request, &change))
        return;
    const int32_t priority = change.priority;
    hf_api_clear(&hf_api_run_change_type, &change);
    hf_status status = HF_OK;
    if (priority < -HF_SCHEDULE_MAX_PRIORITY || priority > HF_SCHEDULE_MAX_PRIORITY)
        status = HF_FAIL(&err, HF_EINVALID, "priority is %d, expected -%d to %d", priority,
                         HF_SCHEDULE_MAX_PRIORITY, HF_SCHEDULE_MAX_PRIORITY);
    if (status == HF_OK && run->controlled)
        status = hf_controller_set_priority(run->controlled, priority, &err);
    if (status != HF_OK) {
        hf_answer_failure(request, &err);
        return;
    }
    run->priority = priority;
    daemon->queue_changed = true;
    hf_views_changed(daemon);
    if (keep(request, run))
        answer_entry(request, run);
}

void hf_post_run_priority(void *user, hf_http_request *request)
{
    hf_dispatch_to_run(user, request, set_priority);
}

/* ---- Tags: of runs in the store ---- */

static void tag(const hf_dispatched *task)
{
    hf_http_request *request = task->request;
    const hf_http_peer *peer = hf_http_request_peer(request);
    hf_api_run_change change = {0};
    hf_run_row run = {0};
    hf_error err = {0};
    char name[HF_USER_NAME_SIZE];
    int64_t run_id = 0;
    if (!read_change(request, &change))
        return;
    hf_access_name(peer, name);
    hf_status status = change.tag ? HF_OK : HF_FAIL(&err, HF_EINVALID, "tag is missing: expected a name");
    if (status == HF_OK)
        status = hf_store_find_run(task->store, hf_http_request_segment(request, 0), &run_id, &err);
    if (status == HF_OK)
        status = hf_store_load_run(task->store, run_id, &run, &err);
    const bool own = run.owner && strcmp(run.owner, name) == 0;
    if (status == HF_OK && !own && !hf_access_may_change(peer, -1, NULL)) {
        hf_http_respond_error(request, 403, "run %lld belongs to %s: only they and root may tag it",
                              (long long)run.id, run.owner ? run.owner : "another user");
    } else {
        if (status == HF_OK)
            status = hf_store_tag_run(task->store, change.tag, run.id, change.move, &err);
        if (status == HF_OK)
            hf_answer_object(request, 200, &hf_api_run_row_type, &run);
        else
            hf_answer_failure(request, &err);
    }
    hf_row_clear(&hf_run_row_type, &run);
    hf_api_clear(&hf_api_run_change_type, &change);
}

void hf_post_run_tag(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->quick, tag);
}
