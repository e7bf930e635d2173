/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "checksum/crc.h"
#include "fake_board.h"

/* Stands in for firmware/engine: three layers of two rows, one after the other or the first two in turns; the
 * output is the first bytes of the input, complemented. */

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

uint32_t hf_layer_crc32(const hf_layer_event *event, uint32_t crc32)
{
    uint32_t rows = event->end_row - event->first_row;
    return hf_crc32(crc32, event->output, (size_t)rows * event->record->out_width);
}

typedef struct turn {
    uint32_t index, first_row, end_row;
} turn;

static const turn whole[] = {{0, 0, 2}, {1, 0, 2}, {2, 0, 2}};
static const turn chained[] = {{0, 0, 1}, {1, 0, 1}, {0, 1, 2}, {1, 1, 2}, {2, 0, 2}};

static void make_output(const hf_model *model, uint8_t *arena)
{
    uint8_t *output = arena + model->output_offset, *input = arena + model->input_offset;
    for (uint32_t i = 0; i < model->output_bytes; i++)
        output[i] = (uint8_t)~input[i];
    if (the_engine.runs == the_engine.disturb_at_run)
        output[0] ^= 1;
    memset(input + model->output_bytes, 0xEE, 4); /* the engine may overwrite its input */
}

/* Output of all layers except the last. */
static void make_between(uint32_t index, int8_t *output, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        output[i] = fake_engine_value(index, i);
}

hf_engine_status hf_model_run(const hf_model *model, void *arena, uint32_t arena_bytes,
                              const hf_layer_hooks *hooks)
{
    static const char *const names[] = {"conv2d", "dense", "softmax"};
    const hf_op_record record = {
        .out_height = 2, .out_width = (uint16_t)(model->output_bytes / 2), .out_channels = 1};
    fake_board *board = the_engine.board;
    the_engine.runs++;
    the_engine.hooked_runs += hooks != NULL;
    the_engine.arena_given = arena_bytes;
    the_engine.doing_at_run = board->doing;
    if (the_engine.run_status != HF_ENGINE_OK)
        return the_engine.run_status;
    const turn *turns = the_engine.chained ? chained : whole;
    uint32_t turn_count =
        the_engine.chained ? sizeof chained / sizeof *chained : sizeof whole / sizeof *whole;
    for (const turn *t = turns; t < turns + turn_count; t++) {
        int8_t between[64];
        hf_layer_event event = {.index = t->index,
                                .op_name = names[t->index],
                                .record = &record,
                                .first_row = t->first_row,
                                .end_row = t->end_row};
        if (hooks && hooks->before)
            hooks->before(hooks->user, &event);
        board->cycles += the_engine.layer_cycles + t->first_row;
        board->instructions += 10 * (uint64_t)(t->index + 1);
        make_between(t->index, between, model->output_bytes);
        if (t->index == 2)
            make_output(model, arena);
        const int8_t *output =
            t->index == 2 ? (const int8_t *)arena + model->output_offset : (const int8_t *)between;
        event.output = output + (size_t)t->first_row * record.out_width;
        if (hooks && hooks->after)
            hooks->after(hooks->user, &event);
        board->cycles += the_engine.idle_cycles;
        board->instructions += the_engine.idle_cycles;
    }
    board->cycles += the_engine.extra_per_run * the_engine.runs;
    return HF_ENGINE_OK;
}
