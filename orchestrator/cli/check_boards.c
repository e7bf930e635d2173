/* SPDX-License-Identifier: Apache-2.0 */
#include "check_boards.h"

#include <stdio.h>

#include "board/board.h"
#include "farm/prepare.h"
#include "farm/work_dir.h"
#include "signals.h"

/* The smallest model that has every stage of a network; its image fills one erase unit of any chip. */
#define MODEL "mobilenetv1_0.1_32_c1_o2_l1ll16pl16"

static hf_status prepare_model(hf_prepared *model, hf_error *err)
{
    hf_prepare_request request = {.input_seed = 1};
    hf_status status = hf_source_parse(MODEL, &request.source, err);
    return status == HF_OK ? hf_prepare(&request, model, err) : status;
}

static hf_status try_board(hf_board *board, const hf_prepared *model, hf_attempt_result *result,
                           hf_error *err)
{
    const hf_attempt_request request = {
        .name = MODEL,
        .image = model->image.bytes,
        .image_bytes = model->image.size,
        .layer_count = model->image.op_count,
        .input_bytes = model->input_bytes,
        .input_seed = 1,
        .input_crc32 = model->input_crc32,
        .output_crc32 = model->output_crc32,
        .layer_crc32 = model->layer_crc32,
        .runs = 1,
        .layers = true,
    };
    return hf_board_attempt(board, &request, result, err);
}

static hf_status check(const hf_farm_board *board, const hf_board_options *options, uint64_t wait_ms,
                       const hf_prepared *model)
{
    hf_board *handle = NULL;
    hf_attempt_result result = {0};
    hf_error err = {0};
    hf_status status = hf_board_open_waiting(&board->config, options, wait_ms, hf_cli_waiting,
                                             (void *)board->config.id, &handle, &err);
    if (status == HF_OK)
        status = try_board(handle, model, &result, &err);
    if (status == HF_OK)
        printf("%-14s ok, firmware %s at %.0f MHz, %s\n", board->config.id, result.firmware_version,
               result.clock_hz / 1e6, hf_board_flasher_version(handle));
    else if (status == HF_ECANCELLED)
        printf("%-14s not checked: interrupted\n", board->config.id);
    else if (status == HF_EBUSY)
        printf("%-14s not checked: %s\n", board->config.id, err.message);
    else
        printf("%-14s FAILED (%s): %s\n", board->config.id, hf_fault_name(err.fault), err.message);
    hf_attempt_result_free(&result);
    hf_board_close(handle);
    return status;
}

hf_exit hf_cli_check_boards(const hf_farm *farm, const hf_cli_programs *programs, uint64_t wait_ms)
{
    char work_dir[HF_WORK_DIR_SIZE];
    hf_prepared model = {0};
    hf_error err = {0};
    hf_status status = prepare_model(&model, &err);
    if (status == HF_OK)
        status = hf_work_dir_make(work_dir, &err);
    if (status != HF_OK) {
        hf_prepared_free(&model);
        return hf_cli_fail(&err);
    }
    hf_cli_signals signals;
    hf_cli_signals_catch(&signals);
    uint32_t usable = 0;
    putchar('\n');
    fflush(stdout);
    for (uint32_t i = 0; i < farm->board_count && status != HF_ECANCELLED; i++) {
        const hf_board_options options =
            hf_cli_board_options(programs, work_dir, signals.fd, &farm->boards[i].deadlines);
        status = check(&farm->boards[i], &options, wait_ms, &model);
        usable += status == HF_OK;
        fflush(stdout);
    }
    bool interrupted = hf_cli_signals_release(&signals);
    hf_work_dir_remove(work_dir);
    hf_prepared_free(&model);
    if (interrupted && usable < farm->board_count)
        return HF_EXIT_INTERRUPTED;
    if (usable == farm->board_count)
        return HF_EXIT_OK;
    return usable ? HF_EXIT_SOME_FAILED : HF_EXIT_FARM;
}
