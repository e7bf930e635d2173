/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix multiplication of this host against the portable one, byte for byte, for all halfwords and weights. */
#include "hf_test.h"

#include "kernels.h"

#define MOST_PAIRS     33
#define MOST_POSITIONS 9
#define MOST_BLOCKS    3
#define OUTPUTS        (MOST_POSITIONS * MOST_BLOCKS * 4)

void portable_gemm_blocks(const hf_gemm *gemm);

static uint32_t random_state;

static uint32_t draw(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

/* Halfwords beyond what expanded values can be, and extremes. */
static int16_t draw_halfword(void)
{
    static const int16_t extremes[] = {INT16_MIN, INT16_MAX, -256, 255, 0};
    if (draw() % 4 == 0)
        return extremes[draw() % 5];
    return (int16_t)draw();
}

static int8_t draw_weight(void)
{
    static const int8_t extremes[] = {INT8_MIN, INT8_MAX, -1, 0};
    if (draw() % 4 == 0)
        return extremes[draw() % 4];
    return (int8_t)draw();
}

static void compare_once(uint32_t seed)
{
    static int16_t windows[(MOST_POSITIONS + 1) / 2 * MOST_PAIRS * 4];
    static _Alignas(16) int8_t weights[MOST_BLOCKS * MOST_PAIRS * 8], stage[MOST_PAIRS * 8];
    hf_channel_compact channels[MOST_BLOCKS * 4];
    int8_t expected[OUTPUTS], got[OUTPUTS];
    random_state = seed;
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        windows[i] = draw_halfword();
    for (size_t i = 0; i < sizeof weights; i++)
        weights[i] = draw_weight();
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        channels[i] = (hf_channel_compact){.multiplier = (int32_t)((1u << 30) + draw()),
                                           .bias_shift = (int32_t)((draw() << 8) + draw() % 23)};
    hf_gemm gemm = {.windows = windows,
                    .pairs = 1 + draw() % MOST_PAIRS,
                    .positions = 1 + draw() % MOST_POSITIONS,
                    .blocks = 1 + draw() % MOST_BLOCKS,
                    .zero_half = 2 * (int32_t)(draw() % 256) - 255,
                    .stored = 1 + draw() % 4,
                    .channel_step = 1,
                    .stage = draw() % 2 ? stage : NULL,
                    .channels = channels,
                    .weights = weights};
    gemm.out_step = gemm.blocks * 4;
    memset(expected, 77, sizeof expected);
    memset(got, 77, sizeof got);
    gemm.out = expected;
    portable_gemm_blocks(&gemm);
    gemm.out = got;
    hf_gemm_blocks(&gemm);
    assert_memory_equal(got, expected, sizeof got);
}

static void host_kernel_equals_portable_one(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 500; seed++)
        compare_once(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(host_kernel_equals_portable_one)};
    return cmocka_run_group_tests_name("engine_gemm", tests, NULL, NULL);
}
