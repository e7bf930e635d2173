/* SPDX-License-Identifier: Apache-2.0 */
/* What the observer of a run is shown: events, the state of its store, and a view of the whole run. */
#include "base/clock.h"
#include "run_state.h"
#include "time_left.h"

void hf_run_notify(hf_controller_run *run, hf_run_event event)
{
    const hf_controller_run_observer *observer = &run->request.observer;
    event.finished = run->final_count;
    event.job_count = run->all_count;
    if (observer->event)
        observer->event(observer->user, &event);
}

void hf_run_changed(hf_controller_run *run)
{
    const hf_controller_run_observer *observer = &run->request.observer;
    if (observer->changed)
        observer->changed(observer->user, run);
}

void hf_run_watch_store(hf_controller_run *run)
{
    if (!run->write_queue)
        return;
    hf_write_queue_status kept;
    hf_write_queue_status_get(run->write_queue, &kept);
    run->kept = kept.kept;
    const bool waits = kept.waiting > 0;
    if (waits != run->store_waits) {
        run->store_waits = waits;
        hf_run_notify(run,
                      (hf_run_event){.kind = waits ? HF_RUN_EVENT_STORE_WAITS : HF_RUN_EVENT_STORE_WRITTEN,
                                     .fault = HF_FAULT_FARM,
                                     .message = kept.cause.message});
    }
    if (kept.gave_up)
        hf_run_abort(run, &kept.cause);
}

/* Before the scheduler has the run, and after it was taken out again, everything waits or is final. */
static hf_schedule_progress progress_of(const hf_controller_run *run)
{
    if (run->schedule_run != HF_SCHEDULE_NONE)
        return hf_schedule_progress_get(run->controller->schedule, run->schedule_run);
    return (hf_schedule_progress){.failed = run->summary.failed,
                                  .not_run = run->summary.not_run,
                                  .excluded = run->summary.pruned,
                                  .waiting = run->all_count - run->final_count,
                                  .stopping = run->stopped};
}

void hf_controller_run_view(hf_controller_run *run, hf_run_view *view)
{
    const hf_selection *selection = run->request.selection;
    for (uint32_t i = 0; i < selection->board_count; i++)
        hf_board_view_fill(&run->controller->boards[selection->boards[i]], run, &run->views[i]);
    *view = (hf_run_view){
        .name = run->request.spec->name,
        .run_id = run->summary.run_id,
        .stage = run->stage,
        .job_count = run->all_count,
        .progress = progress_of(run),
        .pruned = run->summary.pruned,
        .boards = run->views,
        .board_count = selection->board_count,
        .elapsed_ns = hf_now_ns() - run->started_ns,
    };
    view->progress.done = run->summary.measured; /* including jobs measured before the run was resumed */
    if (run->write_queue) {
        hf_write_queue_status kept;
        hf_write_queue_status_get(run->write_queue, &kept);
        view->kept = kept.waiting;
        view->in_memory = kept.in_memory_only;
    }
    view->left_ns =
        hf_time_left_ns(run->attempt_ns_sum, run->attempt_count,
                        (uint64_t)view->progress.waiting + view->progress.running, selection->board_count);
}
