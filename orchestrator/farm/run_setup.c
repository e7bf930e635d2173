/* SPDX-License-Identifier: Apache-2.0 */
/* Sets up what a run needs: firmware sizes, scheduler, boards and their threads, the write queue; and frees it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "record.h"
#include "run_state.h"

/* Worker thread. */

static void post_reply(void *user, hf_worker_reply *reply)
{
    hf_runner *runner = user;
    pthread_mutex_lock(&runner->mutex);
    runner->replies[runner->reply_count++] = reply; /* at most one per board: there is room */
    pthread_mutex_unlock(&runner->mutex);
    uv_async_send(&runner->wake);
}

/* Worker thread. */
static void note_progress(void *user, uint32_t board, hf_phase phase, uint32_t done, uint32_t of)
{
    hf_runner *runner = user;
    pthread_mutex_lock(&runner->mutex);
    runner->boards[board].phase = phase;
    runner->boards[board].phase_done = done;
    runner->boards[board].phase_of = of;
    pthread_mutex_unlock(&runner->mutex);
    uv_async_send(&runner->wake);
}

/* The write queue's thread. */
static void on_stored(void *user)
{
    hf_runner *runner = user;
    uv_async_send(&runner->wake);
}

static uint32_t chip_index(const hf_selection *selection, const hf_chip *chip)
{
    uint32_t i = 0;
    while (i < selection->chip_count && selection->chips[i] != chip)
        i++;
    return i;
}

/* The result at a position from before the run was resumed; NULL = none. */
static const hf_result_row *earlier_result(const hf_run_options *options, uint32_t position)
{
    for (size_t i = 0; options->earlier && i < options->earlier->result_count; i++)
        if ((uint32_t)options->earlier->results[i].position == position)
            return &options->earlier->results[i];
    return NULL;
}

/* The selected jobs in the order of the spec, except those that a resumed run has results for. */
static void list_jobs(hf_runner *runner, hf_schedule_job *jobs)
{
    const hf_selection *selection = runner->options->selection;
    const uint32_t positions = runner->options->spec->variation_count * selection->chip_count;
    for (uint32_t i = 0; i < positions; i++) {
        if (runner->options->selected && !runner->options->selected[i])
            continue;
        runner->all_count++;
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
        runner->preparations[i / selection->chip_count].wanted = true;
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

/* A schedule for this run alone. */
static hf_status add_to_schedule(hf_runner *runner, const hf_schedule_job *jobs,
                                 const hf_schedule_board *boards, hf_error *err)
{
    const hf_spec *spec = runner->options->spec;
    const uint32_t board_count = runner->options->selection->board_count;
    const hf_schedule_policy policy = {
        .strikes = spec->retries.strikes,
        .quarantine_ns = spec->retries.quarantine_ms * HF_NS_PER_MS,
        .max_quarantines = spec->retries.max_quarantines,
        .reopen_delay_ns = spec->retries.delay_ms * HF_NS_PER_MS,
        .busy_wait_ns = runner->options->wait_ns,
        .prepare_ahead = board_count,
    };
    const hf_schedule_run request = {
        .jobs = jobs,
        .job_count = runner->job_count,
        .max_attempts = spec->retries.attempts,
        .retry_delay_ns = spec->retries.delay_ms * HF_NS_PER_MS,
        .deadline_ns = spec->run_deadline_ms * HF_NS_PER_MS,
    };
    const uint64_t now_ns = hf_now_ns();
    hf_status status = hf_schedule_new(boards, board_count, &policy, now_ns, &runner->schedule, err);
    if (status == HF_OK)
        status = hf_schedule_add_run(runner->schedule, &request, now_ns, &runner->schedule_run, err);
    if (status == HF_OK)
        hf_schedule_drain(runner->schedule);
    return status;
}

static hf_status set_up_schedule(hf_runner *runner, hf_error *err)
{
    const hf_spec *spec = runner->options->spec;
    const hf_selection *selection = runner->options->selection;
    const uint32_t positions = spec->variation_count * selection->chip_count;
    runner->jobs = calloc(positions, sizeof *runner->jobs);
    runner->preparations = calloc(spec->variation_count, sizeof *runner->preparations);
    hf_schedule_job *jobs = calloc(positions, sizeof *jobs);
    hf_schedule_board *boards = calloc(selection->board_count, sizeof *boards);
    hf_status status = HF_OK;
    if (!runner->jobs || !runner->preparations || !jobs || !boards) {
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u jobs", positions);
    } else {
        list_jobs(runner, jobs);
        for (uint32_t i = 0; i < spec->variation_count; i++) {
            runner->preparations[i].runner = runner;
            runner->preparations[i].work.data = &runner->preparations[i];
        }
        for (uint32_t i = 0; i < selection->board_count; i++)
            boards[i].chip = chip_index(selection, runner->options->farm->boards[selection->boards[i]].chip);
        status = add_to_schedule(runner, jobs, boards, err);
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
        /* OpenOCD and its virtual board exchange many small packets: far faster on one CPU. */
        .cpu = farm_board->config.is_virtual && cpus > 0 ? (int)(index % (uint32_t)cpus) : -1,
        .cancel_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
        .deadlines = hf_farm_deadlines(options->spec, farm_board),
    };
    if (board->options.cancel_fd < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "no descriptor for board %s: %s", farm_board->config.id,
                          strerror(errno));
    hf_worker_callbacks callbacks = {.user = runner, .post = post_reply, .progress = note_progress};
    return hf_worker_new(index, &farm_board->config, &board->options, &callbacks, &board->worker, err);
}

static hf_status set_up_boards(hf_runner *runner, hf_error *err)
{
    uint32_t count = runner->options->selection->board_count;
    runner->boards = calloc(count, sizeof *runner->boards);
    runner->views = calloc(count, sizeof *runner->views);
    runner->replies = calloc(count, sizeof(hf_worker_reply *)); /* NOLINT(bugprone-sizeof-expression) */
    if (!runner->boards || !runner->views || !runner->replies)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u boards", count);
    for (uint32_t i = 0; i < count; i++)
        runner->boards[i].options.cancel_fd = -1;
    runner->board_count = count;
    hf_status status = HF_OK;
    for (uint32_t i = 0; status == HF_OK && i < count; i++)
        status = set_up_board(runner, i, err);
    return status;
}

static hf_status record_plan(hf_runner *runner, hf_error *err)
{
    hf_planned_job *plan = calloc(runner->job_count + 1, sizeof *plan);
    if (!plan)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to record %u jobs", runner->job_count);
    for (uint32_t i = 0; i < runner->job_count; i++) {
        const hf_runner_job *job = &runner->jobs[i];
        plan[i] = (hf_planned_job){.variation = job->variation, .position = job->position, .chip = job->chip};
    }
    hf_status status =
        hf_record_plan(runner->write_queue, runner->options->spec, plan, runner->job_count, err);
    free(plan);
    return status;
}

void hf_runner_tear_down(hf_runner *runner)
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
    free(runner->replies);
    hf_work_dir_remove(runner->work_dir);
}

hf_status hf_runner_set_up(hf_runner *runner, hf_error *err)
{
    const hf_run_options *options = runner->options;
    int64_t run_id = options->earlier ? options->earlier->run.id : 0;
    /* The run is recorded first: then a failure to begin is in the store too. */
    hf_status status = hf_record_run(options->store, options->spec, options->spec_text, options->farm,
                                     options->version, &run_id, err);
    if (status != HF_OK)
        return status;
    runner->summary->run_id = run_id;
    status = hf_prepare_measure_firmwares(options->selection, options->firmware_dir, &runner->firmwares, err);
    if (status == HF_OK)
        status = set_up_schedule(runner, err);
    if (status == HF_OK)
        status = set_up_boards(runner, err);
    /* From here on the write queue owns the store's handle. */
    const hf_write_queue_options keeping = {.changed = on_stored, .user = runner};
    if (status == HF_OK)
        status = hf_write_queue_start(options->store, runner->summary->run_id, &keeping, &runner->write_queue,
                                      err);
    if (status == HF_OK)
        status = record_plan(runner, err);
    if (status == HF_OK)
        status = hf_work_dir_make(runner->work_dir, err);
    for (uint32_t i = 0; status == HF_OK && i < runner->board_count; i++)
        status = start_worker(runner, i, err);
    return status;
}
