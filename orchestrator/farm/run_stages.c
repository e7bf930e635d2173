/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a run: set up, hook, prune, measure, close boards, hook, record. Each stage ends in a callback that begins
 * the next. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "run_state.h"

/* ---- The end ---- */

static void end(hf_controller_run *run)
{
    hf_controller *controller = run->controller;
    hf_error cause = run->farm_error;
    if (cause.status == HF_OK)
        cause = run->hook_error;
    if (cause.status == HF_OK && run->background_error.status != HF_OK) {
        cause = run->background_error;
        run->summary.state = HF_RUN_ABORTED;
    }
    if (run->schedule_run != HF_SCHEDULE_NONE) {
        controller->scheduled[run->schedule_run] = NULL;
        hf_controller_check_event(controller,
                                  hf_schedule_remove_run(controller->schedule, run->schedule_run, NULL));
        run->schedule_run = HF_SCHEDULE_NONE;
    }
    TAILQ_REMOVE(&controller->runs, run, link);
    hf_controller_set_tick(controller);
    run->request.observer.over(run->request.observer.user, cause.status, &run->summary, &cause);
    hf_run_free(run);
}

static void on_stored(void *user)
{
    end(user);
}

/* Thread of its own. */
static void wait_until_stored(void *user)
{
    hf_controller_run *run = user;
    (void)hf_run_wait_until_stored(run, &run->background_error); /* the error has the status */
}

static void record(hf_controller_run *run)
{
    run->stage = HF_RUN_STAGE_RECORDING;
    hf_error_clear(&run->background_error);
    hf_run_record_end(run);
    hf_background_start(run->controller, &run->background, wait_until_stored, on_stored, run);
}

static void begin_failed(hf_controller_run *run, const hf_error *cause)
{
    hf_run_farm_failed(run, cause);
    hf_run_record_nothing_run(run);
    record(run);
}

static void on_after_run(void *user)
{
    hf_controller_run *run = user;
    /* Interrupting the hook of an interrupted run is no further failure. */
    if (run->background_error.status != HF_ECANCELLED || run->summary.state != HF_RUN_INTERRUPTED)
        run->hook_error = run->background_error;
    record(run);
}

/* ---- Closing ---- */

static bool others_measure(const hf_controller_run *run)
{
    const hf_controller_run *other;
    TAILQ_FOREACH(other, &run->controller->runs, link)
    {
        if (other->stage == HF_RUN_STAGE_MEASURING)
            return true;
    }
    return false;
}

static bool boards_closed(const hf_controller_run *run)
{
    const hf_selection *selection = run->request.selection;
    for (uint32_t i = 0; i < selection->board_count; i++) {
        hf_schedule_board_status status;
        if (hf_schedule_board_status_get(run->controller->schedule, selection->boards[i], &status) &&
            (status.state == HF_BOARD_OPENING || status.state == HF_BOARD_IDLE ||
             status.state == HF_BOARD_BUSY || status.state == HF_BOARD_CLOSING))
            return false;
    }
    return true;
}

void hf_run_close(hf_controller_run *run)
{
    hf_run_summary *summary = &run->summary;
    run->stage = HF_RUN_STAGE_CLOSING;
    if (run->farm_error.status != HF_OK)
        return;
    /* Jobs whose boards others used do not make a run incomplete: it came to its end without them. */
    summary->state = summary->not_run > summary->in_use ? HF_RUN_INTERRUPTED : HF_RUN_DONE;
    summary->interrupted = run->stopped && summary->not_run;
}

void hf_run_check_closed(hf_controller_run *run)
{
    if (run->farm_error.status != HF_OK) /* its last records could not be stored */
        run->summary.state = HF_RUN_ABORTED;
    /* Only the hook finds the boards closed; the end of the run is recorded meanwhile. */
    if (!run->before_run_passed || !run->controller->options.farm->hooks.after_run) {
        record(run);
        return;
    }
    if (!boards_closed(run) && !others_measure(run))
        return;
    run->stage = HF_RUN_STAGE_AFTER_RUN;
    hf_run_start_hook(run, false, on_after_run);
}

/* ---- The beginning ---- */

static void measure(hf_controller_run *run)
{
    hf_error err = {0};
    run->stage = HF_RUN_STAGE_MEASURING;
    if (hf_run_schedule(run, &err) != HF_OK) {
        begin_failed(run, &err);
        return;
    }
    if (run->stopped)
        hf_controller_check_event(run->controller,
                                  hf_schedule_stop_run(run->controller->schedule, run->schedule_run, true,
                                                       HF_REASON_STOPPED, hf_now_ns(), NULL));
    hf_controller_wake(run->controller);
}

static void on_before_run(void *user)
{
    hf_controller_run *run = user;
    run->before_run_passed = run->background_error.status == HF_OK;
    if (run->before_run_passed)
        hf_run_prune_all(run, measure);
    else if (run->stopped && run->background_error.status == HF_ECANCELLED)
        measure(run);
    else
        begin_failed(run, &run->background_error);
}

/* Thread of its own. */
static void set_up(void *user)
{
    hf_controller_run *run = user;
    (void)hf_run_set_up(run, &run->plan, &run->background_error); /* the error has the status */
}

static void on_set_up(void *user)
{
    hf_controller_run *run = user;
    const hf_run_plan *plan = &run->plan;
    run->firmwares = plan->firmwares;
    run->jobs = plan->jobs;
    run->job_count = plan->job_count;
    run->variations = plan->variations;
    run->write_queue = plan->write_queue;
    run->all_count = plan->all_count;
    run->final_count = plan->measured + plan->pruned;
    run->summary.measured = plan->measured;
    run->summary.pruned = plan->pruned;
    if (run->background_error.status != HF_OK) {
        begin_failed(run, &run->background_error);
    } else if (run->stopped && run->controller->options.farm->hooks.before_run) {
        measure(run); /* without the hook: nothing will be measured */
    } else {
        run->stage = HF_RUN_STAGE_BEFORE_RUN;
        hf_run_start_hook(run, true, on_before_run);
    }
}

static hf_status check(const hf_controller *controller, const hf_controller_request *request, hf_error *err)
{
    if (controller->draining)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EINVALID, "the farm takes no further runs");
    if (request->priority < -HF_SCHEDULE_MAX_PRIORITY || request->priority > HF_SCHEDULE_MAX_PRIORITY)
        return HF_FAIL(err, HF_EINVALID, "priority %d, expected -%d .. %d", request->priority,
                       HF_SCHEDULE_MAX_PRIORITY, HF_SCHEDULE_MAX_PRIORITY);
    for (uint32_t i = 0; i < request->selection->board_count; i++)
        if (request->selection->boards[i] >= controller->board_count)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EINVALID,
                              "board %u of the selection is not in service yet",
                              request->selection->boards[i]);
    return HF_OK;
}

static hf_controller_run *make_run(hf_controller *controller, const hf_controller_request *request)
{
    hf_controller_run *run = calloc(1, sizeof *run);
    if (!run)
        return NULL;
    run->controller = controller;
    run->request = *request;
    run->summary = (hf_run_summary){.run_id = request->run_id, .state = HF_RUN_ABORTED};
    run->schedule_run = HF_SCHEDULE_NONE;
    run->started_ns = hf_now_ns();
    run->cancel_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    run->uses_board = calloc(controller->board_capacity + 1u, sizeof *run->uses_board);
    run->views = calloc(request->selection->board_count + 1u, sizeof *run->views);
    if (run->cancel_fd < 0 || !run->uses_board || !run->views) {
        hf_run_free(run);
        return NULL;
    }
    for (uint32_t i = 0; i < request->selection->board_count; i++)
        run->uses_board[request->selection->boards[i]] = true;
    return run;
}

hf_status hf_controller_add_run(hf_controller *controller, const hf_controller_request *request,
                                hf_controller_run **run, hf_error *err)
{
    hf_status status = check(controller, request, err);
    if (status != HF_OK)
        return status;
    hf_controller_run *made = make_run(controller, request);
    if (!made)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory or descriptor for another run");
    TAILQ_INSERT_TAIL(&controller->runs, made, link);
    hf_controller_set_tick(controller);
    hf_background_start(controller, &made->background, set_up, on_set_up, made);
    *run = made;
    return HF_OK;
}

/* ---- While it is under way ---- */

static void stop(hf_controller_run *run, bool abort, const char *why)
{
    if (!run->stopped)
        snprintf(run->why, sizeof run->why, "%s", why ? why : "");
    run->stopped = true;
    if (run->stage == HF_RUN_STAGE_BEFORE_RUN || run->stage == HF_RUN_STAGE_AFTER_RUN)
        hf_run_cancel_hook(run);
    else if (run->stage ==
             HF_RUN_STAGE_MEASURING) /* it may be over a moment before HF_ACTION_RUN_OVER says so */
        (void)hf_schedule_stop_run(run->controller->schedule, run->schedule_run, abort, HF_REASON_STOPPED,
                                   hf_now_ns(), NULL);
    hf_controller_wake(run->controller);
}

void hf_controller_stop_run(hf_controller_run *run, const char *why)
{
    stop(run, true, why);
}

void hf_controller_stop(hf_controller *controller, bool abort, const char *why)
{
    hf_controller_run *run;
    TAILQ_FOREACH(run, &controller->runs, link)
    {
        stop(run, abort, why);
    }
}

hf_status hf_controller_set_priority(hf_controller_run *run, int32_t priority, hf_error *err)
{
    if (priority < -HF_SCHEDULE_MAX_PRIORITY || priority > HF_SCHEDULE_MAX_PRIORITY)
        return HF_FAIL(err, HF_EINVALID, "priority %d, expected -%d .. %d", priority,
                       HF_SCHEDULE_MAX_PRIORITY, HF_SCHEDULE_MAX_PRIORITY);
    run->request.priority = priority;
    if (run->stage == HF_RUN_STAGE_MEASURING)
        return hf_schedule_set_priority(run->controller->schedule, run->schedule_run, priority, err);
    return HF_OK;
}
