/* SPDX-License-Identifier: Apache-2.0 */
#include "dsp.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"

/*
 * dense: one window, read in place for each block of channels. So it needs no scratch space, and its output must
 * not overlap the input. Weights are packed as for a convolution, see gemm.c.
 */

#if !HF_ENGINE_SPECIAL_KERNELS

/* Value k's weights of the pair of channels 0 and 1 (or 2 and 3) of a block. */
static void block_weights(const int8_t *block, uint32_t slot, size_t pair, int32_t *low, int32_t *both)
{
    const int8_t *bytes = block + (size_t)(slot / 2) * 8 + 4 * pair + (size_t)(slot % 2) * 2;
    *low = (int32_t)bytes[0];
    *both = (int16_t)((uint8_t)bytes[0] | (uint16_t)((uint8_t)bytes[1] << 8));
}

static void multiply_block(const hf_dense *d, const hf_channel_compact *channels, const int8_t *block,
                           int8_t *out)
{
    for (size_t pair = 0; pair < 2; pair++, channels += 2, out += 2) {
        uint32_t low = (uint32_t)(channels[0].bias_shift >> 8);
        uint32_t both = low + (uint32_t)channels[1].bias_shift;
        for (uint32_t k = 0; k < d->values; k++) {
            int32_t low_weight, both_weight;
            block_weights(block, hf_run_slot(k, d->values), pair, &low_weight, &both_weight);
            low += (uint32_t)(d->input[k] * low_weight);
            both += (uint32_t)(d->input[k] * both_weight);
        }
        const int32_t high = (int32_t)(both - low) >> 8;
        out[0] = hf_requantize_compact((int32_t)(2 * low), channels[0].multiplier,
                                       channels[0].bias_shift & 0xFF, d->zero_half);
        out[1] = hf_requantize_compact((int32_t)(2 * (uint32_t)high), channels[1].multiplier,
                                       channels[1].bias_shift & 0xFF, d->zero_half);
    }
}

void hf_dense_blocks(const hf_dense *d)
{
    const size_t block_bytes = (size_t)8 * ((d->values + 1) / 2);
    for (size_t block = 0; block < d->blocks; block++)
        multiply_block(d, d->channels + 4 * block, d->weights + block_bytes * block, d->out + 4 * block);
}

#endif

/* Sums the products with one channel's weights, which are stored slot by slot. */
HF_SPECIAL_LOOP static uint32_t channel_sum(const int8_t *input, const int8_t *weights, uint32_t values)
{
    uint32_t sum = 0;
#if defined(__ARM_FEATURE_DSP)
    for (const int8_t *end = input + (values & ~3U); input != end; input += 4, weights += 4) {
        /* Four values are in order: the two slot orders cancel out. */
        const uint32_t four = hf_load32(input);
        const uint32_t by = hf_load32(weights);
        sum = (uint32_t)hf_smlad(hf_sxtb16(four), hf_sxtb16(by), (int32_t)sum);
        sum = (uint32_t)hf_smlad(hf_sxtb16_ror8(four), hf_sxtb16_ror8(by), (int32_t)sum);
    }
    values %= 4;
#endif
    const uint32_t slots = (values + 1) & ~1U;
    for (uint32_t k = 0; k < values; k++)
        sum += (uint32_t)(input[k] * weights[hf_run_slot(hf_run_slot(k, values), slots)]);
    return sum;
}

void hf_run_dense(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const int wide = r->params == HF_PARAMS_WIDE;
    const uint32_t channel_bytes = wide ? sizeof(hf_channel_wide) : sizeof(hf_channel_compact);
    const uint32_t values = r->in_channels;
    const uint32_t slots = (values + 1) & ~1U;
    hf_dense d = {
        .input = c->input,
        .weights = (const int8_t *)c->data + (size_t)r->out_channels * channel_bytes,
        .channels = (const hf_channel_compact *)(const void *)c->data,
        .out = c->output,
        .blocks = wide ? 0 : r->out_channels / 4U,
        .values = values,
        .zero_half = 2 * r->output_zero_point + 1,
    };
    if (d.blocks > 0)
        hf_dense_blocks(&d);
    const int8_t *weights = d.weights + (size_t)4 * slots * d.blocks;
    for (uint32_t o = 4 * d.blocks; o < r->out_channels; o++, weights += slots) {
        const hf_channel_wide channel = hf_channel_at(c, o);
        const uint32_t sum = channel_sum(c->input, weights, values) + (uint32_t)channel.bias;
        c->output[o] =
            hf_requantize_wide((int32_t)sum, channel.multiplier, channel.shift, r->output_zero_point);
    }
}
