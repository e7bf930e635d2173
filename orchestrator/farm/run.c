/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "record.h"
#include "runner.h"

#define TICK_MS 250

/* Worker threads. */

static void post_answer(void *user, hf_worker_answer *answer)
{
    hf_runner *runner = user;
    pthread_mutex_lock(&runner->mutex);
    runner->answers[runner->answer_count++] = answer; /* one order per board at a time, so there is room */
    pthread_mutex_unlock(&runner->mutex);
    uv_async_send(&runner->answered);
}

static void note_progress(void *user, uint32_t board, hf_phase phase, uint32_t done, uint32_t of)
{
    hf_runner *runner = user;
    pthread_mutex_lock(&runner->mutex);
    runner->boards[board].phase = phase;
    runner->boards[board].phase_done = done;
    runner->boards[board].phase_of = of;
    pthread_mutex_unlock(&runner->mutex);
    uv_async_send(&runner->answered);
}

/* Loop thread. */

static void on_answered(uv_async_t *async)
{
    hf_runner_take_answers(async->data);
}

static void on_tick(uv_timer_t *timer)
{
    hf_runner_advance(timer->data);
}

static void on_signal(uv_signal_t *signal, int number)
{
    hf_runner *runner = signal->data;
    if (!runner->signal)
        runner->signal = number;
    hf_schedule_stop(runner->schedule, true, HF_REASON_STOPPED, hf_now_ns());
    hf_runner_advance(runner);
}

static uint32_t chip_index(const hf_selection *selection, const hf_chip *chip)
{
    uint32_t i = 0;
    while (i < selection->chip_count && selection->chips[i] != chip)
        i++;
    return i;
}

/* Jobs: every variation on every chip, in the order of the spec. */
static hf_status set_up_schedule(hf_runner *runner, hf_error *err)
{
    const hf_spec *spec = runner->options->spec;
    const hf_selection *selection = runner->options->selection;
    runner->job_count = spec->variation_count * selection->chip_count;
    runner->jobs = calloc(runner->job_count, sizeof *runner->jobs);
    runner->preparations = calloc(spec->variation_count, sizeof *runner->preparations);
    hf_schedule_job *jobs = calloc(runner->job_count, sizeof *jobs);
    hf_schedule_board *boards = calloc(selection->board_count, sizeof *boards);
    hf_status status = HF_OK;
    if (!runner->jobs || !runner->preparations || !jobs || !boards) {
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u jobs", runner->job_count);
    } else {
        for (uint32_t i = 0; i < runner->job_count; i++) {
            uint32_t chip = i % selection->chip_count;
            runner->jobs[i].variation = i / selection->chip_count;
            runner->jobs[i].chip = selection->chips[chip];
            jobs[i] =
                (hf_schedule_job){.chips = UINT64_C(1) << chip, .preparation = runner->jobs[i].variation};
        }
        for (uint32_t i = 0; i < spec->variation_count; i++) {
            runner->preparations[i].runner = runner;
            runner->preparations[i].work.data = &runner->preparations[i];
        }
        for (uint32_t i = 0; i < selection->board_count; i++)
            boards[i].chip = chip_index(selection, runner->options->farm->boards[selection->boards[i]].chip);
        hf_schedule_policy policy = {
            .max_attempts = spec->retries.attempts,
            .strikes = spec->retries.strikes,
            .quarantine_ns = spec->retries.quarantine_ms * HF_NS_PER_MS,
            .max_quarantines = spec->retries.max_quarantines,
            .retry_delay_ns = spec->retries.delay_ms * HF_NS_PER_MS,
            .run_deadline_ns = spec->run_deadline_ms * HF_NS_PER_MS,
            .prepare_ahead = selection->board_count,
        };
        status = hf_schedule_new(jobs, runner->job_count, boards, selection->board_count, &policy,
                                 hf_now_ns(), &runner->schedule, err);
    }
    free(jobs);
    free(boards);
    return status;
}

static hf_status set_up_board(hf_runner *runner, uint32_t index, hf_error *err)
{
    const hf_run_options *options = runner->options;
    const hf_farm_board *farm_board = &options->farm->boards[options->selection->boards[index]];
    hf_runner_board *board = &runner->boards[index];
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    board->runner = runner;
    board->farm_board = farm_board;
    board->job = HF_SCHEDULE_NONE;
    board->options = (hf_board_options){
        .openocd_path = options->openocd_path,
        .vboard_path = options->vboard_path,
        .firmware_dir = options->firmware_dir,
        .work_dir = runner->work_dir,
        /* OpenOCD and its virtual board ping-pong: far faster when they share a CPU. */
        .cpu = farm_board->config.is_virtual && cpus > 0 ? (int)(index % (uint32_t)cpus) : -1,
        .cancel_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
        .deadlines = hf_farm_deadlines(options->spec, farm_board),
    };
    if (board->options.cancel_fd < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "no descriptor for board %s: %s", farm_board->config.id,
                          strerror(errno));
    runner->views[index] = (hf_board_view){.id = farm_board->config.id,
                                           .chip = farm_board->chip->name,
                                           .modelled = farm_board->config.is_virtual};
    hf_status status = hf_record_board(options->store, runner->summary->run_id, farm_board, err);
    if (status != HF_OK)
        return status;
    hf_worker_callbacks callbacks = {.user = runner, .post = post_answer, .progress = note_progress};
    return hf_worker_new(index, &farm_board->config, &board->options, &callbacks, &board->worker, err);
}

static hf_status set_up_boards(hf_runner *runner, hf_error *err)
{
    uint32_t count = runner->options->selection->board_count;
    runner->boards = calloc(count, sizeof *runner->boards);
    runner->views = calloc(count, sizeof *runner->views);
    runner->answers = calloc(count, sizeof(hf_worker_answer *)); /* NOLINT(bugprone-sizeof-expression) */
    if (!runner->boards || !runner->views || !runner->answers)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u boards", count);
    for (uint32_t i = 0; i < count; i++)
        runner->boards[i].options.cancel_fd = -1;
    runner->board_count = count;
    hf_status status = HF_OK;
    for (uint32_t i = 0; status == HF_OK && i < count; i++)
        status = set_up_board(runner, i, err);
    return status;
}

static void start_handles(hf_runner *runner)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    uv_timer_init(&runner->loop, &runner->wake);
    uv_timer_init(&runner->loop, &runner->tick);
    uv_async_init(&runner->loop, &runner->answered, on_answered);
    runner->wake.data = runner;
    runner->tick.data = runner;
    runner->answered.data = runner;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uv_signal_init(&runner->loop, &runner->signals[i]);
        runner->signals[i].data = runner;
        uv_signal_start(&runner->signals[i], on_signal, numbers[i]);
    }
    uv_timer_start(&runner->tick, on_tick, TICK_MS, TICK_MS);
}

static void tear_down(hf_runner *runner)
{
    for (uint32_t i = 0; i < runner->board_count; i++) {
        hf_worker_free(runner->boards[i].worker);
        if (runner->boards[i].options.cancel_fd >= 0)
            close(runner->boards[i].options.cancel_fd);
    }
    for (uint32_t i = 0; runner->preparations && i < runner->options->spec->variation_count; i++)
        hf_prepared_free(&runner->preparations[i].prepared);
    hf_schedule_free(runner->schedule);
    pthread_mutex_destroy(&runner->mutex);
    free(runner->jobs);
    free(runner->preparations);
    free(runner->boards);
    free(runner->views);
    free(runner->answers);
    hf_work_dir_remove(runner->work_dir);
}

static hf_status set_up(hf_runner *runner, hf_error *err)
{
    const hf_run_options *options = runner->options;
    /* The run is recorded first, so that what keeps it from beginning is on record too. */
    hf_status status = hf_record_run(options->store, options->spec, options->farm, options->version,
                                     &runner->summary->run_id, err);
    if (status == HF_OK)
        status = set_up_schedule(runner, err);
    if (status == HF_OK)
        status = hf_work_dir_make(runner->work_dir, err);
    if (status == HF_OK)
        status = set_up_boards(runner, err);
    return status;
}

/* The run could not begin: every model is recorded with the reason, as far as the store takes it. */
static void record_nothing_run(hf_runner *runner, const hf_error *cause)
{
    char reason[sizeof cause->message + 64];
    snprintf(reason, sizeof reason, "%s: %s", hf_schedule_reason_text(HF_REASON_FARM), cause->message);
    for (uint32_t i = 0; i < runner->job_count && runner->jobs && runner->schedule; i++) {
        if (!hf_runner_record_job(runner, i, NULL) ||
            hf_store_close_result(runner->options->store, runner->jobs[i].result_id, HF_RESULT_NOT_RUN, NULL,
                                  reason, NULL) != HF_OK)
            return;
        runner->summary->not_run++;
    }
}

/* A board that is of no use when the run ends: given up, in quarantine, or never brought up though it was
 * tried. */
static bool is_dead(const hf_runner *runner, uint32_t index)
{
    hf_schedule_board_status status;
    if (!hf_schedule_board_status_get(runner->schedule, index, &status))
        return false;
    return status.state == HF_BOARD_LOST || status.state == HF_BOARD_QUARANTINE ||
           (!runner->boards[index].was_open && runner->boards[index].fault_message[0]);
}

static hf_status record_dead_boards(hf_runner *runner, hf_error *err)
{
    hf_status status = HF_OK;
    for (uint32_t i = 0; i < runner->board_count && runner->schedule; i++) {
        const hf_runner_board *board = &runner->boards[i];
        if (!is_dead(runner, i))
            continue;
        runner->summary->dead_boards++;
        if (status == HF_OK)
            status = hf_record_dead_board(runner->options->store, runner->summary->run_id, board->farm_board,
                                          board->fault, board->fault_message, err);
    }
    return status;
}

static hf_status finish_record(hf_runner *runner, hf_error *err)
{
    const char *version = runner->openocd_version[0] ? runner->openocd_version : NULL;
    hf_error dead_error = {0};
    hf_status status = record_dead_boards(runner, &dead_error);
    hf_status closed =
        hf_store_finish_run(runner->options->store, runner->summary->run_id, runner->summary->state,
                            (int64_t)(hf_now_ns() - runner->started_ns), version, err);
    return closed == HF_OK && status != HF_OK ? hf_error_pass(err, &dead_error) : closed;
}

hf_status hf_run(const hf_run_options *options, hf_run_summary *summary, hf_error *err)
{
    *summary = (hf_run_summary){.state = HF_RUN_ABORTED};
    hf_runner runner = {.options = options, .summary = summary, .started_ns = hf_now_ns()};
    pthread_mutex_init(&runner.mutex, NULL);
    hf_error cause = {0};
    hf_status status = set_up(&runner, &cause);
    if (status == HF_OK) {
        uv_loop_init(&runner.loop);
        start_handles(&runner);
        hf_runner_survey(&runner);
        uv_run(&runner.loop, UV_RUN_DEFAULT);
        if (uv_loop_close(&runner.loop) != 0) /* a handle was left open: a defect that must not pass unseen */
            abort();
        if (runner.farm_error.status != HF_OK) {
            cause = runner.farm_error;
            status = cause.status;
        } else {
            summary->state = summary->not_run ? HF_RUN_INTERRUPTED : HF_RUN_DONE;
            summary->interrupted = runner.signal && summary->not_run;
        }
    } else if (summary->run_id) {
        record_nothing_run(&runner, &cause);
    }
    if (summary->run_id) {
        hf_error close_error = {0};
        hf_status closed = finish_record(&runner, &close_error);
        if (status == HF_OK && closed != HF_OK) {
            cause = close_error;
            status = closed;
            summary->state = HF_RUN_ABORTED;
        }
    }
    tear_down(&runner);
    if (status != HF_OK && err && err->status == HF_OK)
        *err = cause;
    return status;
}
