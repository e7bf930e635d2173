/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_DSP_H
#define HF_ENGINE_DSP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Armv7E-M DSP instructions, one function each (Arm DDI 0403E.e, A7.7). Not the compiler's intrinsics, which
 * tie SMLAD to the Q flag and so prevent scheduling. */

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

/** Copies forwards, so `to` may overlap `from` from below. Runs are short, so a call of memcpy would cost more.
 * @return end of what was written */
static inline int8_t *hf_copy(int8_t *to, const int8_t *from, size_t bytes)
{
    for (; bytes >= 4; bytes -= 4, to += 4, from += 4)
        hf_store32(to, hf_load32(from));
    for (; bytes > 0; bytes--)
        *to++ = *from++;
    return to;
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

/** x + hf_sxtb16(y), two sums of halfwords. */
static inline uint32_t hf_sxtab16(uint32_t x, uint32_t y)
{
    uint32_t r;
    __asm__("sxtab16 %0, %1, %2" : "=r"(r) : "r"(x), "r"(y));
    return r;
}

static inline uint32_t hf_sxtab16_ror8(uint32_t x, uint32_t y)
{
    uint32_t r;
    __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(r) : "r"(x), "r"(y));
    return r;
}

static inline int32_t hf_smlad(uint32_t x, uint32_t y, int32_t acc)
{
    int32_t r;
    __asm__("smlad %0, %1, %2, %3" : "=r"(r) : "r"(x), "r"(y), "r"(acc));
    return r;
}

static inline uint32_t hf_pkhbt(uint32_t bottom, uint32_t top_from_bottom)
{
    uint32_t r;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(r) : "r"(bottom), "r"(top_from_bottom));
    return r;
}

static inline uint32_t hf_pkhtb(uint32_t top, uint32_t bottom_from_top)
{
    uint32_t r;
    __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(r) : "r"(top), "r"(bottom_from_top));
    return r;
}

static inline int64_t hf_smlald(uint32_t x, uint32_t y, int64_t acc)
{
    __asm__("smlald %Q0, %R0, %1, %2" : "+r"(acc) : "r"(x), "r"(y));
    return acc;
}

/** Two sums of halfwords; they wrap. */
static inline uint32_t hf_add16(uint32_t x, uint32_t y)
{
    uint32_t r;
    __asm__("sadd16 %0, %1, %2" : "=r"(r) : "r"(x), "r"(y));
    return r;
}

/** The maximum of each of four int8. */
static inline uint32_t hf_max4(uint32_t x, uint32_t y)
{
    uint32_t r;
    __asm__("ssub8 %0, %1, %2\n sel %0, %1, %2" : "=&r"(r) : "r"(x), "r"(y));
    return r;
}

#else

static inline uint32_t hf_sxtb16(uint32_t x)
{
    return (uint16_t)(int16_t)(int8_t)x | (uint32_t)(uint16_t)(int16_t)(int8_t)(x >> 16) << 16;
}

static inline uint32_t hf_sxtb16_ror8(uint32_t x)
{
    return hf_sxtb16(x >> 8);
}

static inline uint32_t hf_add16(uint32_t x, uint32_t y)
{
    return ((x + y) & 0xFFFFU) | ((x >> 16) + (y >> 16)) << 16;
}

static inline uint32_t hf_max4(uint32_t x, uint32_t y)
{
    uint32_t r = 0;
    for (int i = 0; i < 32; i += 8)
        r |= (uint32_t)(uint8_t)((int8_t)(x >> i) > (int8_t)(y >> i) ? x >> i : y >> i) << i;
    return r;
}

#endif
#endif
