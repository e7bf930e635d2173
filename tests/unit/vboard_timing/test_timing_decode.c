/* SPDX-License-Identifier: Apache-2.0 */
#include "timing_fixture.h"

/* Instruction counts and lengths over valid, random and damaged code. */

static const uint16_t VALID_16[] = {0x3001, 0x4611, 0x00a3, 0x6808, 0x5098, 0xc80e, 0xb570, 0xb248,
                                    0xbf00, 0x4770, 0xd1fc, 0xe00e, 0xb170, 0x9801, 0x4802, 0xbf08};
static const uint16_t VALID_32[][2] = {
    {0xfb01, 0xf002}, {0xfb21, 0x3002}, {0xf851, 0x0b04}, {0xe9d2, 0x0100}, {0xe8df, 0xf000},
    {0xf3ef, 0x8010}, {0xf3bf, 0x8f4f}, {0xee30, 0x0a81}, {0xee80, 0x0a81}, {0xed90, 0x0a00},
    {0xf000, 0xf80e}, {0xeb01, 0x0002}, {0xec51, 0x0b10}, {0xfa81, 0xf002}, {0xf851, 0x0022},
};

/** ARMv7-M's length rule, implemented independently: DDI0403E A5.1 as a list of the three prefixes. */
static uint32_t count_instructions(const uint16_t *code, uint32_t halfwords)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < halfwords; count++) {
        uint32_t prefix = code[i] & 0xF800;
        i += prefix == 0xE800 || prefix == 0xF000 || prefix == 0xF800 ? 2 : 1;
    }
    return count;
}

static void test_counts_of_valid_code(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (int core = VB_CORE_M4; core <= VB_CORE_M7; core++) {
        vb_timing *timing = new_timing((vb_core)core);
        for (int round = 0; round < 500; round++) {
            uint16_t code[128];
            uint32_t halfwords = 0;
            uint32_t written = 0;
            uint32_t limit = 1 + next_random(&random) % 60;
            while (written < limit) {
                if (next_random(&random) & 1) {
                    code[halfwords++] = VALID_16[next_random(&random) % (sizeof VALID_16 / sizeof *VALID_16)];
                } else {
                    const uint16_t *wide =
                        VALID_32[next_random(&random) % (sizeof VALID_32 / sizeof *VALID_32)];
                    code[halfwords++] = wide[0];
                    code[halfwords++] = wide[1];
                }
                written++;
            }
            vb_block block = decode_at(timing, RAM_BASE, code, halfwords);
            assert_int_equal(block.instructions, written);
            assert_int_equal(block.instructions, count_instructions(code, halfwords));
            assert_true(block.base_cycles >= (core == VB_CORE_M4 ? written / 2 : written / 4));
        }
        free_timing(timing);
    }
}

static void test_counts_of_random_bytes(void **state)
{
    (void)state;
    uint32_t random = 99;
    vb_timing *timing = new_timing(VB_CORE_M4);
    for (int round = 0; round < 5000; round++) {
        uint16_t code[64];
        uint32_t halfwords = 1 + next_random(&random) % 64;
        for (uint32_t i = 0; i < halfwords; i++)
            code[i] = (uint16_t)next_random(&random);
        vb_block block = decode_at(timing, RAM_BASE, code, halfwords);
        assert_int_equal(block.instructions, count_instructions(code, halfwords));
        uint32_t registers[16];
        for (int i = 0; i < 16; i++)
            registers[i] = next_random(&random);
        enter_with(timing, &block, registers);
    }
    free_timing(timing);
}

static void test_undecodable(void **state)
{
    (void)state;
    static const code_case CASES[] = {
        {"0xffff 0xffff is one long instruction", 1, 1, CODE(0xffff, 0xffff)},
        {"udf", 1, 1, CODE(0xde00)},
        {"an undefined short one (0xb600) among adds", 3, 3, CODE(0x3001, 0xb600, 0x3001)},
        {"a long one cut off by the block's end", 2, 2, CODE(0x3001, 0xfb01)},
    };
    check_cases(VB_CORE_M4, CASES, sizeof CASES / sizeof *CASES);
}

static void test_empty_and_odd_blocks(void **state)
{
    (void)state;
    static const uint8_t BYTES[] = {0x01, 0x30, 0x01};
    vb_timing *timing = new_timing(VB_CORE_M4);
    vb_block block;
    assert_true(vb_timing_decode(timing, FLASH_BASE, BYTES, 0, &block));
    assert_int_equal(block.instructions, 0);
    assert_int_equal(enter(timing, &block), 0);
    assert_true(vb_timing_decode(timing, FLASH_BASE, BYTES, sizeof BYTES, &block));
    assert_int_equal(block.instructions, 2);
    free_timing(timing);
}

/** A block that ends inside an IT block must not affect the next one. */
static void test_it_state_is_forgotten(void **state)
{
    (void)state;
    static const uint16_t OPEN_IT[] = {0xbf01};               /* itttt eq */
    static const uint16_t LOADS[] = {0xf851, 0x0b04, 0x6808}; /* ldr [r1], #4; ldr [r1] */
    vb_timing *timing = new_timing(VB_CORE_M4);
    vb_block clean = decode_at(timing, RAM_BASE, LOADS, 3);
    decode_at(timing, RAM_BASE, OPEN_IT, 1);
    vb_block after = decode_at(timing, RAM_BASE, LOADS, 3);
    assert_int_equal(clean.instructions, after.instructions);
    assert_int_equal(clean.base_cycles, after.base_cycles);
    assert_int_equal(clean.access_count, after.access_count);
    free_timing(timing);
}

static void test_free_accepts_null(void **state)
{
    (void)state;
    vb_timing_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_of_valid_code),  cmocka_unit_test(test_counts_of_random_bytes),
        cmocka_unit_test(test_undecodable),           cmocka_unit_test(test_empty_and_odd_blocks),
        cmocka_unit_test(test_it_state_is_forgotten), cmocka_unit_test(test_free_accepts_null),
    };
    return cmocka_run_group_tests_name("vboard_timing_decode", tests, NULL, NULL);
}
