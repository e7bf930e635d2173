/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate_on_board.h"

#include <stdio.h>

#include "base/work_dir.h"
#include "board_maintenance.h"
#include "boards_in_service.h"
#include "farm_hosts_access.h"
#include "output.h"
#include "signals.h"

static void print_unknown_tag(const hf_farm *farm, const char *tag)
{
    hf_buffer tags = HF_BUFFER_INIT;
    hf_farm_list_tags(farm, &tags);
    fprintf(stderr, "hilfarm evaluate: no board of %s has the tag '%s', expected one of: %s%s\n",
            farm->path ? farm->path : "the default farm", tag, hf_buffer_text(&tags),
            farm->path ? "" : "; name your own farm file with --farm FILE");
    hf_buffer_free(&tags);
}

static bool fits(const hf_farm_board *board, const hf_image *image)
{
    return image->size <= board->chip->model_bytes && image->arena_bytes < board->chip->ram_bytes;
}

/* @param states NULL = nothing is known of the boards */
static hf_exit choose(const hf_farm *farm, const hf_board_state_row *states, const char *tag,
                      const hf_image *image, const hf_farm_board **out)
{
    bool tagged = false, fitting = false;
    char user[HF_CLI_USER_SIZE], reason[400];
    hf_cli_user_name(user);
    for (uint32_t i = 0; i < farm->board_count; i++) {
        const hf_farm_board *board = &farm->boards[i];
        if (tag && !hf_farm_board_has_tag(board, tag))
            continue;
        tagged = true;
        if (!fits(board, image))
            continue;
        fitting = true;
        if (!states || !hf_cli_is_left_out(&states[i], user, reason, sizeof reason)) {
            *out = board;
            return HF_EXIT_OK;
        }
        fprintf(stderr, "hilfarm evaluate: board %s is not used: %s\n", board->config.id, reason);
    }
    if (fitting) {
        fputs("hilfarm evaluate: no board is left (see `hilfarm boards`)\n", stderr);
        return HF_EXIT_FARM;
    }
    if (tagged)
        fprintf(stderr,
                "hilfarm evaluate: the model takes %zu bytes of flash and %u of RAM, too much for any "
                "board%s%s\n",
                image->size, (unsigned)image->arena_bytes, tag ? " tagged " : "", tag ? tag : "");
    else
        print_unknown_tag(farm, tag);
    return HF_EXIT_BAD_INPUT;
}

hf_exit hf_cli_choose_board(const hf_farm *farm, const char *store_path, const char *tag,
                            const hf_image *image, const hf_farm_board **out)
{
    hf_board_state_row *states = NULL;
    hf_error err = {0};
    if (hf_cli_load_board_states(farm, store_path, &states, &err) != HF_OK)
        return hf_cli_fail(&err);
    const hf_exit exit_status = choose(farm, states, tag, image, out);
    hf_rows_free(&hf_board_state_row_type, states, states ? farm->board_count : 0);
    return exit_status;
}

hf_exit hf_cli_evaluate_on_board(const hf_cli_on_board *options, const hf_evaluated_model *model,
                                 const hf_dataset *dataset, const hf_sample_reading *reading,
                                 const hf_evaluation *evaluation, hf_on_board_result *result)
{
    hf_work_dir work_dir;
    hf_error err = {0};
    if (hf_work_dir_make(&work_dir, &err) != HF_OK)
        return hf_cli_fail(&err);
    hf_cli_signals signals;
    hf_cli_signals_catch(&signals);
    const hf_farm_board *board = options->board;
    const hf_board_options board_options =
        hf_cli_board_options(&options->programs, work_dir.path, signals.fd, &board->deadlines);
    const hf_controller_remote remote = hf_cli_remote();
    hf_worker_backend backend;
    if (hf_farm_board_backend(&remote, board, &board_options, &backend, &err) != HF_OK) {
        hf_cli_signals_release(&signals);
        hf_work_dir_remove(&work_dir);
        return hf_cli_fail(&err);
    }
    const hf_on_board_request request = {
        .model = model,
        .dataset = dataset,
        .reading = *reading,
        .samples = evaluation->scored,
        .sample_count = evaluation->scored_count,
        .wanted = options->samples,
        .board = board->config.id,
        .chip = board->chip->name,
        .modelled = hf_board_config_modelled(&board->config),
        .backend = &backend,
        .patience = {.wait_ms = options->wait_ms,
                     .cancel_fd = signals.fd,
                     .waiting = hf_cli_waiting,
                     .user = (void *)board->config.id},
        .progress = options->progress,
        .progress_user = "on the board:",
    };
    hf_status status = hf_on_board(&request, result, &err);
    backend.free(backend.board);
    hf_work_dir_remove(&work_dir);
    bool signalled = hf_cli_signals_release(&signals);
    if (signalled && status == HF_ECANCELLED) {
        fputs("hilfarm evaluate: interrupted\n", stderr);
        return HF_EXIT_INTERRUPTED;
    }
    if (status == HF_OK)
        return result->equal == result->asked ? HF_EXIT_OK : HF_EXIT_SOME_FAILED;
    fprintf(stderr, "hilfarm evaluate: %s\n", err.message);
    return err.fault == HF_FAULT_JOB || status == HF_EMISMATCH ? HF_EXIT_SOME_FAILED : HF_EXIT_FARM;
}
