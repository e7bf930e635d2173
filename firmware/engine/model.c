/* SPDX-License-Identifier: Apache-2.0 */
#include "checksum/crc.h"
#include "engine/engine.h"
#include "engine/layout.h"
#include "kernels.h"

/*
 * Validation. The kernels rely on the following without checking it again:
 * - every tensor and scratch space is inside the arena, every data block inside the image; all sizes fit 32 bits
 * - geometry passes hf_record_geometry_ok(), so every window has a tap and no coordinate overflows
 * - a chain's rings hold the rows that a window needs
 * - shifts are in range, so no shift is undefined; sums wrap and need no check
 * Overlaps of tensors are not checked: the kernels stay inside the arena whatever it holds, and the compiler
 * proves its plans (compile/plan_check.c).
 */

typedef struct checker {
    const uint8_t *image;
    const hf_image_header *header;
} checker;

static int in_arena(const checker *c, uint64_t offset, uint64_t bytes)
{
    return offset + bytes <= c->header->arena_bytes;
}

int hf_parameters_ok(const hf_op_record *r, const uint8_t *data, uint32_t count)
{
    if (r->params == HF_PARAMS_COMPACT) {
        const hf_channel_compact *channel = (const hf_channel_compact *)(const void *)data;
        for (uint32_t c = 0; c < count; c++)
            if (channel[c].multiplier < 0 || (channel[c].bias_shift & 0xFF) > HF_COMPACT_SHIFT_MAX)
                return 0;
        return 1;
    }
    const hf_channel_wide *channel = (const hf_channel_wide *)(const void *)data;
    for (uint32_t c = 0; c < count; c++)
        if (!hf_scale_ok(channel[c].multiplier, channel[c].shift, 30))
            return 0;
    return 1;
}

int hf_channels_data_ok(const hf_op_record *r, const uint8_t *data)
{
    return hf_parameters_ok(r, data, r->out_channels);
}

static int data_ok(const hf_op_record *r, const uint8_t *data)
{
    switch ((hf_image_op)r->op) {
#define HF_IMAGE_OP_DATA(name, number, text, kernel, shape, kind, ...)                                       \
    case HF_IMAGE_OP_##name:                                                                                 \
        return hf_##kind##_data_ok(r, data);
        HF_IMAGE_OP_MAP(HF_IMAGE_OP_DATA) /* NOLINT(bugprone-branch-clone): rows share rules */
#undef HF_IMAGE_OP_DATA
    case HF_IMAGE_OP_COUNT:
        break;
    }
    return 0;
}

static int memory_ok(const checker *c, const hf_op_record *r)
{
    const uint64_t second_bytes = hf_record_second_bytes(r);
    const uint64_t scratch_bytes = hf_record_scratch_bytes(r);
    return in_arena(c, r->output_offset, hf_record_output_span(r)) &&
           (second_bytes == 0 || in_arena(c, r->extra_offset, second_bytes)) &&
           (scratch_bytes == 0 ||
            (r->extra_offset % HF_IMAGE_ALIGNMENT == 0 && in_arena(c, r->extra_offset, scratch_bytes)));
}

/* The input is whole, or the rows of the operator before, as many at a time as a window needs. */
static int input_ok(const checker *c, const hf_op_record *r, const hf_op_record *before)
{
    if (!before || !before->ring_rows)
        return in_arena(c, r->input_offset, hf_record_input_span(r));
    const uint32_t window = r->kernel_height < r->in_height ? r->kernel_height : r->in_height;
    return hf_record_has(r, HF_TRAIT_CHAINS) && r->input_offset == before->output_offset &&
           r->in_height == before->out_height && r->in_width == before->out_width &&
           r->in_channels == before->out_channels && r->in_step == before->out_step &&
           before->channel_step == 1 && before->ring_rows >= window;
}

/* @param before the operator before this one, NULL for none */
static hf_engine_status check_op(const checker *c, const hf_op_record *r, const hf_op_record *before)
{
    if (r->op >= HF_IMAGE_OP_COUNT || r->params > HF_PARAMS_WIDE)
        return HF_ENGINE_OPERATOR;
    if (!hf_record_geometry_ok(r) || r->activation_min > r->activation_max || !input_ok(c, r, before) ||
        (r->ring_rows && (!hf_record_has(r, HF_TRAIT_CHAINS) || r->ring_rows > r->out_height)))
        return HF_ENGINE_STRUCTURE;
    const uint64_t data_bytes = hf_record_data_bytes(r);
    if (r->data_offset % HF_IMAGE_ALIGNMENT != 0 || r->data_offset + data_bytes > c->header->total_bytes ||
        !data_ok(r, c->image + r->data_offset) || !memory_ok(c, r))
        return HF_ENGINE_STRUCTURE;
    return HF_ENGINE_OK;
}

static hf_engine_status check_ops(const checker *c)
{
    const hf_op_record *records = (const hf_op_record *)(const void *)(c->image + sizeof *c->header);
    const hf_op_record *before = NULL;
    uint32_t chained = 0; /* operators of the present chain so far */
    for (uint32_t i = 0; i < c->header->op_count; i++) {
        const hf_op_record *r = &records[i];
        hf_engine_status status = check_op(c, r, before);
        if (status != HF_ENGINE_OK)
            return status;
        chained = r->ring_rows ? chained + 1 : 0;
        if (chained >= HF_CHAIN_MAX)
            return HF_ENGINE_STRUCTURE;
        before = r;
    }
    return chained ? HF_ENGINE_STRUCTURE : HF_ENGINE_OK; /* nobody takes the last one's rows */
}

hf_engine_status hf_model_open(hf_model *model, const void *image, uint32_t room_bytes)
{
    const hf_image_header *h = image;
    if (!image || (uintptr_t)image % HF_IMAGE_ALIGNMENT != 0 || room_bytes < sizeof *h ||
        h->magic != HF_IMAGE_MAGIC)
        return HF_ENGINE_NO_IMAGE;
    if (h->version != HF_IMAGE_VERSION)
        return HF_ENGINE_VERSION;
    if (h->total_bytes > room_bytes)
        return HF_ENGINE_TRUNCATED;
    if (h->total_bytes < sizeof *h)
        return HF_ENGINE_STRUCTURE;
    checker c = {image, h};
    if (hf_crc32(0, c.image + HF_IMAGE_CRC_START, h->total_bytes - HF_IMAGE_CRC_START) != h->crc32)
        return HF_ENGINE_CHECKSUM;
    if (h->op_count > (h->total_bytes - sizeof *h) / sizeof(hf_op_record) || h->input_bytes == 0 ||
        h->output_bytes == 0 || !in_arena(&c, h->input_offset, h->input_bytes) ||
        !in_arena(&c, h->output_offset, h->output_bytes))
        return HF_ENGINE_STRUCTURE;
    const hf_engine_status status = check_ops(&c);
    if (status != HF_ENGINE_OK)
        return status;
    *model = (hf_model){
        .image = c.image,
        .image_bytes = h->total_bytes,
        .crc32 = h->crc32,
        .op_count = h->op_count,
        .arena_bytes = h->arena_bytes,
        .input_offset = h->input_offset,
        .input_bytes = h->input_bytes,
        .output_offset = h->output_offset,
        .output_bytes = h->output_bytes,
    };
    return HF_ENGINE_OK;
}
