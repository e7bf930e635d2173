/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"
#include "engine/layout.h"
#include "proto/frame.h"

/*
 * Validation. What the kernels rely on without looking again:
 * - every tensor and scratch space lies in the arena, every data block in the image; both counts fit 32 bits
 * - geometry passes hf_record_geometry_ok(), so that every window has a tap and no coordinate overflows
 * - an output lies over an input only as hf_record_overlap() allows, and scratch over neither
 * - shifts are in range, so that no shift is undefined; sums wrap and need no check
 */

typedef struct checker {
    const uint8_t *image;
    const hf_image_header *header;
} checker;

static int in_arena(const checker *c, uint64_t offset, uint64_t bytes)
{
    return offset + bytes <= c->header->arena_bytes;
}

static int disjoint(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes)
{
    return a + a_bytes <= b || b + b_bytes <= a;
}

static int shift_ok(int32_t shift, int32_t max)
{
    return shift >= -31 && shift <= max;
}

static int channels_ok(const hf_op_record *r, const uint8_t *data, uint32_t count)
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
        if (channel[c].multiplier < 0 || !shift_ok(channel[c].shift, 30))
            return 0;
    return 1;
}

static int concat_ok(const hf_op_record *r, const hf_concat_part *parts)
{
    uint32_t channels = 0;
    for (uint32_t i = 0; i < r->parts; i++) {
        if (parts[i].channels < 1)
            return 0;
        channels += parts[i].channels;
    }
    return channels == r->out_channels && parts[0].channels == r->in_channels &&
           parts[0].offset == r->input_offset;
}

static int data_ok(const hf_op_record *r, const uint8_t *data)
{
    switch (r->op) {
    case HF_IMAGE_OP_CONV2D:
    case HF_IMAGE_OP_DENSE:
    case HF_IMAGE_OP_DEPTHWISE:
        return channels_ok(r, data, r->out_channels);
    case HF_IMAGE_OP_MUL:
        return channels_ok(r, data, 1);
    case HF_IMAGE_OP_MEAN: {
        const hf_mean_data *mean = (const hf_mean_data *)(const void *)data;
        return mean->multiplier >= 0 && shift_ok(mean->shift, 30);
    }
    case HF_IMAGE_OP_CONCAT:
        return concat_ok(r, (const hf_concat_part *)(const void *)data);
    case HF_IMAGE_OP_ADD: {
        const hf_add_data *add = (const hf_add_data *)(const void *)data;
        return add->multiplier[0] >= 0 && add->multiplier[1] >= 0 && add->multiplier[2] >= 0 &&
               shift_ok(add->shift[0], 0) && shift_ok(add->shift[1], 0) && shift_ok(add->shift[2], 0);
    }
    case HF_IMAGE_OP_SOFTMAX: {
        const hf_softmax_data *softmax = (const hf_softmax_data *)(const void *)data;
        /* Differences down to diff_min, shifted, must stay above -32 in Q5, or exp() is out of its range. */
        return r->in_channels <= HF_SOFTMAX_MAX_CHANNELS && softmax->multiplier >= 0 &&
               softmax->left_shift >= 0 && softmax->left_shift <= 30 && softmax->diff_min <= 0 &&
               -(int64_t)softmax->diff_min <=
                   ((int64_t)(31U << (31 - HF_SOFTMAX_INTEGER_BITS)) >> softmax->left_shift);
    }
    case HF_IMAGE_OP_AVERAGE_POOL: /* the sum of a window fits 32 bits */
        return (uint64_t)r->kernel_height * r->kernel_width < (1U << 23);
    default:
        return 1;
    }
}

/* @param parts a concat's inputs */
static int memory_ok(const checker *c, const hf_op_record *r, const hf_concat_part *parts)
{
    const uint64_t output_bytes = hf_record_output_bytes(r);
    if (!in_arena(c, r->output_offset, output_bytes))
        return 0;
    for (uint32_t i = 0; i < hf_record_input_count(r); i++) {
        const uint64_t bytes = hf_record_nth_input_bytes(r, i, parts);
        const uint32_t offset = i == 0                        ? r->input_offset
                                : r->op == HF_IMAGE_OP_CONCAT ? parts[i].offset
                                                              : r->extra_offset;
        const hf_overlap overlap = hf_record_overlap(r, i, parts);
        if (!in_arena(c, offset, bytes) ||
            !hf_overlap_allows(&overlap, offset, bytes, r->output_offset, output_bytes))
            return 0;
    }
    const uint64_t scratch_bytes = hf_record_scratch_bytes(r);
    return scratch_bytes == 0 ||
           (r->extra_offset % HF_IMAGE_ALIGNMENT == 0 && in_arena(c, r->extra_offset, scratch_bytes) &&
            disjoint(r->extra_offset, scratch_bytes, r->input_offset, hf_record_input_bytes(r)) &&
            disjoint(r->extra_offset, scratch_bytes, r->output_offset, output_bytes));
}

static hf_engine_status check_op(const checker *c, const hf_op_record *r)
{
    if (r->op >= HF_IMAGE_OP_COUNT || r->params > HF_PARAMS_WIDE)
        return HF_ENGINE_OPERATOR;
    if (!hf_record_geometry_ok(r) || r->activation_min > r->activation_max)
        return HF_ENGINE_STRUCTURE;
    /* Parts were counted by the geometry, so that the size of the data is known and bounded. */
    const uint64_t data_bytes = hf_record_data_bytes(r);
    if (r->data_offset % HF_IMAGE_ALIGNMENT != 0 || r->data_offset + data_bytes > c->header->total_bytes)
        return HF_ENGINE_STRUCTURE;
    const uint8_t *data = c->image + r->data_offset;
    if (!data_ok(r, data) || !memory_ok(c, r, (const hf_concat_part *)(const void *)data))
        return HF_ENGINE_STRUCTURE;
    return HF_ENGINE_OK;
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
    const hf_op_record *records = (const hf_op_record *)(const void *)(c.image + sizeof *h);
    for (uint32_t i = 0; i < h->op_count; i++) {
        hf_engine_status status = check_op(&c, &records[i]);
        if (status != HF_ENGINE_OK)
            return status;
    }
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
