/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "board/board.h"
#include "farm/prepare.h"

/* Measures flashing of a virtual board through the agent: an image of about 250 KB, the same again, another
 * one. Prints `metric,value,unit,goal,better` rows for scripts/bench.sh. */

#define MODEL "mobilenetv1_0.26_96_c3_o2" /* the image of this shape that is nearest to 250 KB */

static bool prepare(uint32_t seed, hf_prepared *out)
{
    hf_error err = {0};
    hf_prepare_request request = {.input_seed = 1};
    hf_status status = hf_source_parse(MODEL, &request.source, &err);
    request.source.weights_seed = seed;
    if (status == HF_OK && hf_prepare(&request, out, &err) == HF_OK)
        return true;
    fprintf(stderr, "%s\n", err.message);
    return false;
}

static bool attempt(hf_board *board, const hf_prepared *model, hf_attempt_result *result)
{
    hf_attempt_request request = {
        .name = MODEL,
        .image = model->image.bytes,
        .image_bytes = model->image.size,
        .layer_count = model->image.op_count,
        .input_bytes = model->input_bytes,
        .input_seed = 1,
        .input_crc32 = model->input_crc32,
        .output_crc32 = model->output_crc32,
        .runs = 1,
    };
    hf_error err = {0};
    if (hf_board_attempt(board, &request, result, &err) == HF_OK)
        return true;
    fprintf(stderr, "%s\n%s\n", err.message, hf_board_transcript(board));
    return false;
}

static bool measure(hf_board *board, const hf_prepared models[2])
{
    /* The first attempt also writes the firmware; what follows is what a sweep pays. */
    hf_attempt_result first = {0}, changed = {0}, unchanged = {0};
    bool good = attempt(board, &models[0], &first) && attempt(board, &models[1], &changed) &&
                attempt(board, &models[1], &unchanged);
    if (good) {
        double changed_s = (double)changed.phase_ns[HF_PHASE_FLASH] / 1e9;
        double unchanged_s = (double)unchanged.phase_ns[HF_PHASE_FLASH] / 1e9;
        printf("flash_image_bytes,%u,B,,\n", changed.bytes_written);
        printf("flash_speed,%.1f,KB/s,173,higher\n", (double)changed.bytes_written / 1024 / changed_s);
        printf("flash_unchanged,%.3f,s,0.5,lower\n", unchanged_s);
        printf("flash_unchanged_bytes,%u,B,0,lower\n", unchanged.bytes_written);
    }
    hf_attempt_result_free(&first);
    hf_attempt_result_free(&changed);
    hf_attempt_result_free(&unchanged);
    return good;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s FIRMWARE_DIR VBOARD\n", argv[0]);
        return 2;
    }
    char work_dir[] = "/tmp/hilfarm-XXXXXX";
    if (!mkdtemp(work_dir))
        return 3;
    hf_prepared models[2] = {0};
    hf_board *board = NULL;
    hf_error err = {0};
    hf_board_config config = {.id = "bench", .chip = "stm32l4r5zi", .is_virtual = true, .baud = 921600};
    hf_board_options options = {
        .firmware_dir = argv[1], .vboard_path = argv[2], .work_dir = work_dir, .cpu = 0, .cancel_fd = -1};
    bool good = prepare(1, &models[0]) && prepare(2, &models[1]);
    if (good && hf_board_open(&config, &options, &board, &err) != HF_OK) {
        fprintf(stderr, "%s\n", err.message);
        good = false;
    }
    good = good && measure(board, models);
    hf_board_close(board);
    hf_prepared_free(&models[0]);
    hf_prepared_free(&models[1]);
    (void)hf_remove_tree(work_dir, NULL); /* a folder left in /tmp does no harm */
    return good ? 0 : 1;
}
