/* SPDX-License-Identifier: Apache-2.0 */
/* What the observer of a run is shown: events, and a view of every board and of the whole run. */
#include "base/clock.h"
#include "run_state.h"
#include "time_left.h"

void hf_runner_notify(hf_runner *runner, const hf_run_event *event)
{
    const hf_run_observer *observer = &runner->options->observer;
    if (observer->event)
        observer->event(observer->user, event);
}

static void view_boards(hf_runner *runner)
{
    const uint64_t now_ns = hf_now_ns();
    pthread_mutex_lock(&runner->mutex);
    for (uint32_t i = 0; i < runner->board_count; i++) {
        hf_runner_board *board = &runner->boards[i];
        hf_board_view *view = &runner->views[i];
        hf_schedule_board_status_get(runner->schedule, i, &view->status);
        view->job = board->job == HF_SCHEDULE_NONE
                        ? NULL
                        : runner->options->spec->variations[runner->jobs[board->job].variation].name;
        view->in_use = view->status.in_use && board->in_use[0] ? board->in_use : NULL;
        view->failure = board->fault_message;
        view->quarantine_left_ns =
            view->status.quarantined && view->status.until_ns > now_ns ? view->status.until_ns - now_ns : 0;
        view->phase = board->phase;
        view->phase_done = board->phase_done;
        view->phase_of = board->phase_of;
    }
    pthread_mutex_unlock(&runner->mutex);
}

void hf_runner_show(hf_runner *runner)
{
    const hf_run_observer *observer = &runner->options->observer;
    if (!observer->changed)
        return;
    view_boards(runner);
    hf_run_view view = {
        .name = runner->options->spec->name,
        .run_id = runner->summary->run_id,
        .stage = runner->pruning ? HF_RUN_STAGE_PRUNING : HF_RUN_STAGE_MEASURING,
        .job_count = runner->all_count,
        .progress = hf_schedule_progress_get(runner->schedule, runner->schedule_run),
        .pruned = runner->summary->pruned,
        .boards = runner->views,
        .board_count = runner->board_count,
        .elapsed_ns = hf_now_ns() - runner->started_ns,
    };
    view.progress.done = runner->summary->measured; /* including jobs measured before the run was resumed */
    hf_write_queue_status kept;
    hf_write_queue_status_get(runner->write_queue, &kept);
    view.kept = kept.waiting;
    view.in_memory = kept.in_memory_only;
    view.left_ns =
        hf_time_left_ns(runner->attempt_ns_sum, runner->attempt_count,
                        (uint64_t)view.progress.waiting + view.progress.running, runner->board_count);
    observer->changed(observer->user, &view);
}
