/* SPDX-License-Identifier: Apache-2.0 */
#include "checksum/crc.h"
#include "engine/engine.h"
#include "engine/layout.h"
#include "kernels.h"

_Static_assert((-3 >> 1) == -2, "right shifts of negative numbers must be arithmetic");

static const char *const op_names[] = {
#define HF_IMAGE_OP_TEXT(name, number, text, ...) [number] = (text),
    HF_IMAGE_OP_MAP(HF_IMAGE_OP_TEXT)
#undef HF_IMAGE_OP_TEXT
};

const char *hf_engine_status_text(hf_engine_status status)
{
    switch (status) {
#define HF_ENGINE_STATUS_CASE(name, value, text)                                                             \
    case HF_ENGINE_##name:                                                                                   \
        return text;
        HF_ENGINE_STATUS_MAP(HF_ENGINE_STATUS_CASE)
#undef HF_ENGINE_STATUS_CASE
    }
    return "unknown engine status";
}

/* Kernels saturate to int8. Narrower activation ranges are applied here. Few layers need that, since quantisers
 * map the limits of a ReLU to the limits of int8. */
static void clamp_output(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    if (r->activation_min == INT8_MIN && r->activation_max == INT8_MAX)
        return;
    const uint32_t parts = r->channel_step == 1 ? 1 : r->parts;
    for (uint32_t y = c->first_row; y < c->end_row; y++) {
        int8_t *position = hf_output_row(c, y);
        for (uint32_t x = r->out_width; x > 0; x--, position += r->out_step)
            for (uint32_t i = 0; i < (uint32_t)r->out_channels / parts; i++)
                for (uint32_t g = 0; g < parts; g++) {
                    int8_t *out = position + (size_t)i * r->channel_step + g;
                    if (*out < r->activation_min)
                        *out = r->activation_min;
                    if (*out > r->activation_max)
                        *out = r->activation_max;
                }
    }
}

typedef void kernel(const hf_op_context *context);

static kernel *const kernels[] = {
#define HF_IMAGE_OP_KERNEL(name, number, text, kernel, ...) [number] = hf_run_##kernel,
    HF_IMAGE_OP_MAP(HF_IMAGE_OP_KERNEL)
#undef HF_IMAGE_OP_KERNEL
};

/* One inference. */
typedef struct inference {
    const hf_model *model;
    const hf_op_record *records;
    uint8_t *arena;
    const hf_layer_hooks *hooks;
} inference;

/* Computes rows first_row .. end_row - 1 of operator `index`. */
static void make_rows(const inference *run, uint32_t index, uint32_t first_row, uint32_t end_row)
{
    const hf_op_record *r = &run->records[index];
    const uint32_t ring_rows = index > 0 ? r[-1].ring_rows : 0;
    const hf_op_context context = {
        .record = r,
        .data = run->model->image + r->data_offset,
        .input = (const int8_t *)run->arena + r->input_offset,
        .output = (int8_t *)run->arena + r->output_offset,
        .extra = run->arena + r->extra_offset,
        .in_rows = ring_rows ? ring_rows : r->in_height,
        .first_row = first_row,
        .end_row = end_row,
    };
    hf_layer_event event = {
        .index = index, .op_name = op_names[r->op], .record = r, .first_row = first_row, .end_row = end_row};
    if (run->hooks && run->hooks->before)
        run->hooks->before(run->hooks->user, &event);
    kernels[r->op](&context);
    clamp_output(&context);
    event.output = hf_output_row(&context, first_row);
    if (run->hooks && run->hooks->after)
        run->hooks->after(run->hooks->user, &event);
}

/* Runs operators first .. last: computes a row of the last one as soon as the rows it needs exist, and so on up
 * the chain, so that rings hold no more rows than a window. */
static void run_chain(const inference *run, uint32_t first, uint32_t last)
{
    uint32_t made[HF_CHAIN_MAX] = {0}; /* rows, per operator */
    uint32_t i = last;
    while (made[last - first] < run->records[last].out_height) {
        uint32_t *row = &made[i - first];
        if (i > first && made[i - 1 - first] < hf_record_rows_needed(&run->records[i], *row)) {
            i--;
            continue;
        }
        make_rows(run, i, *row, *row + 1);
        (*row)++;
        if (i < last)
            i++;
    }
}

hf_engine_status hf_model_run(const hf_model *model, void *arena, uint32_t arena_bytes,
                              const hf_layer_hooks *hooks)
{
    if (arena_bytes < model->arena_bytes || (uintptr_t)arena % HF_ARENA_ALIGNMENT != 0)
        return HF_ENGINE_ARENA;
    const inference run = {
        .model = model,
        .records = (const hf_op_record *)(const void *)(model->image + sizeof(hf_image_header)),
        .arena = arena,
        .hooks = hooks,
    };
    for (uint32_t first = 0, last = 0; first < model->op_count; first = ++last) {
        while (run.records[last].ring_rows)
            last++;
        if (last == first)
            make_rows(&run, first, 0, run.records[first].out_height);
        else
            run_chain(&run, first, last);
    }
    return HF_ENGINE_OK;
}

uint32_t hf_layer_crc32(const hf_layer_event *event, uint32_t crc32)
{
    const hf_op_record *r = event->record;
    const uint32_t parts = r->channel_step == 1 ? 1 : r->parts;
    const uint32_t channels = (uint32_t)r->out_channels / parts;
    const int8_t *position = event->output;
    for (uint32_t left = (event->end_row - event->first_row) * r->out_width; left > 0; left--) {
        if (r->channel_step == 1)
            crc32 = hf_crc32(crc32, position, r->out_channels);
        else
            for (uint32_t g = 0; g < parts; g++)
                for (uint32_t i = 0; i < channels; i++)
                    crc32 = hf_crc32(crc32, position + (size_t)i * r->channel_step + g, 1);
        position += r->out_step;
    }
    return crc32;
}
