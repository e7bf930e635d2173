/* SPDX-License-Identifier: Apache-2.0 */
/* One run in this process: a controller for it alone, and signals that stop it. */
#include "farm/run.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "farm/controller.h"

#define AGENT_WAIT_NS                                                                                        \
    (UINT64_C(3600) * HF_NS_PER_S) /* for a host that is away, while its boards are the only ones left */

typedef struct local_run {
    const hf_run_options *options;
    uv_loop_t loop;
    uv_signal_t signals[3];
    hf_controller *controller;
    hf_controller_run *run; /* NULL before it was added and once it is over */
    hf_run_summary summary;
    hf_error error;
} local_run;

/* ---- Signals ---- */

static void on_signal(uv_signal_t *signal, int number)
{
    local_run *self = signal->data;
    if (self->run)
        hf_controller_stop_run(self->run, sigabbrev_np(number));
}

static void catch_signals(local_run *self)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uv_signal_init(&self->loop, &self->signals[i]);
        self->signals[i].data = self;
        uv_signal_start(&self->signals[i], on_signal, numbers[i]);
    }
}

static void release_signals(local_run *self)
{
    for (size_t i = 0; i < sizeof self->signals / sizeof self->signals[0]; i++)
        uv_close((uv_handle_t *)&self->signals[i], NULL);
}

/* ---- The run's observer ---- */

static void on_changed(void *user, hf_controller_run *run)
{
    const local_run *self = user;
    const hf_run_observer *observer = &self->options->observer;
    hf_run_view view;
    if (!observer->changed)
        return;
    hf_controller_run_view(run, &view);
    observer->changed(observer->user, &view);
}

static void on_event(void *user, const hf_run_event *event)
{
    const local_run *self = user;
    const hf_run_observer *observer = &self->options->observer;
    if (observer->event)
        observer->event(observer->user, event);
}

static void on_over(void *user, hf_status status, const hf_run_summary *summary, const hf_error *err)
{
    local_run *self = user;
    self->run = NULL;
    self->summary = *summary;
    if (status != HF_OK)
        self->error = *err;
}

static void on_board(void *user, const hf_board_event *event)
{
    const hf_run_health *health = &((const local_run *)user)->options->health;
    if (health->board)
        health->board(health->user, event);
}

static void on_checked(void *user, const hf_board_check *check)
{
    const hf_run_health *health = &((const local_run *)user)->options->health;
    if (health->checked)
        health->checked(health->user, check);
}

static void on_drained(void *user)
{
    local_run *self = user;
    hf_controller_free(self->controller);
    self->controller = NULL;
    release_signals(self);
}

/* ---- hf_run() ---- */

static hf_status begin(local_run *self)
{
    const hf_run_options *options = self->options;
    const hf_run_record record = {
        .spec = options->spec,
        .spec_text = options->spec_text,
        .farm = options->farm,
        .selection = options->selection,
        .version = options->version,
        .resumed_id = options->earlier ? options->earlier->run.id : 0,
    };
    return hf_run_begin(options->store, &record, &self->summary.run_id, &self->error);
}

static hf_status make_controller(local_run *self)
{
    const hf_run_options *options = self->options;
    const hf_run_health *health = &options->health;
    const hf_spec *spec = options->spec;
    const hf_controller_options farm = {
        .loop = &self->loop,
        .farm = options->farm,
        .firmware_dir = options->firmware_dir,
        .openocd_path = options->openocd_path,
        .vboard_path = options->vboard_path,
        .cache_dir = options->cache_dir,
        .cache_limit_bytes = options->cache_limit_bytes,
        .policy =
            {
                .strikes = spec->retries.strikes,
                .quarantine_ns = spec->retries.quarantine_ms * HF_NS_PER_MS,
                .max_quarantines = spec->retries.max_quarantines,
                .reopen_delay_ns = spec->retries.delay_ms * HF_NS_PER_MS,
                .busy_wait_ns = options->wait_ns,
                .agent_wait_ns = AGENT_WAIT_NS,
                .prepare_ahead = options->selection->board_count,
                .check_before_readmission = health->checks.request != NULL,
            },
        .boards = health->boards,
        .checks = health->checks,
        .observer = {.user = self, .board = on_board, .checked = on_checked, .drained = on_drained},
        .remote = options->remote,
    };
    return hf_controller_new(&farm, &self->controller, &self->error);
}

static hf_status add_run(local_run *self)
{
    const hf_run_options *options = self->options;
    const hf_controller_request request = {
        .spec = options->spec,
        .selection = options->selection,
        .store = options->store,
        .run_id = self->summary.run_id,
        .earlier = options->earlier,
        .selected = options->selected,
        .observer = {.user = self, .changed = on_changed, .event = on_event, .over = on_over},
    };
    return hf_controller_add_run(self->controller, &request, &self->run, &self->error);
}

/* The run was recorded, but could not be added. */
static void end_in_store(local_run *self)
{
    const hf_report *earlier = self->options->earlier;
    /* The first failure is the one to report. */
    (void)hf_store_finish_run(self->options->store, self->summary.run_id, HF_RUN_ABORTED, hf_wall_ms(),
                              earlier ? earlier->run.duration_ns : 0, NULL, NULL);
}

hf_status hf_run(const hf_run_options *options, hf_run_summary *summary, hf_error *err)
{
    local_run self = {.options = options, .summary = {.state = HF_RUN_ABORTED}};
    uv_loop_init(&self.loop);
    catch_signals(&self); /* first: one that comes early stops the run once it is added */
    hf_status status = begin(&self);
    if (status == HF_OK) {
        status = make_controller(&self);
        if (status == HF_OK)
            status = add_run(&self);
        if (status != HF_OK)
            end_in_store(&self);
    }
    if (status == HF_OK)
        hf_controller_drain(self.controller); /* once the run is over, on_drained() ends the loop */
    else
        release_signals(&self);
    if (status != HF_OK)
        hf_controller_free(self.controller);
    uv_run(&self.loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&self.loop) != 0)
        abort(); /* a defect: a handle is still open */
    *summary = self.summary;
    if (self.error.status != HF_OK && err && err->status == HF_OK)
        *err = self.error;
    return self.error.status;
}
