/* SPDX-License-Identifier: Apache-2.0 */
#include "timing_fixture.h"

/* Cortex-M7: issue cycles worked out by hand from the rules in TIMING.md. */

static const code_case PAIRING[] = {
    {"two independent adds", 2, 1, CODE(0x3101, 0x3201)},
    {"three: two and one", 3, 2, CODE(0x3101, 0x3201, 0x3301)},
    {"adds; adds of its sum: forwarded within the cycle", 2, 1, CODE(0x3101, 0x3101)},
    {"four of them", 4, 3, CODE(0x3101, 0x3101, 0x3101, 0x3101)},
    {"ands; adds of its result: the late ALU's comes a cycle later", 2, 2, CODE(0x4001, 0x3101)},
    {"sxtb; sxtb", 2, 2, CODE(0xb248, 0xb25a)},
    {"sxtb; adds", 2, 1, CODE(0xb248, 0x3201)},
    {"adds; sxtb: first slot only", 2, 2, CODE(0x3201, 0xb248)},
    {"two shifted operands", 2, 2, CODE(0xeb01, 0x0082, 0xeb04, 0x0385)},
    {"shifted operand; rotated constant", 2, 2, CODE(0xeb01, 0x0082, 0xf484, 0x53fe)},
    {"shifted operand; small constant", 2, 1, CODE(0xeb01, 0x0082, 0xf084, 0x0301)},
    {"two shifts", 2, 1, CODE(0x0088, 0x009a)},
    {"ubfx; shifted operand", 2, 2, CODE(0xf3c0, 0x0103, 0xeb04, 0x0385)},
    {"alu; load", 2, 1, CODE(0x3201, 0x6808)},
    {"two loads of an even and an odd word", 2, 1, CODE(0x6808, 0x684a)},
    {"two loads of even words", 2, 2, CODE(0x6808, 0x688a)},
    {"load; store of something else", 2, 1, CODE(0x681a, 0x6008)},
    {"load; store of what it loads", 2, 1, CODE(0x6808, 0x6010)},
    {"two stores", 2, 2, CODE(0x6008, 0x6010)},
    {"MAC; store", 2, 2, CODE(0xfb25, 0x4406, 0x6008)},
    {"MAC; load", 2, 1, CODE(0xfb25, 0x4406, 0x6808)},
    {"one MAC a cycle", 2, 2, CODE(0xfb25, 0x4406, 0xfb25, 0x0006)},
    {"MAC; alu", 2, 1, CODE(0xfb25, 0x4406, 0x2701)},
    {"alu; SIMD: first slot only", 2, 2, CODE(0x2701, 0xfa81, 0xf002)},
    {"SIMD; alu", 2, 1, CODE(0xfa81, 0xf002, 0x2701)},
    {"alu; branch", 2, 1, CODE(0x3801, 0xd1fc)},
    {"branch not taken; alu", 2, 1, CODE(0xd1fc, 0x3801)},
    {"two FPU instructions", 2, 2, CODE(0xee30, 0x0a81, 0xee33, 0x3a84)},
    {"vadd; adds", 2, 1, CODE(0xee30, 0x0a81, 0x3101)},
    {"vfma; vldr: not together", 2, 2, CODE(0xeea0, 0x0a81, 0xedd0, 0x1a00)},
    {"vadd; vldr", 2, 1, CODE(0xee30, 0x0a81, 0xedd0, 0x1a00)},
    {"ldm of 4: two words a cycle", 1, 2, CODE(0xe890, 0x001e)},
    {"ldm of 3", 1, 2, CODE(0xe890, 0x000e)},
    {"push of 2: one 64-bit store", 1, 1, CODE(0xb510)},
    {"ldrd; adds: alone", 2, 2, CODE(0xe9d2, 0x0100, 0x3301)},
    {"nop; adds", 2, 1, CODE(0xbf00, 0x3101)},
};

static void test_pairing(void **state)
{
    (void)state;
    check_cases(VB_CORE_M7, PAIRING, sizeof PAIRING / sizeof *PAIRING);
}

static const code_case LATENCIES[] = {
    {"ldr r0; adds r0: a word in the next cycle", 2, 2, CODE(0x6808, 0x3001)},
    {"ldrb r0; adds r0: a byte one later", 2, 3, CODE(0x7808, 0x3001)},
    {"ldr r1; ldr [r1]: addresses a cycle earlier", 2, 3, CODE(0x6801, 0x680a)},
    {"ldr r0; add of r0, shifted", 2, 3, CODE(0x6808, 0xeb01, 0x0280)},
    {"ldr r0; mul by r0", 2, 3, CODE(0x6808, 0xfb00, 0xf102)},
    {"ldrb r0; mla onto r0: sums are needed later", 2, 2, CODE(0x7808, 0xfb01, 0x0302)},
    {"adds r1; ldr [r1]: the early ALU's sum", 2, 2, CODE(0x3104, 0x6808)},
    {"ands r1; ldr [r1]", 2, 3, CODE(0x4001, 0x6808)},
    {"sxtb r1; ldr [r1]", 2, 3, CODE(0xb249, 0x6808)},
    {"ldr r0; sxtb r0: no shifter", 2, 2, CODE(0x6808, 0xb241)},
    {"ldr r0; ubfx of r0: one", 2, 3, CODE(0x6808, 0xf3c0, 0x0103)},
    {"ldr r0, [r1], #4; ldr r2, [r1], #4", 2, 2, CODE(0xf851, 0x0b04, 0xf851, 0x2b04)},
    {"mul r0; adds r0", 2, 3, CODE(0xfb01, 0xf002, 0x3001)},
    {"smlad chain forwards the sum", 3, 3, CODE(0xfb25, 0x4406, 0xfb25, 0x4406, 0xfb25, 0x4406)},
    {"sdiv r0; adds r0", 2, 9, CODE(0xfb91, 0xf0f2, 0x3001)},
    {"vadd s0; vadd of s0", 2, 4, CODE(0xee30, 0x0a81, 0xee30, 0x3a02)},
    {"vdiv; vadd", 2, 17, CODE(0xee80, 0x0a81, 0xee33, 0x3a84)},
    {"vdiv; adds along with it", 2, 16, CODE(0xee80, 0x0a81, 0x3101)},
    {"vsqrt", 1, 14, CODE(0xeeb1, 0x0ae0)},
    {"vfma s0; vfma onto s0", 2, 4, CODE(0xeea0, 0x0a81, 0xeea0, 0x0a81)},
    {"vfma s0; vmul of s0", 2, 6, CODE(0xeea0, 0x0a81, 0xee60, 0x1a22)},
    {"vfma; vadd of something else", 2, 5, CODE(0xeea0, 0x0a81, 0xee33, 0x3a84)},
    {"vadd s0; vstr of s0: in the next cycle", 2, 2, CODE(0xee30, 0x0a81, 0xed80, 0x0a00)},
    {"vadd s0; vstr of s5: at once", 2, 1, CODE(0xee30, 0x0a81, 0xedc0, 0x2a00)},
    {"vfma s0; vstr of s0: three cycles later", 2, 4, CODE(0xeea0, 0x0a81, 0xed80, 0x0a00)},
    {"vldr s0; vstr of s0: at once", 2, 1, CODE(0xed90, 0x0a00, 0xed81, 0x0a00)},
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
    assert_int_equal(enter(timing, &loop), 1 + 8); /* not seen before: predicted not taken */
    for (int i = 0; i < 5; i++)
        assert_int_equal(enter(timing, &loop), 1);
    assert_int_equal(enter(timing, &behind), 1 + 8); /* the loop's exit is mispredicted */
    assert_int_equal(enter(timing, &loop), 1 + 6);   /* so is the first entry again, with early flags */
    for (int i = 0; i < 5; i++)
        assert_int_equal(enter(timing, &loop), 1); /* but one exit does not change the prediction */
    assert_int_equal(enter(timing, &behind), 1 + 8);
    assert_int_equal(enter(timing, &loop), 1); /* by now the outer loop is also predicted */
    free_timing(timing);
}

static void test_flags_set_early_shorten_a_wrong_prediction(void **state)
{
    (void)state;
    /* subs, then seven instructions in four cycles, then bne */
    static const uint16_t EARLY[] = {0x3801, 0x2101, 0x2201, 0x2301, 0x2401, 0x2501, 0x2601, 0x2701, 0xd1fc};
    vb_timing *timing = new_timing(VB_CORE_M7);
    uint16_t early[9];
    memcpy(early, EARLY, sizeof early);
    for (int i = 1; i < 8; i++)
        early[i] = 0xbf00; /* what sets no flags */
    vb_block block = decode_at(timing, RAM_BASE, early, 9);
    assert_int_equal(enter(timing, &block), 5);
    assert_int_equal(enter(timing, &block), 5 + 6);
    vb_block late = decode_at(timing, RAM_BASE + 0x100, EARLY, 9); /* movs set them up to the end */
    vb_timing_start_measurement(timing);
    assert_int_equal(enter(timing, &late), 5);
    assert_int_equal(enter(timing, &late), 5 + 8);
    free_timing(timing);
}

static void test_branches_pair_with_their_target(void **state)
{
    (void)state;
    static const uint16_t JUMP[] = {0x3001, 0x3101, 0xe7fe}; /* adds, adds; b: alone in its cycle */
    static const uint16_t THREE[] = {0x3001, 0x3101, 0x3201, 0xe7fe};
    vb_timing *timing = new_timing(VB_CORE_M7);
    vb_block jump = decode_at(timing, RAM_BASE, JUMP, 3), three = decode_at(timing, RAM_BASE + 64, THREE, 4);
    for (int i = 0; i < 4; i++) {
        enter(timing, &jump);
        enter(timing, &three);
    }
    /* By itself: adds adds | adds b. Behind the branch: (b) adds | adds adds | b; and that one
     * is open again. */
    assert_int_equal(enter(timing, &jump), 1);  /* (b) adds | adds b */
    assert_int_equal(enter(timing, &three), 2); /* b had a cycle's second half: nothing to share */
    free_timing(timing);
}

static void test_banks_of_two_loads(void **state)
{
    (void)state;
    static const uint16_t PAIR[] = {0x6808, 0x681a}; /* ldr r0, [r1]; ldr r2, [r3] */
    static const uint16_t UNKNOWN[] = {0xfb02, 0xf302, 0xbf00, 0xbf00, 0xbf00,
                                       0xbf00, 0xbf00, 0x6808, 0x681a}; /* mul r3, r2, r2 before them */
    vb_timing *timing = new_timing(VB_CORE_M7);
    vb_block pair = decode_at(timing, RAM_BASE, PAIR, 2),
             unknown = decode_at(timing, RAM_BASE + 64, UNKNOWN, 9);
    uint32_t registers[16] = {[1] = RAM_BASE, [3] = RAM_BASE + 4};
    assert_int_equal(enter_with(timing, &pair, registers), 1);
    registers[3] += 4;
    vb_timing_start_measurement(timing);
    assert_int_equal(enter_with(timing, &pair, registers), 2);
    /* An address that is not known: half of the time. mul nop | nop nop | nop nop | ldr ldr */
    uint32_t cycles = 0;
    vb_timing_start_measurement(timing);
    for (int i = 0; i < 10; i++)
        cycles += enter_with(timing, &unknown, registers);
    vb_timing *ram = new_timing(VB_CORE_M7);
    vb_block plain = unknown;
    plain.base_half_cycles = 0;
    for (int i = 0; i < 10; i++)
        cycles -= enter_with(ram, &plain, registers);
    assert_int_equal(cycles, 10 / 2);
    assert_int_equal(unknown.base_cycles, 4);
    vb_timing_free(ram);
    free_timing(timing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairing),
        cmocka_unit_test(test_latencies),
        cmocka_unit_test(test_loops_are_predicted),
        cmocka_unit_test(test_flags_set_early_shorten_a_wrong_prediction),
        cmocka_unit_test(test_branches_pair_with_their_target),
        cmocka_unit_test(test_banks_of_two_loads),
    };
    return cmocka_run_group_tests_name("vboard_timing_m7", tests, NULL, NULL);
}
