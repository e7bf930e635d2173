/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernel_choice.h"
#include "kernels.h"
#include "requant.h"

/*
 * Differences have 9 bits and are shifted left by 20. So twice a difference, and twice the sum after scales
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

/* Operands of one output row, or of the rest of it. */
typedef struct add_row {
    const int8_t *first, *second;
    int8_t *out;
    uint32_t values;
} add_row;

#if HF_ENGINE_SPECIAL_KERNELS

/* The input with the larger scale has the factor 1/2: its differences are only shifted. */
typedef struct add_fours {
    const int8_t *scaled, *shifted; /* the inputs; the second with the factor 1/2 */
    int8_t *out;
    const int8_t *scaled_end;            /* a multiple of four values behind `scaled`, at least four */
    int32_t scaled_minus, shifted_minus; /* zero points, negative */
    int32_t multiplier, half, shift;     /* of the first input; shift >= 1 */
    int32_t out_multiplier;
    int32_t out_half; /* with the zero point, shifted left by the shift */
    int32_t out_shift;
} add_fours;

_Static_assert(offsetof(add_fours, out) == 8, "vldm below");
_Static_assert(offsetof(add_fours, scaled_end) == 12, "vldm below");
_Static_assert(offsetof(add_fours, scaled_minus) == 16, "ldm below");
_Static_assert(offsetof(add_fours, out_shift) == 44, "ldm below");

/* clang-format off */

/* One value: byte `n` of r2 and r3, to byte n of r2. A difference has the sign of its product. */
#define ADD_VALUE(n, ror)                                                                                    \
    "sxtab  r12, r4, r2" ror "\n"                                                                            \
    "lsl    r12, r12, #21\n"                                                                                 \
    "add    lr, r7, r12, asr #31\n"                                                                          \
    "smmlar r12, r12, r6, lr\n"                                                                              \
    "sxtab  lr, r5, r3" ror "\n"                                                                             \
    "asr    r12, r12, r8\n"                                                                                  \
    "add    r12, r12, lr, lsl #19\n"                                                                         \
    "add    lr, r10, r12, asr #31\n"                                                                         \
    "lsl    r12, r12, #1\n"                                                                                  \
    "smmlar r12, r12, r9, lr\n"                                                                              \
    "asr    r12, r12, r11\n"                                                                                 \
    "ssat   r12, #8, r12\n"                                                                                  \
    "bfi    r2, r12, #8*" n ", #8\n"

/* r0 r1 inputs, r4 .. r11 what add_fours has from scaled_minus on, s0 output, s1 scaled_end. */
__attribute__((naked, aligned(4))) static void add_fours_run(__attribute__((unused)) const add_fours *fours)
{
    __asm__ volatile(
        "push   {r4-r11, lr}\n"
        "add    r2, r0, #8\n"
        "add    r3, r0, #16\n"
        "vldm   r2, {s0-s1}\n"
        "ldrd   r0, r1, [r0]\n"
        "ldm    r3, {r4-r11}\n"
        ".p2align 2\n"
        "1:\n"
        "ldr    r2, [r0], #4\n"
        "ldr    r3, [r1], #4\n"
        ADD_VALUE("0", "")
        ADD_VALUE("1", ", ror #8")
        ADD_VALUE("2", ", ror #16")
        ADD_VALUE("3", ", ror #24")
        "vmov   r12, lr, s0, s1\n"
        "str    r2, [r12], #4\n"
        "vmov   s0, r12\n"
        "cmp    r0, lr\n"
        "bne    1b\n"
        "pop    {r4-r11, pc}\n"
    );
}

/* clang-format on */

/* @param half which input has the factor 1/2 @return whether add_fours_run() can compute the layer */
static int prepare_fours(add_fours *fours, const hf_op_record *r, const hf_add_data *data, uint32_t half)
{
    const int32_t shift = -data->shift[1 - half];
    const int32_t out_shift = -data->shift[2];
    if (!hf_add_goes_by_fours(data))
        return 0;
    const int32_t minus[2] = {-r->input_zero_point, -r->second_zero_point};
    fours->scaled_minus = minus[1 - half];
    fours->shifted_minus = minus[half];
    fours->multiplier = data->multiplier[1 - half];
    fours->shift = shift;
    if (shift == 0) { /* 1/2 as well: differences << 20, then halved, which is exact */
        fours->multiplier = INT32_MAX;
        fours->shift = 1;
    }
    fours->half = 1 << (fours->shift - 1);
    fours->out_multiplier = data->multiplier[2];
    fours->out_shift = out_shift;
    fours->out_half = r->output_zero_point * (1 << out_shift) + (1 << (out_shift - 1));
    return 1;
}

/* Adds the largest multiple of four values. @param half which input has the factor 1/2 */
static void add_by_fours(add_fours *fours, uint32_t half, add_row *row)
{
    const uint32_t count = row->values & ~3U;
    if (count == 0)
        return;
    fours->scaled = half == 1 ? row->first : row->second;
    fours->shifted = half == 1 ? row->second : row->first;
    fours->scaled_end = fours->scaled + count;
    fours->out = row->out;
    add_fours_run(fours);
    row->first += count;
    row->second += count;
    row->out += count;
    row->values -= count;
}

#endif

int hf_add_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_add_data *add = (const hf_add_data *)(const void *)data;
    (void)r;
    return hf_scale_ok(add->multiplier[0], add->shift[0], 0) &&
           hf_scale_ok(add->multiplier[1], add->shift[1], 0) &&
           hf_scale_ok(add->multiplier[2], add->shift[2], 0);
}

void hf_run_add(const hf_op_context *context)
{
    const hf_op_record *r = context->record;
    const hf_add_data *data = (const hf_add_data *)(const void *)context->data;
    const scale a = scale_of(data, 0);
    const scale b = scale_of(data, 1);
    const scale total = scale_of(data, 2);
    const uint32_t values = (uint32_t)r->out_width * r->out_channels;
    const int8_t *second = (const int8_t *)context->extra + (size_t)context->first_row * values;
#if HF_ENGINE_SPECIAL_KERNELS
    add_fours fours;
    const uint32_t half = data->shift[1] == 0 ? 1 : 0;
    const int by_fours = prepare_fours(&fours, r, data, half);
#endif
    for (uint32_t y = context->first_row; y < context->end_row; y++, second += values) {
        add_row row = {hf_input_row(context, y), second, hf_output_row(context, y), values};
#if HF_ENGINE_SPECIAL_KERNELS
        if (by_fours)
            add_by_fours(&fours, half, &row);
#endif
        for (; row.values > 0; row.values--) {
            const int32_t p = (*row.first++ - r->input_zero_point) * (2 << HF_ADD_LEFT_SHIFT);
            const int32_t q = (*row.second++ - r->second_zero_point) * (2 << HF_ADD_LEFT_SHIFT);
            const int32_t sum = apply(&a, p) + apply(&b, q);
            *row.out++ = hf_offset_to_int8(apply(&total, 2 * sum), r->output_zero_point);
        }
    }
}
