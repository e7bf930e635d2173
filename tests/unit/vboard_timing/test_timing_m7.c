/* SPDX-License-Identifier: Apache-2.0 */
#include "timing_fixture.h"

/* Cortex-M7: issue cycles worked out by hand from the rules in TIMING.md. */

static const code_case PAIRING[] = {
    {"two independent adds", 2, 1, CODE(0x3101, 0x3201)},
    {"three: two and one", 3, 2, CODE(0x3101, 0x3201, 0x3301)},
    {"the second needs the first", 2, 2, CODE(0x3101, 0x3101)},
    {"one shifter: sxtb; sxtb", 2, 2, CODE(0xb248, 0xb25a)},
    {"sxtb; adds", 2, 1, CODE(0xb248, 0x3201)},
    {"alu; load", 2, 1, CODE(0x3201, 0x6808)},
    {"two loads", 2, 1, CODE(0x6808, 0x681a)},
    {"load; store of something else", 2, 2, CODE(0x681a, 0x6008)},
    {"one MAC a cycle", 2, 2, CODE(0xfb25, 0x4406, 0xfb25, 0x0006)},
    {"MAC; alu", 2, 1, CODE(0xfb25, 0x4406, 0x2701)},
    {"alu; SIMD: the SIMD unit is behind the first slot", 2, 2, CODE(0x2701, 0xfa81, 0xf002)},
    {"SIMD; alu", 2, 1, CODE(0xfa81, 0xf002, 0x2701)},
    {"alu; branch", 2, 1, CODE(0x3801, 0xd1fc)},
    {"branch; alu does not pair", 2, 2, CODE(0xd1fc, 0x3801)},
    {"two FPU instructions", 2, 2, CODE(0xee30, 0x0a81, 0xee33, 0x3a84)},
    {"vadd; adds", 2, 1, CODE(0xee30, 0x0a81, 0x3101)},
    {"ldm of 4: alone, 1 + 4 / 2", 1, 3, CODE(0xe890, 0x001e)},
    {"push of 2: one 64-bit store", 1, 1, CODE(0xb510)},
    {"nop alone; adds", 2, 2, CODE(0xbf00, 0x3101)},
};

static void test_pairing(void **state)
{
    (void)state;
    check_cases(VB_CORE_M7, PAIRING, sizeof PAIRING / sizeof *PAIRING);
}

static const code_case LATENCIES[] = {
    {"ldr r0; adds r0: usable after 2", 2, 3, CODE(0x6808, 0x3001)},
    {"ldr r1; ldr [r1]: addresses a cycle earlier", 2, 4, CODE(0x6801, 0x680a)},
    {"ldr r0; nothing; adds r0: nops fill the wait", 3, 3, CODE(0x6808, 0xbf00, 0x3001)},
    {"mul r0; adds r0", 2, 3, CODE(0xfb01, 0xf002, 0x3001)},
    {"smlad chain forwards the sum", 3, 3, CODE(0xfb25, 0x4406, 0xfb25, 0x4406, 0xfb25, 0x4406)},
    {"sdiv r0; adds r0", 2, 9, CODE(0xfb91, 0xf0f2, 0x3001)},
    {"vadd s0; vadd of s0", 2, 4, CODE(0xee30, 0x0a81, 0xee30, 0x3a02)},
    {"vdiv keeps the FPU", 2, 15, CODE(0xee80, 0x0a81, 0xee33, 0x3a84)},
    {"vdiv; adds does not wait", 2, 1, CODE(0xee80, 0x0a81, 0x3101)},
    {"vfma s0; vfma onto s0", 2, 6, CODE(0xeea0, 0x0a81, 0xeea0, 0x0a81)},
    {"mrs", 1, 2, CODE(0xf3ef, 0x8010)},
    {"tbb", 1, 3, CODE(0xe8df, 0xf000)},
    {"isb", 1, 6, CODE(0xf3bf, 0x8f6f)},
};

static void test_latencies(void **state)
{
    (void)state;
    check_cases(VB_CORE_M7, LATENCIES, sizeof LATENCIES / sizeof *LATENCIES);
}

static void test_loops_are_predicted(void **state)
{
    (void)state;
    static const uint16_t LOOP[] = {0x3801, 0xd1fc}; /* subs; bne: one cycle as a pair */
    static const uint16_t EXIT[] = {0x3001, 0xe000}; /* adds; b */
    vb_timing *timing = new_timing(VB_CORE_M7);
    vb_block loop = decode_at(timing, RAM_BASE + 0x100, LOOP, 2);
    vb_block behind = decode_at(timing, RAM_BASE + 0x104, EXIT, 2);

    assert_int_equal(enter(timing, &loop), 1);
    assert_int_equal(enter(timing, &loop), 1 + 7); /* never seen before: predicted not taken */
    for (int i = 0; i < 5; i++)
        assert_int_equal(enter(timing, &loop), 1);
    assert_int_equal(enter(timing, &behind), 1 + 7); /* the way out is a surprise */
    assert_int_equal(enter(timing, &loop), 1 + 7);   /* so is the first way back in */
    for (int i = 0; i < 5; i++)
        assert_int_equal(enter(timing, &loop), 1); /* but one exit does not unlearn the loop */
    assert_int_equal(enter(timing, &behind), 1 + 7);
    assert_int_equal(enter(timing, &loop), 1); /* by now the outer loop is known too */
    free_timing(timing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairing),
        cmocka_unit_test(test_latencies),
        cmocka_unit_test(test_loops_are_predicted),
    };
    return cmocka_run_group_tests_name("vboard_timing_m7", tests, NULL, NULL);
}
