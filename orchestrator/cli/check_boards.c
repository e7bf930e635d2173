/* SPDX-License-Identifier: Apache-2.0 */
#include "check_boards.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/work_dir.h"
#include "board_maintenance.h"
#include "boards_in_service.h"
#include "farm_hosts_access.h"
#include "health/board_record.h"
#include "health/golden.h"
#include "signals.h"
#include "store_access.h"
#include "worker/worker.h"

/* What all checks of a farm share. */
typedef struct checks {
    const hf_cli_programs *programs;
    hf_store *store;
    hf_golden *golden;
    uint64_t wait_ms;
    const char *user;
    uint32_t usable, drifted, left_out, unrecorded;
} checks;

static void print_outcome(const hf_farm_board *board, const hf_worker_reply *reply,
                          const hf_health_drift *drift)
{
    const char *id = board->config.id;
    const hf_error *err = &reply->error;
    const hf_attempt_result *result = &reply->result;
    if (err->status == HF_OK)
        printf("%-14s ok, firmware %s at %.0f MHz, %s, %lld cycles%s", id, result->firmware_version,
               result->clock_hz / 1e6, reply->openocd_version, (long long)drift->cycles,
               result->modelled ? " modelled" : "");
    else if (err->status == HF_ECANCELLED)
        printf("%-14s not checked: interrupted", id);
    else if (err->status == HF_EBUSY)
        printf("%-14s not checked: %s", id, err->message);
    else
        printf("%-14s FAILED (%s): %s", id, hf_fault_name(err->fault), err->message);
    if (drift->drifted)
        printf(", DRIFTED from %lld (%+.4f %%; allowed are %.4f %%)", (long long)drift->reference_cycles,
               drift->drift * 100, drift->allowed * 100);
    putchar('\n');
}

/* Opens the board, makes the attempt, and closes it. @param reply of the last of these that was done */
static hf_status try_board(const checks *c, const hf_farm_board *board, const hf_board_options *options,
                           hf_worker_reply *reply)
{
    hf_worker_backend backend;
    const hf_controller_remote remote = hf_cli_remote();
    const hf_attempt_request request = hf_golden_request(c->golden);
    const hf_worker_patience patience = {.wait_ms = c->wait_ms,
                                         .cancel_fd = options->cancel_fd,
                                         .waiting = hf_cli_waiting,
                                         .user = (void *)board->config.id};
    hf_status status = hf_farm_board_backend(&remote, board, options, &backend, &reply->error);
    if (status != HF_OK)
        return status;
    status = hf_worker_open_waiting(&backend, &patience, reply);
    if (status == HF_OK) {
        hf_worker_reply_clear(reply);
        *reply = (hf_worker_reply){.command = HF_WORKER_ATTEMPT};
        status = backend.attempt(backend.board, &request, reply);
    }
    backend.close(backend.board);
    backend.free(backend.board);
    return status;
}

static hf_status check(checks *c, const hf_farm_board *board, const hf_board_options *options)
{
    hf_worker_reply reply = {0};
    hf_health_drift drift = {0};
    hf_error unrecorded = {0};
    hf_health_observation observed = {.kind = HF_HEALTH_CHECK_MANUAL,
                                      .started_ms = hf_wall_ms(),
                                      .image_crc32 = hf_golden_image_crc32(c->golden),
                                      .error = &reply.error};
    const uint64_t start_ns = hf_now_ns();
    const hf_status status = try_board(c, board, options, &reply);
    if (status == HF_OK)
        observed.result = &reply.result;
    observed.duration_ns = hf_now_ns() - start_ns;
    if (hf_health_record_check(c->store, board, &observed, &drift, &unrecorded) != HF_OK) {
        fprintf(stderr, "hilfarm: %s\n", unrecorded.message);
        c->unrecorded++;
    }
    print_outcome(board, &reply, &drift);
    c->usable += status == HF_OK;
    c->drifted += drift.drifted;
    hf_worker_reply_clear(&reply);
    return status;
}

static hf_status check_all(checks *c, const hf_farm *farm, const hf_board_state_row *states,
                           const char *work_dir, int cancel_fd)
{
    hf_status status = HF_OK;
    for (uint32_t i = 0; i < farm->board_count && status != HF_ECANCELLED; i++) {
        char reason[400];
        if (hf_cli_is_left_out(&states[i], c->user, reason, sizeof reason)) {
            printf("%-14s left out: %s\n", states[i].id, reason);
            c->left_out++;
            continue;
        }
        const hf_board_options options =
            hf_cli_board_options(c->programs, work_dir, cancel_fd, &farm->boards[i].deadlines);
        status = check(c, &farm->boards[i], &options);
        fflush(stdout);
    }
    return status;
}

/* @return the exit status */
static hf_exit check_with_signals(checks *c, const hf_farm *farm, const hf_board_state_row *states,
                                  const char *work_dir)
{
    hf_cli_signals signals;
    hf_cli_signals_catch(&signals);
    putchar('\n');
    fflush(stdout);
    const hf_status last = check_all(c, farm, states, work_dir, signals.fd);
    const bool interrupted = hf_cli_signals_release(&signals);
    const uint32_t wanted = farm->board_count - c->left_out;
    if (interrupted && (last == HF_ECANCELLED || c->usable < wanted))
        return HF_EXIT_INTERRUPTED;
    if (c->unrecorded)
        return HF_EXIT_FARM;
    if (wanted && c->usable == wanted)
        return c->drifted ? HF_EXIT_SOME_FAILED : HF_EXIT_OK;
    return c->usable ? HF_EXIT_SOME_FAILED : HF_EXIT_FARM;
}

hf_exit hf_cli_check_boards(const hf_farm *farm, const hf_cli_programs *programs, const char *store_path,
                            uint64_t wait_ms)
{
    char user[HF_CLI_USER_SIZE];
    hf_work_dir work_dir;
    hf_error err = {0};
    hf_board_state_row *states = NULL;
    hf_cli_user_name(user);
    checks c = {.programs = programs, .wait_ms = wait_ms, .user = user};
    hf_exit exit_status = hf_cli_open_store(store_path, &c.store);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    hf_status status = hf_health_load(c.store, farm, &states, &err);
    if (status == HF_OK)
        status = hf_golden_new(&c.golden, &err);
    if (status == HF_OK)
        status = hf_work_dir_make(&work_dir, &err);
    if (status == HF_OK) {
        exit_status = check_with_signals(&c, farm, states, work_dir.path);
        hf_work_dir_remove(&work_dir);
    } else {
        exit_status = hf_cli_fail(&err);
    }
    hf_rows_free(&hf_board_state_row_type, states, states ? farm->board_count : 0);
    hf_golden_free(c.golden);
    hf_store_close(c.store);
    return exit_status;
}
