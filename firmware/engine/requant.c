/* SPDX-License-Identifier: Apache-2.0 */
#include "requant.h"

/* Not inline: 64-bit shifts are long on a Cortex-M, and the code that needs them is not hot. */
int8_t hf_requantize_wide(int32_t acc, int32_t multiplier, int32_t shift, int32_t zero_point)
{
    return hf_offset_to_int8(hf_multiply_quantized(acc, multiplier, shift), zero_point);
}
