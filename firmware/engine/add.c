/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"
#include "requant.h"

/*
 * Differences have 9 bits and are shifted left by 20, so that twice of them, and twice their sum after scales
 * below 1, fit 32 bits: no step saturates or wraps.
 */

/* A factor of at most 1. */
typedef struct scale {
    int32_t multiplier, shift; /* right */
    int32_t half;              /* 2^(shift - 1), 0 without a shift */
    int32_t signs;             /* -1, 0 without a shift: masks the correction for negative values */
} scale;

static scale scale_of(const hf_add_data *data, int index)
{
    const int32_t shift = -data->shift[index];
    return (scale){data->multiplier[index], shift, shift > 0 ? 1 << (shift - 1) : 0, shift > 0 ? -1 : 0};
}

/* hf_multiply_quantized() of half of `doubled`. */
static inline int32_t apply(const scale *s, int32_t doubled)
{
    const int32_t product = hf_multiply_high_rounded(doubled, s->multiplier);
    return (product + s->half + ((product >> 31) & s->signs)) >> s->shift;
}

HF_SPECIAL_LOOP void hf_run_add(const hf_op_context *context)
{
    const hf_op_record *r = context->record;
    const hf_add_data *data = (const hf_add_data *)(const void *)context->data;
    const scale a = scale_of(data, 0);
    const scale b = scale_of(data, 1);
    const scale total = scale_of(data, 2);
    const uint32_t row = (uint32_t)r->out_width * r->out_channels;
    const int8_t *second = (const int8_t *)context->extra + (size_t)context->first_row * row;
    for (uint32_t y = context->first_row; y < context->end_row; y++) {
        const int8_t *first = hf_input_row(context, y);
        int8_t *out = hf_output_row(context, y);
        for (uint32_t left = row; left > 0; left--) {
            const int32_t p = (*first++ - r->input_zero_point) * (2 << HF_ADD_LEFT_SHIFT);
            const int32_t q = (*second++ - r->second_zero_point) * (2 << HF_ADD_LEFT_SHIFT);
            const int32_t sum = apply(&a, p) + apply(&b, q);
            *out++ = hf_offset_to_int8(apply(&total, 2 * sum), r->output_zero_point);
        }
    }
}
