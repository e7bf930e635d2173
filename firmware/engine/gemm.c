/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include "dsp.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"

/*
 * Weights of two channels A and B share halfwords: 256 * wB + wA. One SMLAD with such a word sums
 * 256 * sumB + sumA, one with its low bytes alone (SXTB16) sums sumA, and the difference gives sumB: three
 * instructions per window for what otherwise takes four and a second unpacking. It needs sumB in 24 bits,
 * which the compiler proves per channel. B's sum starts from B's bias_shift word, that is 256 * bias and the
 * shift below it, which the final shift drops.
 */

#if !defined(__ARM_FEATURE_DSP)

int16_t *hf_expand(const int8_t *a, const int8_t *b, uint32_t values, int16_t *to)
{
    for (uint32_t begin = 0; begin < values; begin += 4) {
        const uint32_t count = values - begin < 4 ? values - begin : 4;
        const size_t slots = (count + 1) & ~1U;
        memset(to, 0, slots * 2 * sizeof *to);
        for (uint32_t k = 0; k < count; k++) {
            const uint32_t slot = hf_run_slot(k, count);
            to[slot / 2 * 4 + slot % 2] = (int16_t)a[begin + k];
            to[slot / 2 * 4 + slot % 2 + 2] = (int16_t)b[begin + k];
        }
        to += slots * 2;
    }
    return to;
}

typedef struct pair_sums {
    uint32_t low[2];  /* per window */
    uint32_t both[2]; /* 256 * high + low, per window */
} pair_sums;

static int16_t halfword(const int8_t *bytes)
{
    return (int16_t)((uint8_t)bytes[0] | (uint16_t)((uint8_t)bytes[1] << 8));
}

static void add_pair(pair_sums *sums, const int16_t *windows, const int8_t *weights)
{
    for (int half = 0; half < 2; half++) {
        int32_t both = halfword(weights + (ptrdiff_t)2 * half);
        int32_t low = (int32_t)weights[(ptrdiff_t)2 * half];
        for (int w = 0; w < 2; w++) {
            int32_t value = windows[2 * w + half];
            sums->both[w] += (uint32_t)(value * both);
            sums->low[w] += (uint32_t)(value * low);
        }
    }
}

static void finish_pair(const pair_sums *sums, const hf_channel_compact *channels, int32_t zero_half,
                        int8_t *const out[2], size_t at)
{
    for (int w = 0; w < 2; w++) {
        uint32_t a = sums->low[w] + (uint32_t)(channels[0].bias_shift >> 8);
        int32_t b = (int32_t)(sums->both[w] - sums->low[w] + (uint32_t)channels[1].bias_shift) >> 8;
        out[w][at] = hf_requantize_compact((int32_t)(2 * a), channels[0].multiplier,
                                           channels[0].bias_shift & 0xFF, zero_half);
        out[w][at + 1] = hf_requantize_compact((int32_t)(2 * (uint32_t)b), channels[1].multiplier,
                                               channels[1].bias_shift & 0xFF, zero_half);
    }
}

static void multiply_pair(const hf_gemm *g, int8_t *const out[2])
{
    const int8_t *weights = g->weights;
    for (size_t o = 0; o < (size_t)4 * g->blocks; o += 4) {
        pair_sums sums[2] = {0};
        for (uint32_t p = 0; p < g->pairs; p++, weights += 8) {
            add_pair(&sums[0], g->windows + (size_t)4 * p, weights);
            add_pair(&sums[1], g->windows + (size_t)4 * p, weights + 4);
        }
        finish_pair(&sums[0], g->channels + o, g->zero_half, out, o);
        finish_pair(&sums[1], g->channels + o + 2, g->zero_half, out, o + 2);
    }
}

void hf_gemm_blocks(hf_gemm *g)
{
    const size_t run_step = (size_t)g->run_values + g->run_advance;
    const size_t out_step = (size_t)4 * g->blocks + g->out_advance;
    int8_t *out[2] = {g->out[0], g->out[1]};
    if (g->runs == 0)
        multiply_pair(g, out);
    for (; g->from != g->end; g->from += (size_t)2 * g->step) {
        int16_t *to = g->windows;
        for (uint32_t k = 0; k < g->runs; k++)
            to = hf_expand(g->from + k * run_step, g->from + k * run_step + g->step, g->run_values, to);
        multiply_pair(g, out);
        out[0] += out_step;
        out[1] += out_step;
    }
}

#endif

void hf_gemm_sums(const int16_t *windows, const int8_t *weights, uint32_t pairs, int32_t sums[2])
{
    uint32_t first = 0;
    uint32_t second = 0;
    for (; pairs > 0; pairs--, windows += 4, weights += 2) {
#if defined(__ARM_FEATURE_DSP)
        const uint32_t *words = (const uint32_t *)(const void *)windows;
        const uint32_t pair = hf_pkhbt((uint32_t)weights[0], (uint32_t)weights[1]);
        first = (uint32_t)hf_smlad(words[0], pair, (int32_t)first);
        second = (uint32_t)hf_smlad(words[1], pair, (int32_t)second);
#else
        first += (uint32_t)(windows[0] * weights[0]) + (uint32_t)(windows[1] * weights[1]);
        second += (uint32_t)(windows[2] * weights[0]) + (uint32_t)(windows[3] * weights[1]);
#endif
    }
    sums[0] = (int32_t)first;
    sums[1] = (int32_t)second;
}
