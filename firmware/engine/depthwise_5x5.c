/* SPDX-License-Identifier: Apache-2.0 */
#include "dsp.h"
#include "kernels.h"
#include "requant.h"

#if defined(__ARM_FEATURE_DSP)

/* Five taps of a row. One block, so that the compiler does not load all rows first and run out of registers.
 */
#define FIVE_TAPS(sum, at, weights, first)                                                                   \
    do {                                                                                                     \
        uint32_t x_, w_, t_, u_;                                                                             \
        __asm__ volatile("ldr    %1, [%5]\n"                                                                 \
                         "ldr    %2, [%6, %7]\n"                                                             \
                         "sxtb16 %3, %1\n"                                                                   \
                         "sxtb16 %4, %2\n"                                                                   \
                         "smlad  %0, %3, %4, %0\n"                                                           \
                         "sxtb16 %3, %1, ror #8\n"                                                           \
                         "sxtb16 %4, %2, ror #8\n"                                                           \
                         "ldrsb  %1, [%5, #4]\n"                                                             \
                         "ldrsb  %2, [%6, %8]\n"                                                             \
                         "smlad  %0, %3, %4, %0\n"                                                           \
                         "smlabb %0, %1, %2, %0\n"                                                           \
                         : "+r"(sum), "=&r"(x_), "=&r"(w_), "=&r"(t_), "=&r"(u_)                             \
                         : "r"(at), "r"(weights), "i"(first), "i"((first) + 4)                               \
                         : "memory");                                                                        \
    } while (0)

void hf_run_depthwise_row_5x5(const hf_depthwise_row_5x5 *row)
{
    const int32_t shift = row->channel.bias_shift & 0xFF;
    const int32_t scaled = (int32_t)((uint32_t)row->zero_half << shift);
    const int8_t *weights = row->weights;
    int8_t *out = row->out;
    size_t x = 0;
    for (uint32_t left = row->width; left > 0; left--, x += row->stride, out += row->out_step) {
        int32_t sum = row->channel.bias_shift >> 8;
        FIVE_TAPS(sum, row->rows[0] + x, weights, 0);
        FIVE_TAPS(sum, row->rows[1] + x, weights, 5);
        FIVE_TAPS(sum, row->rows[2] + x, weights, 10);
        FIVE_TAPS(sum, row->rows[3] + x, weights, 15);
        FIVE_TAPS(sum, row->rows[4] + x, weights, 20);
        *out = (int8_t)hf_requantize_dsp(2 * sum, row->channel.multiplier, shift, scaled);
    }
}

#else

void hf_run_depthwise_row_5x5(const hf_depthwise_row_5x5 *row)
{
    int8_t *out = row->out;
    for (uint32_t i = 0; i < row->width; i++, out += row->out_step) {
        uint32_t sum = (uint32_t)(row->channel.bias_shift >> 8);
        for (uint32_t k = 0; k < 25; k++)
            sum += (uint32_t)(row->rows[k / 5][(size_t)i * row->stride + k % 5] * row->weights[k]);
        *out = hf_requantize_compact((int32_t)(2 * sum), row->channel.multiplier,
                                     row->channel.bias_shift & 0xFF, row->zero_half);
    }
}

#endif
