/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_DSP_H
#define HF_ENGINE_DSP_H

#include <stdint.h>
#include <string.h>

/* Armv7E-M DSP instructions, one function each (Arm DDI 0403E.e, A7.7). Not the compiler's intrinsics: those
 * tie SMLAD to the Q flag, which keeps it from being scheduled. */

static inline uint32_t hf_load32(const void *bytes)
{
    uint32_t word; /* an unaligned LDR is allowed here (A3.2.1) */
    memcpy(&word, bytes, sizeof word);
    return word;
}

static inline void hf_store32(void *bytes, uint32_t word)
{
    memcpy(bytes, &word, sizeof word);
}

#if defined(__ARM_FEATURE_DSP)

static inline uint32_t hf_sxtb16(uint32_t x)
{
    uint32_t r;
    __asm__("sxtb16 %0, %1" : "=r"(r) : "r"(x));
    return r;
}

static inline uint32_t hf_sxtb16_ror8(uint32_t x)
{
    uint32_t r;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(r) : "r"(x));
    return r;
}

static inline uint32_t hf_sxtb16_ror16(uint32_t x)
{
    uint32_t r;
    __asm__("sxtb16 %0, %1, ror #16" : "=r"(r) : "r"(x));
    return r;
}

static inline int32_t hf_smlad(uint32_t x, uint32_t y, int32_t acc)
{
    int32_t r;
    __asm__("smlad %0, %1, %2, %3" : "=r"(r) : "r"(x), "r"(y), "r"(acc));
    return r;
}

static inline int32_t hf_smlabb(uint32_t x, uint32_t y, int32_t acc)
{
    int32_t r;
    __asm__("smlabb %0, %1, %2, %3" : "=r"(r) : "r"(x), "r"(y), "r"(acc));
    return r;
}

static inline int32_t hf_smlatb(uint32_t x, uint32_t y, int32_t acc)
{
    int32_t r;
    __asm__("smlatb %0, %1, %2, %3" : "=r"(r) : "r"(x), "r"(y), "r"(acc));
    return r;
}

static inline int32_t hf_smlabt(uint32_t x, uint32_t y, int32_t acc)
{
    int32_t r;
    __asm__("smlabt %0, %1, %2, %3" : "=r"(r) : "r"(x), "r"(y), "r"(acc));
    return r;
}

static inline int32_t hf_smlatt(uint32_t x, uint32_t y, int32_t acc)
{
    int32_t r;
    __asm__("smlatt %0, %1, %2, %3" : "=r"(r) : "r"(x), "r"(y), "r"(acc));
    return r;
}

static inline uint32_t hf_pkhbt(uint32_t bottom, uint32_t top_from_bottom)
{
    uint32_t r;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(r) : "r"(bottom), "r"(top_from_bottom));
    return r;
}

/* hf_requantize_compact() in four to five instructions. */
static inline int32_t hf_requantize_dsp(int32_t doubled, int32_t multiplier, int32_t shift,
                                        int32_t scaled_zero_half)
{
    int32_t addend, value;
    __asm__("add %0, %1, %2, asr #31" : "=r"(addend) : "r"(scaled_zero_half), "r"(doubled));
    __asm__("smmlar %0, %1, %2, %3" : "=r"(value) : "r"(doubled), "r"(multiplier), "r"(addend));
    __asm__("asr %0, %1, %2" : "=r"(value) : "r"(value), "r"(shift));
    __asm__("ssat %0, #8, %1, asr #1" : "=r"(value) : "r"(value));
    return value;
}

#endif
#endif
