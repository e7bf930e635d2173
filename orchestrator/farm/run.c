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
/* For the last records to be written: at the end of a run, and of one that was stopped, whose user waits. */
#define END_MS  10000
#define STOP_MS 2000

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
    hf_runner_take_answers(timer->data);
}

/* The write queue's thread. */
static void on_kept(void *user)
{
    hf_runner *runner = user;
    uv_async_send(&runner->answered);
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

/* What is known of a place in the run from before it was resumed; NULL = nothing. */
static const hf_result_row *earlier_result(const hf_run_options *options, uint32_t position)
{
    for (size_t i = 0; options->earlier && i < options->earlier->result_count; i++)
        if ((uint32_t)options->earlier->results[i].position == position)
            return &options->earlier->results[i];
    return NULL;
}

/* Jobs: every variation on every chip, in the order of the spec, but for what a resumed run has already. */
static void list_jobs(hf_runner *runner, hf_schedule_job *jobs)
{
    const hf_selection *selection = runner->options->selection;
    for (uint32_t i = 0; i < runner->all_count; i++) {
        const hf_result_row *earlier = earlier_result(runner->options, i);
        const bool measured = earlier && earlier->outcome == HF_RESULT_MEASURED;
        const bool pruned = earlier && earlier->outcome == HF_RESULT_PRUNED;
        runner->summary->measured += measured;
        runner->summary->pruned += pruned;
        if (measured || pruned) {
            runner->final_count++;
            continue;
        }
        const uint32_t chip = i % selection->chip_count;
        jobs[runner->job_count] =
            (hf_schedule_job){.chips = UINT64_C(1) << chip, .preparation = i / selection->chip_count};
        runner->jobs[runner->job_count++] =
            (hf_runner_job){.variation = i / selection->chip_count,
                            .chip = selection->chips[chip],
                            .firmware = &runner->firmwares[chip],
                            .position = (int32_t)i,
                            .recorded = earlier != NULL,
                            .attempts_before = earlier ? (uint32_t)earlier->attempt_count : 0};
    }
}

/* One that cannot be read is its boards' trouble when they are opened; until then nothing is known of it. */
static hf_status measure_firmwares(hf_runner *runner, hf_error *err)
{
    const hf_selection *selection = runner->options->selection;
    runner->firmwares = calloc(selection->chip_count, sizeof *runner->firmwares);
    if (!runner->firmwares)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u chips", selection->chip_count);
    for (uint32_t i = 0; i < selection->chip_count; i++)
        (void)hf_firmware_measure(runner->options->firmware_dir, selection->chips[i], &runner->firmwares[i],
                                  NULL);
    return HF_OK;
}

static hf_status set_up_schedule(hf_runner *runner, hf_error *err)
{
    const hf_spec *spec = runner->options->spec;
    const hf_selection *selection = runner->options->selection;
    runner->all_count = spec->variation_count * selection->chip_count;
    runner->jobs = calloc(runner->all_count, sizeof *runner->jobs);
    runner->preparations = calloc(spec->variation_count, sizeof *runner->preparations);
    hf_schedule_job *jobs = calloc(runner->all_count, sizeof *jobs);
    hf_schedule_board *boards = calloc(selection->board_count, sizeof *boards);
    hf_status status = HF_OK;
    if (!runner->jobs || !runner->preparations || !jobs || !boards) {
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u jobs", runner->all_count);
    } else {
        list_jobs(runner, jobs);
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
            .busy_wait_ns = runner->options->wait_ns,
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
    board->runner = runner;
    board->farm_board = farm_board;
    board->job = HF_SCHEDULE_NONE;
    runner->views[index] = (hf_board_view){.id = farm_board->config.id,
                                           .chip = farm_board->chip->name,
                                           .modelled = hf_board_config_modelled(&farm_board->config)};
    return hf_record_board(options->store, runner->summary->run_id, farm_board, err);
}

static hf_status start_worker(hf_runner *runner, uint32_t index, hf_error *err)
{
    const hf_run_options *options = runner->options;
    hf_runner_board *board = &runner->boards[index];
    const hf_farm_board *farm_board = board->farm_board;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
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
    uv_async_init(&runner->loop, &runner->answered, on_answered);
    uv_timer_init(&runner->loop, &runner->wake);
    uv_timer_init(&runner->loop, &runner->tick);
    runner->wake.data = runner;
    runner->tick.data = runner;
    runner->answered.data = runner;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uv_signal_init(&runner->loop, &runner->signals[i]);
        runner->signals[i].data = runner;
        uv_signal_start(&runner->signals[i], on_signal, numbers[i]);
    }
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
    free(runner->firmwares);
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
    int64_t run_id = options->earlier ? options->earlier->run.id : 0;
    /* The run is recorded first, so that what keeps it from beginning is on record too. */
    hf_status status =
        hf_record_run(options->store, options->spec, options->farm, options->version, &run_id, err);
    if (status != HF_OK)
        return status;
    runner->summary->run_id = run_id;
    status = measure_firmwares(runner, err);
    if (status == HF_OK)
        status = set_up_schedule(runner, err);
    if (status == HF_OK)
        status = set_up_boards(runner, err);
    /* From here on the write queue owns the store's handle. */
    const hf_write_queue_options queue_options = {.changed = on_kept, .user = runner};
    if (status == HF_OK)
        status = hf_write_queue_start(options->store, runner->summary->run_id, &queue_options,
                                      &runner->write_queue, err);
    if (status == HF_OK)
        status = hf_work_dir_make(runner->work_dir, err);
    for (uint32_t i = 0; status == HF_OK && i < runner->board_count; i++)
        status = start_worker(runner, i, err);
    return status;
}

/* The run could not begin: every model is recorded with the reason, as far as that can be recorded. */
static void record_nothing_run(hf_runner *runner, const hf_error *cause)
{
    char reason[sizeof cause->message + 64];
    snprintf(reason, sizeof reason, "%s: %s", hf_schedule_reason_text(HF_REASON_FARM), cause->message);
    for (uint32_t i = 0; runner->write_queue && i < runner->job_count; i++) {
        if (hf_runner_record_job(runner, i, NULL))
            hf_write_queue_close_result(runner->write_queue, runner->jobs[i].position, HF_RESULT_NOT_RUN,
                                        NULL, reason);
        runner->summary->not_run++;
    }
}

/* A board that is of no use when the run ends: given up, in quarantine, or never brought up though it was
 * tried. */
static bool is_dead(const hf_runner *runner, uint32_t index)
{
    hf_schedule_board_status status;
    const hf_runner_board *board = &runner->boards[index];
    if (!board->fault_message[0] || !hf_schedule_board_status_get(runner->schedule, index, &status))
        return false;
    if (status.in_use) /* it works for somebody else */
        return false;
    return status.state == HF_BOARD_LOST || status.state == HF_BOARD_QUARANTINE || !board->was_open;
}

static void record_dead_boards(hf_runner *runner)
{
    for (uint32_t i = 0; i < runner->board_count; i++) {
        const hf_runner_board *board = &runner->boards[i];
        if (!is_dead(runner, i))
            continue;
        runner->summary->dead_boards++;
        hf_record_dead_board(runner->write_queue, board->farm_board, board->fault, board->fault_message);
    }
}

/* Has the end of the run recorded, and waits until all of it is, or time is up. */
static hf_status record_end(hf_runner *runner, hf_error *err)
{
    const hf_run_summary *summary = runner->summary;
    const int64_t earlier_ns = runner->options->earlier ? runner->options->earlier->run.duration_ns : 0;
    const int64_t duration_ns = earlier_ns + (int64_t)(hf_now_ns() - runner->started_ns);
    const char *version = runner->openocd_version[0] ? runner->openocd_version : NULL;
    if (!runner->write_queue)
        return summary->run_id ? hf_store_finish_run(runner->options->store, summary->run_id, summary->state,
                                                     hf_wall_ms(), duration_ns, version, err)
                               : HF_OK;
    record_dead_boards(runner);
    hf_write_queue_finish_run(runner->write_queue, summary->state, hf_wall_ms(), duration_ns, version);
    return hf_write_queue_stop(runner->write_queue, runner->signal ? STOP_MS : END_MS, err);
}

static void go(hf_runner *runner)
{
    uv_timer_start(&runner->tick, on_tick, TICK_MS, TICK_MS);
    hf_runner_survey(runner);
    uv_run(&runner->loop, UV_RUN_DEFAULT);
    if (runner->farm_error.status != HF_OK)
        return;
    /* What others kept from it did not end the run early: it came to its end without. */
    bool ended_early = runner->summary->not_run > runner->summary->in_use;
    runner->summary->state = ended_early ? HF_RUN_INTERRUPTED : HF_RUN_DONE;
    runner->summary->interrupted = runner->signal && runner->summary->not_run;
}

hf_status hf_run(const hf_run_options *options, hf_run_summary *summary, hf_error *err)
{
    *summary = (hf_run_summary){.state = HF_RUN_ABORTED};
    hf_runner runner = {.options = options, .summary = summary, .started_ns = hf_now_ns()};
    pthread_mutex_init(&runner.mutex, NULL);
    uv_loop_init(&runner.loop);
    hf_error cause = {0};
    start_handles(&runner); /* the write queue's thread may call at once, and so may somebody stop the run */
    hf_status status = set_up(&runner, &cause);
    if (status == HF_OK) {
        go(&runner);
        cause = runner.farm_error;
        status = cause.status;
    } else {
        record_nothing_run(&runner, &cause);
        hf_runner_close_handles(&runner);
        uv_run(&runner.loop, UV_RUN_DEFAULT);
    }
    hf_error close_error = {0};
    hf_status closed = record_end(&runner, &close_error);
    if (status == HF_OK && closed != HF_OK) {
        cause = close_error;
        status = closed;
        summary->state = HF_RUN_ABORTED;
    }
    if (uv_loop_close(&runner.loop) != 0) /* a handle was left open: a defect that must not pass unseen */
        abort();
    tear_down(&runner);
    if (status != HF_OK && err && err->status == HF_OK)
        *err = cause;
    return status;
}
