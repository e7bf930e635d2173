/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "dsp.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"

/*
 * Weights of two channels A and B share halfwords: 256 * wB + wA. One SMLAD with such a word sums
 * 256 * sumB + sumA, one with its low bytes alone (SXTB16) sums sumA, and the difference gives sumB: three
 * instructions per window instead of four and a second unpacking. sumB must fit 24 bits, which the compiler
 * proves per channel. B's sum starts at B's bias_shift word, that is 256 * bias with the shift in the low byte,
 * which the final shift drops.
 */

#if !defined(__ARM_FEATURE_DSP)

/* Expands the runs of two windows. @return end of what was written */
static int16_t *expand(const int8_t *a, const int8_t *b, uint32_t values, int16_t *to)
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

/* SSE2 writes it as one vector. */
typedef struct pair_sums {
    uint32_t low[2];  /* per window */
    uint32_t both[2]; /* 256 * high + low, per window */
} pair_sums;

#if defined(__SSE2__)

/* PMADDWD sums the products of two neighbouring halfwords, as SMLAD does, for both windows and both sums at once. */
static const int16_t *sum_block(const int16_t *windows, const int8_t *weights, uint32_t pairs,
                                pair_sums sums[2])
{
    __m128i first = _mm_setzero_si128();
    __m128i second = _mm_setzero_si128();
    for (; pairs > 0; pairs--, windows += 4, weights += 8) {
        const __m128i values = _mm_loadl_epi64((const __m128i *)(const void *)windows);
        const __m128i both = _mm_loadl_epi64((const __m128i *)(const void *)weights);
        const __m128i low = _mm_srai_epi16(_mm_slli_epi16(both, 8), 8);
        const __m128i windows_twice = _mm_unpacklo_epi64(values, values);
        const __m128i both_twice = _mm_unpacklo_epi32(both, both);
        const __m128i low_twice = _mm_unpacklo_epi32(low, low);
        first =
            _mm_add_epi32(first, _mm_madd_epi16(windows_twice, _mm_unpacklo_epi64(low_twice, both_twice)));
        second =
            _mm_add_epi32(second, _mm_madd_epi16(windows_twice, _mm_unpackhi_epi64(low_twice, both_twice)));
    }
    _mm_storeu_si128((__m128i *)(void *)&sums[0], first);
    _mm_storeu_si128((__m128i *)(void *)&sums[1], second);
    return windows;
}

#else

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

static const int16_t *sum_block(const int16_t *windows, const int8_t *weights, uint32_t pairs,
                                pair_sums sums[2])
{
    memset(sums, 0, 2 * sizeof *sums);
    for (; pairs > 0; pairs--, windows += 4, weights += 8) {
        add_pair(&sums[0], windows, weights);
        add_pair(&sums[1], windows, weights + 4);
    }
    return windows;
}

#endif

/* Four channels of one window. */
static void finish_block(const pair_sums sums[2], int window, const hf_channel_compact *channels,
                         int32_t zero_half, int8_t outputs[4])
{
    for (int pair = 0; pair < 2; pair++, channels += 2, outputs += 2) {
        const uint32_t low = sums[pair].low[window];
        const uint32_t a = low + (uint32_t)(channels[0].bias_shift >> 8);
        const int32_t b = (int32_t)(sums[pair].both[window] - low + (uint32_t)channels[1].bias_shift) >> 8;
        outputs[0] = hf_requantize_compact((int32_t)(2 * a), channels[0].multiplier,
                                           channels[0].bias_shift & 0xFF, zero_half);
        outputs[1] = hf_requantize_compact((int32_t)(2 * (uint32_t)b), channels[1].multiplier,
                                           channels[1].bias_shift & 0xFF, zero_half);
    }
}

static void multiply_block(const hf_gemm *g, const hf_channel_compact *channels, const int8_t *weights,
                           int8_t *out)
{
    const int16_t *windows = g->windows;
    for (uint32_t position = 0; position < g->positions; position += 2) {
        pair_sums sums[2];
        windows = sum_block(windows, weights, g->pairs, sums);
        for (uint32_t w = 0; w < 2 && position + w < g->positions; w++, out += g->out_step) {
            int8_t outputs[4];
            finish_block(sums, (int)w, channels, g->zero_half, outputs);
            for (size_t i = 0; i < g->stored; i++)
                out[i * g->channel_step] = outputs[i];
        }
    }
}

void hf_gemm_blocks(const hf_gemm *g)
{
    const size_t block_bytes = (size_t)8 * g->pairs;
    const int8_t *weights = g->weights;
    for (size_t block = 0; block < g->blocks; block++, weights += block_bytes) {
        const int8_t *from = weights;
        if (g->stage)
            from = memcpy(g->stage, weights, block_bytes);
        multiply_block(g, g->channels + 4 * block, from, g->out + 4 * block * g->channel_step);
    }
}

void hf_expand_windows(hf_window_intake *intake)
{
    const size_t run_step = (size_t)intake->run_values + intake->run_advance;
    for (uint32_t pair = 0; pair < intake->position_pairs; pair++, intake->from += 2 * intake->step) {
        const int8_t *run = intake->from;
        for (uint32_t k = 0; k < intake->runs; k++, run += run_step)
            intake->to = expand(run, run + intake->step, intake->run_values, intake->to);
    }
}

#endif

#if defined(__ARM_FEATURE_DSP)

void hf_gemm_sums(const int16_t *windows, const int8_t *weights, uint32_t pairs, int32_t sums[2])
{
    const uint32_t *words = (const uint32_t *)(const void *)windows;
    int32_t first = 0;
    int32_t second = 0;
    for (; pairs >= 2; pairs -= 2, words += 4, weights += 4) {
        const uint32_t four = hf_load32(weights);
        first = hf_smlad(words[0], hf_sxtb16(four), first);
        second = hf_smlad(words[1], hf_sxtb16(four), second);
        first = hf_smlad(words[2], hf_sxtb16_ror8(four), first);
        second = hf_smlad(words[3], hf_sxtb16_ror8(four), second);
    }
    if (pairs > 0) {
        const uint32_t pair = hf_pkhbt((uint32_t)weights[0], (uint32_t)weights[1]);
        first = hf_smlad(words[0], pair, first);
        second = hf_smlad(words[1], pair, second);
    }
    sums[0] = first;
    sums[1] = second;
}

#else

void hf_gemm_sums(const int16_t *windows, const int8_t *weights, uint32_t pairs, int32_t sums[2])
{
    uint32_t first = 0;
    uint32_t second = 0;
    for (uint32_t slot = 0; slot < 2 * pairs; slot++) {
        const int32_t weight = (int32_t)weights[hf_run_slot(slot, 2 * pairs)];
        const int16_t *values = windows + (size_t)slot / 2 * 4 + slot % 2;
        first += (uint32_t)(values[0] * weight);
        second += (uint32_t)(values[2] * weight);
    }
    sums[0] = (int32_t)first;
    sums[1] = (int32_t)second;
}

#endif

/* Weights of the next two pairs of a channel, slots in bytes 0, 2, 1, 3, or of a last single pair. */
static uint32_t two_pairs(const int8_t *weights, uint32_t pairs)
{
    if (pairs >= 2)
        return hf_load32(weights);
    return (uint8_t)weights[0] | (uint32_t)(uint8_t)weights[1] << 16;
}

void hf_gemm_join(const int8_t *weights, uint32_t channels, uint32_t pairs, uint32_t *block)
{
    const size_t channel_bytes = (size_t)2 * pairs;
    for (; pairs > 0; pairs -= 2, weights += 4) {
        const uint32_t a = two_pairs(weights, pairs);
        const uint32_t b = channels > 1 ? two_pairs(weights + channel_bytes, pairs) : 0;
        const uint32_t c = channels > 2 ? two_pairs(weights + 2 * channel_bytes, pairs) : 0;
        *block++ = hf_add16(hf_sxtb16(a), (b & 0x00FF00FFU) << 8);
        *block++ = hf_sxtb16(c);
        if (pairs == 1)
            break;
        *block++ = hf_add16(hf_sxtb16_ror8(a), b & 0xFF00FF00U);
        *block++ = hf_sxtb16_ror8(c);
    }
}
