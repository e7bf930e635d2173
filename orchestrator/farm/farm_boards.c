/* SPDX-License-Identifier: Apache-2.0 */
/* The boards of a controller: their threads, and what people decide about them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "run_state.h"

/* ---- Threads ---- */

void hf_controller_post(hf_controller *controller, hf_worker_reply *reply)
{
    pthread_mutex_lock(&controller->mutex);
    controller->replies[controller->reply_count++] = reply; /* at most one per board: there is room */
    pthread_mutex_unlock(&controller->mutex);
    hf_controller_wake(controller);
}

/* Worker thread. */
static void post_reply(void *user, hf_worker_reply *reply)
{
    hf_controller_post(user, reply);
}

/* Worker thread. */
static void note_progress(void *user, uint32_t index, hf_phase phase, uint32_t done, uint32_t of)
{
    hf_controller *controller = user;
    hf_controller_board *board = &controller->boards[index];
    pthread_mutex_lock(&controller->mutex);
    board->phase = phase;
    board->phase_done = done;
    board->phase_of = of;
    pthread_mutex_unlock(&controller->mutex);
    hf_controller_wake(controller);
}

/* Worker thread. */
static void pass_on(void *user, const void *bytes, size_t size)
{
    const hf_controller_board *board = user;
    const hf_controller_observer *observer = &board->controller->options.observer;
    observer->heard(observer->user, board->index, bytes, size);
}

/* Any thread. */
static bool is_heard(void *user)
{
    const hf_controller_board *board = user;
    const hf_controller_observer *observer = &board->controller->options.observer;
    return !observer->is_heard || observer->is_heard(observer->user, board->index);
}

void hf_controller_set_up_board(hf_controller *controller, uint32_t index)
{
    const hf_controller_options *options = &controller->options;
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    hf_controller_board *board = &controller->boards[index];
    board->controller = controller;
    board->farm_board = &options->farm->boards[index];
    board->index = index;
    board->options = (hf_board_options){
        .openocd_path = options->openocd_path,
        .vboard_path = options->vboard_path,
        .firmware_dir = options->firmware_dir,
        .work_dir = controller->work_dir.path,
        /* OpenOCD and its virtual board exchange many small packets: far faster on one CPU. */
        .cpu = board->farm_board->config.is_virtual && cpus > 0 ? (int)(index % (uint32_t)cpus) : -1,
        .cancel_fd = -1,
        .heard = options->observer.heard ? pass_on : NULL,
        .is_heard = is_heard,
        .heard_user = board,
    };
}

hf_status hf_controller_set_up_boards(hf_controller *controller, hf_error *err)
{
    const hf_controller_options *options = &controller->options;
    const uint32_t count = options->farm->board_count;
    controller->board_capacity = options->farm->broker.url ? HF_FARM_MAX_BOARDS : count;
    controller->boards = calloc(controller->board_capacity + 1u, sizeof *controller->boards);
    controller->views = calloc(controller->board_capacity + 1u, sizeof *controller->views);
    controller->replies = calloc(controller->board_capacity + 1u,
                                 sizeof(hf_worker_reply *)); /* NOLINT(bugprone-sizeof-expression) */
    if (!controller->boards || !controller->views || !controller->replies)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u boards", count);
    for (uint32_t i = 0; i < count; i++)
        hf_controller_set_up_board(controller, i);
    controller->board_count = count;
    return HF_OK;
}

void hf_controller_free_boards(hf_controller *controller)
{
    for (uint32_t i = 0; i < controller->board_count; i++) {
        hf_worker_free(controller->boards[i].worker);
        if (controller->boards[i].options.cancel_fd >= 0)
            close(controller->boards[i].options.cancel_fd);
    }
    free(controller->boards);
    free(controller->views);
    free(controller->replies);
}

static hf_status start_worker(hf_controller_board *board, hf_error *err)
{
    hf_controller *controller = board->controller;
    const hf_board_config *config = &board->farm_board->config;
    if (board->options.cancel_fd < 0)
        board->options.cancel_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (board->options.cancel_fd < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "no descriptor for board %s: %s", config->id,
                          strerror(errno));
    const hf_worker_callbacks callbacks = {.user = controller, .post = post_reply, .progress = note_progress};
    hf_worker_backend backend;
    hf_status status =
        hf_farm_board_backend(&controller->options.remote, board->farm_board, &board->options, &backend, err);
    if (status != HF_OK)
        return status;
    status = hf_worker_new(board->index, config->id, &backend, &callbacks, &board->worker, err);
    if (status != HF_OK)
        backend.free(backend.board);
    return status;
}

/* Any of the runs that may use a board can be the one it is opened for: the most patient deadlines count. */
static hf_board_deadlines open_deadlines(const hf_controller_board *board)
{
    hf_board_deadlines most = {0};
    const hf_controller_run *run;
    TAILQ_FOREACH(run, &board->controller->runs, link)
    {
        if (run->stage != HF_RUN_STAGE_MEASURING || !run->uses_board[board->index])
            continue;
        hf_board_deadlines own = hf_farm_deadlines(run->request.spec, board->farm_board);
        hf_board_deadlines_complete(&own);
        most.start_ms = own.start_ms > most.start_ms ? own.start_ms : most.start_ms;
        most.boot_ms = own.boot_ms > most.boot_ms ? own.boot_ms : most.boot_ms;
        most.stop_ms = own.stop_ms > most.stop_ms ? own.stop_ms : most.stop_ms;
    }
    return most;
}

void hf_controller_send(hf_controller_board *board, hf_worker_command command,
                        const hf_attempt_request *request)
{
    if (!board->worker) {
        hf_worker_reply *reply = calloc(1, sizeof *reply);
        if (!reply)
            abort(); /* every command needs a reply, and without memory for one there is nothing left to do */
        *reply = (hf_worker_reply){.board = board->index, .command = command, .started_ms = hf_wall_ms()};
        reply->status = start_worker(board, &reply->error);
        if (reply->status != HF_OK) {
            hf_controller_post(board->controller, reply);
            return;
        }
        hf_worker_reply_free(reply);
    }
    if (command == HF_WORKER_OPEN)
        board->options.deadlines = open_deadlines(board);
    hf_controller_uncancel(board);
    hf_worker_send(board->worker, command, request);
}

void hf_controller_uncancel(hf_controller_board *board)
{
    uint64_t drained;
    ssize_t got = read(board->options.cancel_fd, &drained, sizeof drained);
    (void)got; /* EAGAIN: nothing was cancelled, the usual case */
}

void hf_controller_cancel(hf_controller_board *board)
{
    const uint64_t one = 1;
    if (board->options.cancel_fd < 0)
        return; /* its thread could not be started, and the reply says so */
    ssize_t put = write(board->options.cancel_fd, &one, sizeof one);
    (void)put; /* EAGAIN: the counter is full, so the descriptor is readable, as it should be */
}

/* ---- People ---- */

void hf_controller_board_options(const hf_controller *controller, uint32_t board, hf_board_options *out)
{
    const hf_controller_board *own = &controller->boards[board];
    *out = own->options;
    out->deadlines = own->farm_board->deadlines;
    out->cancel_fd = -1;
    out->heard = NULL;
}

uint64_t hf_controller_monotonic_ns(int64_t wall_ms)
{
    const int64_t left_ms = wall_ms - hf_wall_ms();
    return hf_now_ns() + (left_ms > 0 ? (uint64_t)left_ms * HF_NS_PER_MS : 0);
}

void hf_controller_reserve_board(hf_controller *controller, uint32_t board, int64_t until_ms)
{
    const uint64_t until_ns = until_ms ? hf_controller_monotonic_ns(until_ms) : HF_SCHEDULE_NEVER;
    hf_controller_check_event(
        controller, hf_schedule_reserve_board(controller->schedule, board, until_ns, hf_now_ns(), NULL));
    hf_controller_wake(controller);
}

void hf_controller_release_board(hf_controller *controller, uint32_t board)
{
    hf_controller_check_event(controller,
                              hf_schedule_release_board(controller->schedule, board, hf_now_ns(), NULL));
    hf_controller_wake(controller);
}

void hf_controller_disable_board(hf_controller *controller, uint32_t board)
{
    hf_controller_check_event(controller,
                              hf_schedule_disable_board(controller->schedule, board, hf_now_ns(), NULL));
    hf_controller_wake(controller);
}

void hf_controller_enable_board(hf_controller *controller, uint32_t board)
{
    hf_controller_check_event(controller,
                              hf_schedule_enable_board(controller->schedule, board, hf_now_ns(), NULL));
    controller->boards[board].away = false;
    controller->boards[board].fault_message[0] = '\0';
    hf_controller_wake(controller);
}
