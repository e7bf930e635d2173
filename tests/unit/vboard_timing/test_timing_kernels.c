/* SPDX-License-Identifier: Apache-2.0 */
#include "timing_fixture.h"

/* Whole loops, worked out by hand from the rules in TIMING.md. */

enum { TURNS = 64, RAM_CODE = RAM_BASE + 0x10000 };

/** Executes a loop of one block TURNS times. r0 and r1 advance by `step` bytes per iteration. */
static uint32_t loop_cycles(vb_core core, uint32_t code_address, const uint16_t *code, uint32_t halfwords,
                            uint32_t r0, uint32_t r1)
{
    vb_timing *timing = new_timing(core);
    vb_memory_timing memory = {.flash_wait_states = core == VB_CORE_M4 ? 5 : 7, .data_cache = true};
    vb_timing_set_memory(timing, &memory);
    vb_block block = decode_at(timing, code_address, code, halfwords);
    uint32_t cycles = 0;
    for (uint32_t i = 0; i < TURNS; i++) {
        uint32_t registers[16] = {r0 + 4 * i, r1 + 4 * i};
        cycles += enter_with(timing, &block, registers);
    }
    free_timing(timing);
    return cycles;
}

/* subs r0, #1; bne */
static const uint16_t DELAY[] = {0x3801, 0xd1fd};
/* ldr r2, [r1], #4; str r2, [r0], #4; subs r3, #1; bne */
static const uint16_t COPY[] = {0xf851, 0x2b04, 0xf840, 0x2b04, 0x3b01, 0xd1f9};
/* ldr r4, [r0], #4; ldr r5, [r1], #4; sxtb16 r6, r4; sxtb16 r4, r4, ror #8; sxtb16 r7, r5; sxtb16 r5, r5, ror
 * #8; smlad r2, r6, r7, r2; smlad r2, r4, r5, r2; subs r3, #1; bne */
static const uint16_t DOT[] = {0xf850, 0x4b04, 0xf851, 0x5b04, 0xfa2f, 0xf684, 0xfa2f, 0xf494, 0xfa2f,
                               0xf785, 0xfa2f, 0xf595, 0xfb26, 0x2207, 0xfb24, 0x2205, 0x3b01, 0xd1ed};

static void test_delay(void **state)
{
    (void)state;
    /* 1 + 1 and a refill of 1: three cycles a turn, but for the first. */
    assert_int_equal(loop_cycles(VB_CORE_M4, RAM_CODE, DELAY, 2, RAM_BASE, RAM_BASE), 3 * TURNS - 1);
    /* One pair a turn, once it is predicted: the first time back costs 8. */
    assert_int_equal(loop_cycles(VB_CORE_M7, RAM_CODE, DELAY, 2, RAM_BASE, RAM_BASE), TURNS + 8);
}

static void test_copy(void **state)
{
    (void)state;
    /* 2 for the load, none for the store behind it, 1, 1, and 2 to get back to a 32-bit instruction. */
    uint32_t in_ram = 6 * TURNS - 2;
    assert_int_equal(loop_cycles(VB_CORE_M4, RAM_CODE, COPY, 6, RAM_BASE, RAM_BASE + 0x1000), in_ram);
    /* From flash: load and store do not overlap, and every second word is a read of 4. */
    assert_int_equal(loop_cycles(VB_CORE_M4, RAM_CODE, COPY, 6, RAM_BASE, FLASH_BASE),
                     in_ram + TURNS + TURNS / 2 * 4);
    /* M7: ldr, str | subs, bne. */
    assert_int_equal(loop_cycles(VB_CORE_M7, RAM_CODE, COPY, 6, RAM_BASE, RAM_BASE + 0x1000), 2 * TURNS + 8);
    /* From AXI SRAM to AXI SRAM: lines of eight words on both sides, 7 cycles each. */
    assert_int_equal(loop_cycles(VB_CORE_M7, RAM_CODE, COPY, 6, AXI_BASE + 0x20000, AXI_BASE + 0x28000),
                     2 * TURNS + 8 + 2 * TURNS / 8 * 7);
}

static void test_dot_on_m4(void **state)
{
    (void)state;
    /* 2 + 1 for the loads, 6 in the middle, 1, 1, and 2 to get back. */
    uint32_t in_ram = 13 * TURNS - 2;
    assert_int_equal(loop_cycles(VB_CORE_M4, RAM_CODE, DOT, 18, RAM_BASE, RAM_BASE + 0x1000), in_ram);
    /* Weights in flash: the loads do not overlap, and every second word is a read of 4. */
    assert_int_equal(loop_cycles(VB_CORE_M4, RAM_CODE, DOT, 18, RAM_BASE, FLASH_BASE),
                     in_ram + TURNS + TURNS / 2 * 4);
    /* Two bytes further on: the loads do not overlap, the row of 32-bit instructions and the refill take one
     * more each; the refill not before the first turn. */
    assert_int_equal(loop_cycles(VB_CORE_M4, RAM_CODE + 2, DOT, 18, RAM_BASE, RAM_BASE + 0x1000),
                     in_ram + 3 * TURNS - 1);
}

static void test_dot_on_m7(void **state)
{
    (void)state;
    /* ldr ldr | sxtb16 | sxtb16 | sxtb16 | sxtb16 smlad | smlad subs | bne; behind that bne: ldr | ldr | and
     * so on, so that its cycle is shared but the loads' is not: 7 a turn either way. */
    uint32_t turns = 7 * TURNS, wrong = 8;
    assert_int_equal(loop_cycles(VB_CORE_M7, RAM_CODE, DOT, 18, RAM_BASE, RAM_BASE + 0x1004), turns + wrong);
    /* Both words in the same bank: that costs where the loads are together, in the two turns that do not
     * begin behind a predicted branch. */
    assert_int_equal(loop_cycles(VB_CORE_M7, RAM_CODE, DOT, 18, RAM_BASE, RAM_BASE + 0x1000),
                     turns + wrong + 2);
    /* Weights in flash: a line of 13 for eight words. */
    assert_int_equal(loop_cycles(VB_CORE_M7, RAM_CODE, DOT, 18, RAM_BASE, FLASH_BASE + 4),
                     turns + wrong + (TURNS / 8 + 1) * 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delay),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_dot_on_m4),
        cmocka_unit_test(test_dot_on_m7),
    };
    return cmocka_run_group_tests_name("vboard_timing_kernels", tests, NULL, NULL);
}
