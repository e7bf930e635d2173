/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"
#include "engine/layout.h"
#include "kernels.h"

_Static_assert((-3 >> 1) == -2, "right shifts of negative numbers must be arithmetic");

static const char *const op_names[] = {
#define HF_IMAGE_OP_TEXT(name, value, text) [value] = (text),
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

/* Kernels saturate to int8; what an activation narrows further is done here, which few layers need: a
 * quantiser puts the ends of a ReLU at the ends of int8. */
static void clamp_output(const hf_op_record *r, int8_t *out)
{
    if (r->activation_min == INT8_MIN && r->activation_max == INT8_MAX)
        return;
    for (uint32_t left = (uint32_t)r->out_height * r->out_width * r->out_channels; left > 0; left--, out++) {
        if (*out < r->activation_min)
            *out = r->activation_min;
        if (*out > r->activation_max)
            *out = r->activation_max;
    }
}

static void run_op(const hf_model *model, const hf_op_record *r, uint8_t *arena)
{
    const hf_op_context context = {
        .record = r,
        .data = model->image + r->data_offset,
        .input = (const int8_t *)arena + r->input_offset,
        .output = (int8_t *)arena + r->output_offset,
        .extra = arena + r->extra_offset,
        .arena = arena,
    };
    switch ((hf_image_op)r->op) {
    case HF_IMAGE_OP_CONV2D:
    case HF_IMAGE_OP_DENSE:
        hf_run_conv(&context);
        break;
    case HF_IMAGE_OP_DEPTHWISE:
        hf_run_depthwise(&context);
        break;
    case HF_IMAGE_OP_AVERAGE_POOL:
        hf_run_average_pool(&context);
        break;
    case HF_IMAGE_OP_MAX_POOL:
        hf_run_max_pool(&context);
        break;
    case HF_IMAGE_OP_ADD:
        hf_run_add(&context);
        break;
    case HF_IMAGE_OP_SOFTMAX:
        hf_run_softmax(&context);
        break;
    case HF_IMAGE_OP_MUL:
        hf_run_mul(&context);
        break;
    case HF_IMAGE_OP_CONCAT:
        hf_run_concat(&context);
        break;
    case HF_IMAGE_OP_SLICE:
        hf_run_slice(&context);
        break;
    case HF_IMAGE_OP_CHANNEL_SHUFFLE:
        hf_run_channel_shuffle(&context);
        break;
    case HF_IMAGE_OP_TABLE:
        hf_run_table(&context);
        break;
    case HF_IMAGE_OP_PAD:
        hf_run_pad(&context);
        break;
    case HF_IMAGE_OP_MEAN:
        hf_run_mean(&context);
        break;
    case HF_IMAGE_OP_COUNT:
        break;
    }
    clamp_output(r, context.output);
}

hf_engine_status hf_model_run(const hf_model *model, void *arena, uint32_t arena_bytes,
                              const hf_layer_hooks *hooks)
{
    if (arena_bytes < model->arena_bytes || (uintptr_t)arena % HF_ARENA_ALIGNMENT != 0)
        return HF_ENGINE_ARENA;
    const hf_op_record *records =
        (const hf_op_record *)(const void *)(model->image + sizeof(hf_image_header));
    for (uint32_t i = 0; i < model->op_count; i++) {
        const hf_op_record *r = &records[i];
        hf_layer_event event = {
            .index = i, .op_name = op_names[r->op], .output_bytes = (uint32_t)hf_record_output_bytes(r)};
        if (hooks && hooks->before)
            hooks->before(hooks->user, &event);
        run_op(model, r, arena);
        event.output = (const int8_t *)arena + r->output_offset;
        if (hooks && hooks->after)
            hooks->after(hooks->user, &event);
    }
    return HF_ENGINE_OK;
}
