/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

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

static void finish_pair(hf_gemm *g, const pair_sums *sums)
{
    int32_t shift_a = g->channels[0].bias_shift & 0xFF;
    int32_t shift_b = g->channels[1].bias_shift & 0xFF;
    for (int w = 0; w < 2; w++) {
        uint32_t a = sums->low[w] + (uint32_t)(g->channels[0].bias_shift >> 8);
        int32_t b = (int32_t)(sums->both[w] - sums->low[w] + (uint32_t)g->channels[1].bias_shift) >> 8;
        g->out[w][0] =
            hf_requantize_compact((int32_t)(2 * a), g->channels[0].multiplier, shift_a, g->zero_half);
        g->out[w][1] = hf_requantize_compact((int32_t)(2 * (uint32_t)b), g->channels[1].multiplier, shift_b,
                                             g->zero_half);
        g->out[w] += 2;
    }
    g->channels += 2;
}

void hf_gemm_blocks(hf_gemm *g)
{
    for (; g->blocks > 0; g->blocks--) {
        pair_sums sums[2] = {0};
        for (uint32_t p = 0; p < g->pairs; p++) {
            add_pair(&sums[0], g->windows + (size_t)4 * p, g->weights);
            add_pair(&sums[1], g->windows + (size_t)4 * p, g->weights + 4);
            g->weights += 8;
        }
        finish_pair(g, &sums[0]);
        finish_pair(g, &sums[1]);
    }
}

void hf_gemm_two(hf_gemm *g)
{
    pair_sums sums = {0};
    for (uint32_t p = 0; p < g->pairs; p++) {
        add_pair(&sums, g->windows + (size_t)4 * p, g->weights);
        g->weights += 4;
    }
    finish_pair(g, &sums);
}

void hf_gemm_one(hf_gemm *g)
{
    uint32_t sums[2] = {0};
    for (uint32_t p = 0; p < g->pairs; p++) {
        const int16_t *windows = g->windows + (size_t)4 * p;
        sums[0] += (uint32_t)(windows[0] * g->weights[0] + windows[1] * g->weights[1]);
        sums[1] += (uint32_t)(windows[2] * g->weights[0] + windows[3] * g->weights[1]);
        g->weights += 2;
    }
    for (int w = 0; w < 2; w++) {
        uint32_t acc = sums[w] + (uint32_t)(g->channels[0].bias_shift >> 8);
        *g->out[w]++ = hf_requantize_compact((int32_t)(2 * acc), g->channels[0].multiplier,
                                             g->channels[0].bias_shift & 0xFF, g->zero_half);
    }
    g->channels++;
}

#else
typedef int hf_gemm_is_in_gemm_dsp;
#endif
