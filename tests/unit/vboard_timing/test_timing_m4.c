/* SPDX-License-Identifier: Apache-2.0 */
#include "timing_fixture.h"

/* Cortex-M4: sequences worked out by hand from DDI0439 table 3-1, 3.3.2 and table 7-1, and from what
 * TIMING.md says was measured. */

static const code_case INTEGER[] = {
    {"adds; mov; lsls", 3, 3, CODE(0x3001, 0x4611, 0x00a3)},
    {"mul; mla; smlad; smlal; smmul", 5, 5,
     CODE(0xfb01, 0xf002, 0xfb01, 0x3002, 0xfb21, 0x3002, 0xfbc2, 0x0103, 0xfb51, 0xf002)},
    {"sdiv", 1, 7, CODE(0xfb91, 0xf0f2)},
    {"udiv; adds", 2, 8, CODE(0xfbb1, 0xf0f2, 0x3001)},
    {"mrs; msr; cpsid", 3, 6, CODE(0xf3ef, 0x8010, 0xf380, 0x8810, 0xb672)},
    {"dsb; dmb", 2, 2, CODE(0xf3bf, 0x8f4f, 0xf3bf, 0x8f5f)},
    {"isb: 1 + refill", 1, 3, CODE(0xf3bf, 0x8f6f)},
    {"b, bl, bx, cbz before the refill", 4, 4, CODE(0xe00e, 0xf000, 0xf80e, 0x4770, 0xb170)},
    {"tbb: load 2, add 1", 1, 3, CODE(0xe8df, 0xf000)},
    {"sxtb; sadd8", 2, 2, CODE(0xb248, 0xfa81, 0xf002)},
};

static void test_integer(void **state)
{
    (void)state;
    check_cases(VB_CORE_M4, INTEGER, sizeof INTEGER / sizeof *INTEGER);
}

static const code_case MEMORY[] = {
    {"ldr alone", 1, 2, CODE(0x6808)},
    {"ldr; ldr: the second one overlaps", 2, 3, CODE(0x6808, 0x681a)},
    {"three loads: 2 + 1 + 1", 3, 4, CODE(0x6808, 0x681a, 0x682c)},
    {"ldr r1; ldr [r1]: no overlap", 2, 4, CODE(0x6801, 0x680a)},
    {"ldr; adds; ldr: no neighbours", 3, 5, CODE(0x6808, 0x3201, 0x681a)},
    {"str [imm] is one cycle", 1, 1, CODE(0x6008)},
    {"str [reg] is two", 1, 2, CODE(0x5098)},
    {"ldr [reg]; str [imm]: in the load's second cycle", 2, 2, CODE(0x5888, 0x6158)},
    {"ldr [reg]; str [reg]: the store overlaps", 2, 3, CODE(0x5888, 0x5098)},
    {"str; ldr: waits for the store", 2, 4, CODE(0x6008, 0x681a)},
    {"str [r1], #4 twice: the second waits for its base", 2, 3, CODE(0xf841, 0x0b04, 0xf841, 0x0b04)},
    {"adds r1; ldr [r1]: waits for its address", 2, 4, CODE(0x3104, 0x6808)},
    {"adds r1; ldr [r3]: does not", 2, 3, CODE(0x3104, 0x681a)},
    {"ldmia of 3", 1, 4, CODE(0xc80e)},
    {"stmia of 2", 1, 3, CODE(0xc006)},
    {"push of 4", 1, 5, CODE(0xb570)},
    {"pop of 4 with pc, before the refill", 1, 5, CODE(0xbd70)},
    {"ldrd; strd: 1 + 2 each", 2, 6, CODE(0xe9d2, 0x0100, 0xe9c2, 0x0100)},
    {"ldr [r1], #4 twice: updating is free", 2, 4, CODE(0xf851, 0x0b04, 0xf851, 0x0b04)},
    {"ldr literal", 1, 2, CODE(0x4802)},
    {"ldr; ldr.w across two words: no overlap", 2, 4, CODE(0x6808, 0xf8d3, 0x2000)},
    {"adds; ldr; ldr.w in one word", 3, 4, CODE(0x3001, 0x680a, 0xf8d3, 0x4000)},
};

/* add.w, across two words behind one short instruction */
static const code_case FETCHING[] = {
    {"two across words", 3, 3, CODE(0x3001, 0xeb01, 0x0002, 0xeb01, 0x0002)},
    {"three: a cycle of fetching", 4, 5, CODE(0x3001, 0xeb01, 0x0002, 0xeb01, 0x0002, 0xeb01, 0x0002)},
    {"six: still one", 7, 8,
     CODE(0x3001, 0xeb01, 0x0002, 0xeb01, 0x0002, 0xeb01, 0x0002, 0xeb01, 0x0002, 0xeb01, 0x0002, 0xeb01,
          0x0002)},
    {"three in words of their own", 3, 3, CODE(0xeb01, 0x0002, 0xeb01, 0x0002, 0xeb01, 0x0002)},
};

static void test_fetching(void **state)
{
    (void)state;
    check_cases(VB_CORE_M4, FETCHING, sizeof FETCHING / sizeof *FETCHING);
}

static void test_memory(void **state)
{
    (void)state;
    check_cases(VB_CORE_M4, MEMORY, sizeof MEMORY / sizeof *MEMORY);
}

static const code_case FLOATING[] = {
    {"vadd; vmul", 2, 2, CODE(0xee30, 0x0a81, 0xee62, 0x1a22)},
    {"vmla; vfma: 3 each", 2, 6, CODE(0xee00, 0x0a81, 0xeea0, 0x0a81)},
    {"vdiv; vsqrt: 14 each", 2, 28, CODE(0xee80, 0x0a81, 0xeeb1, 0x0ae0)},
    {"vldr single", 1, 2, CODE(0xed90, 0x0a00)},
    {"vldr double", 1, 3, CODE(0xed90, 0x0b00)},
    {"vstr single; double", 2, 5, CODE(0xed80, 0x0a00, 0xed80, 0x0b00)},
    {"vldmia of 4; vpush of one double", 2, 8, CODE(0xec90, 0x0a04, 0xed2d, 0x8b02)},
    {"vmov r0, r1, d0", 1, 2, CODE(0xec51, 0x0b10)},
    {"vldr; vldr: overlaps like ldr", 2, 3, CODE(0xed90, 0x0a00, 0xedd0, 0x0a01)},
    {"vldmia r0!, {s0}; vldmia r1!, {s1}: the same", 2, 3, CODE(0xecb0, 0x0a01, 0xecf1, 0x0a01)},
    {"vfma; adds: hides one cycle", 2, 3, CODE(0xeea0, 0x0a81, 0x3001)},
    {"vadd s0; vmul of s0: one cycle later", 2, 3, CODE(0xee30, 0x0a81, 0xee60, 0x1a22)},
    {"vadd s0; vfma onto s0: in time", 2, 4, CODE(0xee30, 0x0a81, 0xeea1, 0x0a22)},
    {"vmov s0, r0; vcvt s0; vcmp s0; vmrs: vcmp waits", 4, 5,
     CODE(0xee00, 0x0a10, 0xeebd, 0x0ae0, 0xeeb4, 0x0a60, 0xeef1, 0xfa10)},
};

static void test_floating_point(void **state)
{
    (void)state;
    check_cases(VB_CORE_M4, FLOATING, sizeof FLOATING / sizeof *FLOATING);
}

static const code_case IT_BLOCKS[] = {
    {"adds; it eq; addeq: it folds into a 16-bit instruction", 3, 2, CODE(0x3001, 0xbf08, 0x1840)},
    {"add.w; it eq; addeq: but not into a 32-bit one", 3, 3, CODE(0xeb01, 0x0002, 0xbf08, 0x1840)},
    {"it eq; addeq: nothing before it to fold into", 2, 2, CODE(0xbf08, 0x1840)},
    {"adds; it eq; ldreq", 3, 3, CODE(0x3001, 0xbf08, 0x6808)},
};

static void test_it_blocks(void **state)
{
    (void)state;
    check_cases(VB_CORE_M4, IT_BLOCKS, sizeof IT_BLOCKS / sizeof *IT_BLOCKS);
}

static void test_taken_branches(void **state)
{
    (void)state;
    static const uint16_t LOOP[] = {0x3801, 0xd1fc}; /* subs; bne */
    static const uint16_t RETURN[] = {0x4770};       /* bx lr */
    static const uint16_t NARROW[] = {0x3001};       /* adds */
    static const uint16_t WIDE[] = {0xeb01, 0x0002}; /* add.w */
    vb_timing *timing = new_timing(VB_CORE_M4);
    vb_block loop = decode_at(timing, RAM_BASE + 0x100, LOOP, 2);
    vb_block behind = decode_at(timing, RAM_BASE + 0x104, NARROW, 1);
    vb_block wide = decode_at(timing, RAM_BASE + 0x200, WIDE, 2);
    vb_block straddling = decode_at(timing, RAM_BASE + 0x302, WIDE, 2);
    vb_block back = decode_at(timing, RAM_BASE + 0x400, RETURN, 1);
    assert_true(loop.ends_with_branch);
    assert_false(behind.ends_with_branch);

    assert_int_equal(enter(timing, &loop), 2);     /* the first block: nothing before it */
    assert_int_equal(enter(timing, &loop), 2 + 1); /* taken to itself */
    assert_int_equal(enter(timing, &behind), 1);   /* fallen through */
    assert_int_equal(enter(timing, &wide), 1 + 2);
    assert_int_equal(enter(timing, &straddling), 1 + 3); /* 32 bits across two words */
    assert_int_equal(enter(timing, &back), 1 + 1);
    assert_int_equal(enter(timing, &behind), 1 + 2); /* the address came from lr */
    assert_int_equal(enter(timing, &back), 1 + 1);
    assert_int_equal(enter(timing, &straddling), 1 + 3); /* never more than 3 */
    free_timing(timing);
}

/** Loads of different memories do not overlap. */
static void test_memories_of_a_pair(void **state)
{
    (void)state;
    static const uint16_t PAIR[] = {0x6808, 0x681a};  /* ldr r0, [r1]; ldr r2, [r3] */
    static const uint16_t STACK[] = {0x9801, 0x681a}; /* ldr r0, [sp, #4]; ldr r2, [r3] */
    vb_timing *timing = new_timing(VB_CORE_M4);
    vb_block pair = decode_at(timing, RAM_BASE, PAIR, 2),
             stack = decode_at(timing, RAM_BASE + 0x100, STACK, 2);
    uint32_t registers[16] = {[1] = RAM_BASE, [3] = RAM_BASE + 64, [13] = RAM_BASE + 128};
    assert_int_equal(enter_with(timing, &pair, registers), 3);
    vb_timing_reset(timing);
    assert_int_equal(enter_with(timing, &stack, registers), 3);
    registers[3] = FLASH_BASE;
    vb_timing_reset(timing);
    assert_int_equal(enter_with(timing, &pair, registers), 4);
    vb_timing_reset(timing);
    assert_int_equal(enter_with(timing, &stack, registers), 4);
    registers[1] = FLASH_BASE + 4;
    vb_timing_reset(timing);
    assert_int_equal(enter_with(timing, &pair, registers), 3);
    free_timing(timing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fetching),       cmocka_unit_test(test_memories_of_a_pair),
        cmocka_unit_test(test_integer),        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_floating_point), cmocka_unit_test(test_it_blocks),
        cmocka_unit_test(test_taken_branches),
    };
    return cmocka_run_group_tests_name("vboard_timing_m4", tests, NULL, NULL);
}
