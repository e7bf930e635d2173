/* SPDX-License-Identifier: Apache-2.0 */
#include "run_list.h"

#include <stdlib.h>
#include <string.h>

#define MOST_EVENTS      4096 /* kept of a run, for clients that are behind or come back */
#define MOST_EVENT_BYTES (1u << 20)
#define MIN_PREFIX       4
#define DAY_LENGTH       9 /* of a key: "20261130-" */

hf_daemon_run *hf_daemon_run_new(hf_daemon *daemon, hf_submitted *submitted)
{
    hf_daemon_run *run = calloc(1, sizeof *run);
    hf_event_ring *ring = run ? hf_event_ring_new(MOST_EVENTS, MOST_EVENT_BYTES) : NULL;
    const char *path = submitted->submission.spec.path;
    char *name = ring ? strdup(path ? path : "") : NULL;
    if (!name) {
        hf_event_ring_release(ring);
        free(run);
        return NULL;
    }
    run->name = name;
    run->daemon = daemon;
    run->ring = ring;
    run->submitted = *submitted;
    *submitted = (hf_submitted){0};
    run->priority = run->submitted.submission.options.priority;
    run->state = HF_API_QUEUE_STARTING;
    return run;
}

void hf_daemon_run_free(hf_daemon_run *run)
{
    if (!run)
        return;
    hf_store_close(run->store);
    hf_report_free(&run->earlier);
    hf_run_plan_clear(&run->plan);
    hf_submitted_clear(&run->submitted);
    hf_event_ring_release(run->ring);
    hf_buffer_free(&run->end_json);
    free(run->name);
    free(run);
}

static hf_status number_owner(hf_daemon *daemon, hf_daemon_run *run)
{
    const char *name = run->submitted.owner;
    for (uint32_t i = 0; i < daemon->owner_count; i++)
        if (strcmp(daemon->owners[i], name) == 0) {
            run->owner_number = i;
            return HF_OK;
        }
    char **larger = realloc(daemon->owners, (daemon->owner_count + 1) * sizeof *larger);
    char *copy = strdup(name);
    if (larger)
        daemon->owners = larger;
    if (!larger || !copy) {
        free(copy);
        return HF_ENOMEM;
    }
    run->owner_number = daemon->owner_count;
    daemon->owners[daemon->owner_count++] = copy;
    return HF_OK;
}

hf_status hf_run_list_add(hf_daemon *daemon, hf_daemon_run *run)
{
    hf_status status = number_owner(daemon, run);
    if (status != HF_OK)
        return status;
    run->previous = daemon->last;
    run->next = NULL;
    *(daemon->last ? &daemon->last->next : &daemon->first) = run;
    daemon->last = run;
    daemon->run_count++;
    daemon->queue_changed = true;
    return HF_OK;
}

void hf_run_list_remove(hf_daemon *daemon, hf_daemon_run *run)
{
    *(run->previous ? &run->previous->next : &daemon->first) = run->next;
    *(run->next ? &run->next->previous : &daemon->last) = run->previous;
    daemon->run_count--;
    daemon->queue_changed = true;
}

static bool is_prefix(const char *text, size_t length, const char *key)
{
    return length >= MIN_PREFIX && strncmp(key, text, length) == 0;
}

hf_daemon_run *hf_run_list_find(hf_daemon *daemon, const char *text)
{
    const size_t length = strlen(text);
    char *end;
    const long long number = strtoll(text, &end, 10);
    for (hf_daemon_run *run = daemon->last; run; run = run->previous)
        if (strcmp(text, run->submitted.key) == 0 ||
            (*text && !*end && number && number == run->shown_run_id))
            return run;
    for (hf_daemon_run *run = daemon->last; run; run = run->previous)
        if (is_prefix(text, length, run->submitted.key) ||
            is_prefix(text, length, run->submitted.key + DAY_LENGTH))
            return run;
    return NULL;
}

hf_daemon_run *hf_run_list_find_id(hf_daemon *daemon, int64_t run_id)
{
    hf_daemon_run *run = daemon->first;
    while (run && run->shown_run_id != run_id)
        run = run->next;
    return run;
}

void hf_daemon_run_update(hf_daemon_run *run)
{
    char *name = run->plan.spec ? strdup(run->plan.spec->name) : NULL;
    if (name) { /* without memory, the name of the file stays */
        free(run->name);
        run->name = name;
    }
    run->shown_run_id = run->run_id;
}

void hf_daemon_run_entry(hf_daemon_run *run, hf_api_queue_entry *out)
{
    *out = (hf_api_queue_entry){
        .key = run->submitted.key,
        .run_id = run->shown_run_id,
        .name = run->name,
        .title = run->submitted.submission.options.title,
        .owner = run->submitted.owner,
        .priority = run->priority,
        .state = run->state,
        .submitted_ms = run->submitted.submitted_ms,
        .started_ms = run->started_ms,
        .job_count = run->state == HF_API_QUEUE_STARTING ? 0 : run->plan.part.selected,
        .left_ns = UINT64_MAX,
    };
    if (!run->controlled)
        return;
    hf_run_view view;
    hf_controller_run_view(run->controlled, &view);
    out->job_count = view.job_count;
    out->measured = view.progress.done;
    out->failed = view.progress.failed;
    out->not_run = view.progress.not_run;
    out->pruned = view.pruned;
    out->running = view.progress.running;
    out->left_ns = view.left_ns;
    const bool waits = !view.progress.running && run->state == HF_API_QUEUE_UNDER_WAY &&
                       view.stage == HF_RUN_STAGE_MEASURING;
    if (waits)
        out->state = HF_API_QUEUE_WAITING;
}
