/* SPDX-License-Identifier: Apache-2.0 */
#include "check_boards.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/work_dir.h"
#include "board_maintenance.h"
#include "boards_in_service.h"
#include "health/board_record.h"
#include "health/golden.h"
#include "signals.h"
#include "store_access.h"

/* What all checks of a farm share. */
typedef struct checks {
    const hf_cli_programs *programs;
    hf_store *store;
    hf_golden *golden;
    uint64_t wait_ms;
    const char *user;
    uint32_t usable, drifted, left_out, unrecorded;
} checks;

static void print_outcome(const hf_farm_board *board, const hf_attempt_result *result, const hf_board *handle,
                          const hf_health_drift *drift, const hf_error *err)
{
    const char *id = board->config.id;
    if (err->status == HF_OK)
        printf("%-14s ok, firmware %s at %.0f MHz, %s, %lld cycles%s", id, result->firmware_version,
               result->clock_hz / 1e6, hf_board_flasher_version(handle), (long long)drift->cycles,
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

static hf_status check(checks *c, const hf_farm_board *board, const hf_board_options *options)
{
    hf_board *handle = NULL;
    hf_attempt_result result = {0};
    hf_health_drift drift = {0};
    hf_error err = {0}, unrecorded = {0};
    const hf_attempt_request request = hf_golden_request(c->golden);
    hf_health_observation observed = {.kind = HF_HEALTH_CHECK_MANUAL,
                                      .started_ms = hf_wall_ms(),
                                      .image_crc32 = hf_golden_image_crc32(c->golden),
                                      .error = &err};
    const uint64_t start_ns = hf_now_ns();
    hf_status status = hf_board_open_waiting(&board->config, options, c->wait_ms, hf_cli_waiting,
                                             (void *)board->config.id, &handle, &err);
    if (status == HF_OK)
        status = hf_board_attempt(handle, &request, &result, &err);
    if (status == HF_OK)
        observed.result = &result;
    observed.duration_ns = hf_now_ns() - start_ns;
    if (hf_health_record_check(c->store, board, &observed, &drift, &unrecorded) != HF_OK) {
        fprintf(stderr, "hilfarm: %s\n", unrecorded.message);
        c->unrecorded++;
    }
    print_outcome(board, &result, handle, &drift, &err);
    c->usable += status == HF_OK;
    c->drifted += drift.drifted;
    hf_attempt_result_free(&result);
    hf_board_close(handle);
    return status;
}

static hf_status check_all(checks *c, const hf_farm *farm, const hf_board_state_row *states,
                           const char *work_dir, int cancel_fd)
{
    hf_status status = HF_OK;
    for (uint32_t i = 0; i < farm->board_count && status != HF_ECANCELLED; i++) {
        char reason[400];
        if (farm->boards[i].host) {
            printf("%-14s left out: it is on another host; a daemon checks it\n", states[i].id);
            c->left_out++;
            continue;
        }
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
    if (c->usable == wanted)
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
