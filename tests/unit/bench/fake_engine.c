/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "fake_board.h"

/* Stands in for firmware/engine: three layers; the output is the first bytes of the input, complemented. */

fake_engine the_engine;

const char *hf_engine_status_text(hf_engine_status status)
{
    return status == HF_ENGINE_CHECKSUM ? "image CRC-32 wrong" : "engine status text";
}

hf_engine_status hf_model_open(hf_model *model, const void *image, uint32_t room_bytes)
{
    if (the_engine.open_status != HF_ENGINE_OK)
        return the_engine.open_status;
    *model = (hf_model){
        .image = image,
        .image_bytes = room_bytes / 2,
        .crc32 = the_engine.crc32,
        .op_count = 3,
        .arena_bytes = the_engine.arena_bytes,
        .input_offset = 16,
        .input_bytes = the_engine.input_bytes,
        .output_offset = 8,
        .output_bytes = the_engine.output_bytes,
    };
    return HF_ENGINE_OK;
}

hf_engine_status hf_model_run(const hf_model *model, void *arena, uint32_t arena_bytes,
                              const hf_layer_hooks *hooks)
{
    static const char *const names[] = {"conv2d", "dense", "softmax"};
    uint8_t *bytes = arena;
    fake_board *board = the_engine.board;
    the_engine.runs++;
    the_engine.hooked_runs += hooks != NULL;
    the_engine.arena_given = arena_bytes;
    the_engine.doing_at_run = board->doing;
    if (the_engine.run_status != HF_ENGINE_OK)
        return the_engine.run_status;
    for (uint32_t i = 0; i < 3; i++) {
        hf_layer_event event = {.index = i, .op_name = names[i]};
        if (hooks && hooks->before)
            hooks->before(hooks->user, &event);
        board->cycles += the_engine.layer_cycles;
        board->instructions += 10 * (uint64_t)(i + 1);
        if (i == 2) {
            for (uint32_t j = 0; j < model->output_bytes; j++)
                bytes[model->output_offset + j] = (uint8_t)~bytes[model->input_offset + j];
            if (the_engine.runs == the_engine.disturb_at_run)
                bytes[model->output_offset] ^= 1;
            memset(bytes + model->input_offset + model->output_bytes, 0xEE, 4); /* inputs do not survive */
        }
        event.output = (const int8_t *)bytes + model->output_offset;
        event.output_bytes = model->output_bytes;
        if (hooks && hooks->after)
            hooks->after(hooks->user, &event);
    }
    board->cycles += the_engine.extra_per_run * the_engine.runs;
    return HF_ENGINE_OK;
}
