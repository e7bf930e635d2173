/* SPDX-License-Identifier: Apache-2.0 */
#include "timing_fixture.h"

/* Data loads: which memory, stride, working set, alignment; from sampled base registers. */

enum { FLASH_MISS = 7, /* 5 wait states + 2 */ AXI_LINE = 6, FLASH_LINE = 7 + 6 };

typedef struct walk {
    uint32_t base;         /* r1 at the first execution */
    uint32_t stride_bytes; /* added to r1 per execution */
    uint32_t period;       /* executions until r1 is back at the base; 0 = never */
    uint32_t index;        /* r2, constant */
    uint32_t executions;
} walk;

/** Executes the block along the walk in RAM. @return cycles beyond those of instructions and branches */
static uint32_t wait_cycles(vb_core core, bool cached, const uint16_t *code, uint32_t halfwords,
                            const walk *w)
{
    vb_timing *timing = new_timing(core);
    vb_timing *free_of_waits = new_timing(core);
    vb_memory_timing memory = {.flash_wait_states = core == VB_CORE_M4 ? 5 : 7, .data_cache = cached};
    vb_timing_set_memory(timing, &memory);
    vb_block block = decode_at(timing, RAM_BASE, code, halfwords);
    vb_block plain = block;
    uint32_t cycles = 0;
    for (uint32_t i = 0; i < w->executions; i++) {
        uint32_t registers[16] = {0};
        registers[1] = w->base + w->stride_bytes * (w->period ? i % w->period : i);
        registers[2] = w->index;
        if (vb_timing_wants_sample(&block))
            vb_timing_sample(timing, &block, registers);
        cycles += vb_timing_enter(timing, &block) - vb_timing_enter(free_of_waits, &plain);
    }
    vb_timing_free(timing);
    vb_timing_free(free_of_waits);
    return cycles;
}

static const uint16_t LOAD_WORD_STEP[] = {0xf851, 0x0b04}; /* ldr r0, [r1], #4 */
static const uint16_t LOAD_WORD[] = {0x6808};              /* ldr r0, [r1] */

static void test_streaming_from_flash(void **state)
{
    (void)state;
    walk w = {.base = FLASH_BASE, .stride_bytes = 4, .executions = 4096};
    /* M4: every second word is in a new flash read. M7: every eighth in a new line. */
    assert_int_equal(wait_cycles(VB_CORE_M4, true, LOAD_WORD_STEP, 2, &w), 4096 / 2 * FLASH_MISS);
    assert_int_equal(wait_cycles(VB_CORE_M7, true, LOAD_WORD_STEP, 2, &w), 4096 / 8 * FLASH_LINE);
    /* Without data cache each load pays. */
    assert_int_equal(wait_cycles(VB_CORE_M4, false, LOAD_WORD_STEP, 2, &w), 4096 * FLASH_MISS);
}

static void test_region_decides(void **state)
{
    (void)state;
    walk w = {.base = RAM_BASE + 0x1000, .stride_bytes = 4, .executions = 1024};
    assert_int_equal(wait_cycles(VB_CORE_M4, true, LOAD_WORD_STEP, 2, &w), 0);
    assert_int_equal(wait_cycles(VB_CORE_M7, true, LOAD_WORD_STEP, 2, &w), 0);
    w.base = AXI_BASE;
    assert_int_equal(wait_cycles(VB_CORE_M7, true, LOAD_WORD_STEP, 2, &w), 1024 / 8 * AXI_LINE);
    w.base = DEVICE_BASE;
    assert_int_equal(wait_cycles(VB_CORE_M4, true, LOAD_WORD_STEP, 2, &w), 1024 * 2);
}

static void test_constant_address_hits(void **state)
{
    (void)state;
    walk w = {.base = FLASH_BASE + 64, .executions = 1000};
    /* The first execution cannot know it stands still. */
    assert_in_range(wait_cycles(VB_CORE_M4, true, LOAD_WORD, 1, &w), 1, FLASH_MISS);
}

static void test_tables_that_fit_hit(void **state)
{
    (void)state;
    /* 192 bytes again and again: misses while it is new, hits for nearly all of 100000 executions. */
    walk small = {.base = FLASH_BASE, .stride_bytes = 4, .period = 48, .executions = 100000};
    assert_in_range(wait_cycles(VB_CORE_M4, true, LOAD_WORD_STEP, 2, &small), 1,
                    100000 / 2 * FLASH_MISS / 50);
    /* 4 KB do not fit into 256 bytes, but into 16 KB. */
    walk large = {.base = FLASH_BASE, .stride_bytes = 4, .period = 1024, .executions = 100000};
    uint32_t streaming = 100000 / 2 * FLASH_MISS;
    assert_in_range(wait_cycles(VB_CORE_M4, true, LOAD_WORD_STEP, 2, &large), streaming * 9 / 10, streaming);
    assert_in_range(wait_cycles(VB_CORE_M7, true, LOAD_WORD_STEP, 2, &large), 1,
                    100000 / 8 * FLASH_LINE / 10);
}

static void test_unaligned_loads(void **state)
{
    (void)state;
    static const uint16_t HALF[] = {0x8808};              /* ldrh r0, [r1] */
    static const uint16_t WORD_AT_2[] = {0xf8d1, 0x0002}; /* ldr.w r0, [r1, #2] */
    walk w = {.base = RAM_BASE, .executions = 100};
    assert_int_equal(wait_cycles(VB_CORE_M4, true, LOAD_WORD, 1, &w), 0);
    assert_int_equal(wait_cycles(VB_CORE_M4, true, WORD_AT_2, 2, &w), 100);
    w.base = RAM_BASE + 1;
    assert_int_equal(wait_cycles(VB_CORE_M4, true, LOAD_WORD, 1, &w), 200);
    assert_int_equal(wait_cycles(VB_CORE_M4, true, HALF, 1, &w), 100);
    assert_int_equal(wait_cycles(VB_CORE_M7, true, LOAD_WORD, 1, &w), 50);
    w.base = RAM_BASE + 2;
    assert_int_equal(wait_cycles(VB_CORE_M4, true, LOAD_WORD, 1, &w), 100);
    assert_int_equal(wait_cycles(VB_CORE_M4, true, WORD_AT_2, 2, &w), 0);
    assert_int_equal(wait_cycles(VB_CORE_M4, true, HALF, 1, &w), 0);
}

/** Every way to form the address finds the flash: each block loads one word per execution at a walking
 * address. */
static void test_addresses_are_followed(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint32_t base, index;
        uint32_t halfwords;
        uint16_t code[6];
    } cases[] = {
        {"ldr [r1, r2, lsl #2]", 0, FLASH_BASE / 4, 2, {0xf851, 0x0022}},
        {"add r3, r1, r2; ldr [r3]", 0, FLASH_BASE, 3, {0xeb01, 0x0302, 0x6818}},
        {"mov r3, r1; adds r3, #8; ldr [r3]", FLASH_BASE, 0, 3, {0x460b, 0x3308, 0x6818}},
        {"ldr [r1, #4]!", FLASH_BASE, 0, 2, {0xf851, 0x0f04}},
        {"adds r1, #4; ldr [r1]", FLASH_BASE, 0, 2, {0x3104, 0x6808}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        walk w = {.base = cases[i].base, .index = cases[i].index, .stride_bytes = 4, .executions = 2048};
        uint32_t wait = wait_cycles(VB_CORE_M4, true, cases[i].code, cases[i].halfwords, &w);
        if (wait != 2048 / 2 * FLASH_MISS)
            fail_msg("%s: %u wait cycles", cases[i].what, wait);
    }
}

static void test_several_loads_share_reads(void **state)
{
    (void)state;
    /* ldr [r1], #4 four times: 16 bytes, two flash reads. */
    static const uint16_t FOUR[] = {0xf851, 0x0b04, 0xf851, 0x0b04, 0xf851, 0x0b04, 0xf851, 0x0b04};
    walk w = {.base = FLASH_BASE, .stride_bytes = 16, .executions = 1000};
    assert_int_equal(wait_cycles(VB_CORE_M4, true, FOUR, 8, &w), 1000 * 2 * FLASH_MISS);
    /* Overlapping windows: the same four words, moved on by one word only. */
    w.stride_bytes = 4;
    assert_in_range(wait_cycles(VB_CORE_M4, true, FOUR, 8, &w), 1000 / 2 * FLASH_MISS,
                    1000 / 2 * FLASH_MISS + 2 * FLASH_MISS);
    /* ldr [r1]; ldr [r1, #0x100]: two walks a page apart, each with a new read every second word. */
    static const uint16_t TWO_ROWS[] = {0x6808, 0xf8d1, 0x3100};
    assert_in_range(wait_cycles(VB_CORE_M4, true, TWO_ROWS, 3, &w), 1000 * FLASH_MISS,
                    1000 * FLASH_MISS + 2 * FLASH_MISS);
}

static void test_unknown_addresses_cost_nothing(void **state)
{
    (void)state;
    /* ldr r1, [r2]; ldr r0, [r1]: where r1 points was decided inside the block. */
    static const uint16_t CHASE[] = {0x6811, 0x6808};
    /* it eq; addeq r1, r2; ldr [r1]: may or may not have been added. */
    static const uint16_t MAYBE[] = {0xbf08, 0x1889, 0x6808};
    walk w = {.base = FLASH_BASE, .index = RAM_BASE, .stride_bytes = 4, .executions = 100};
    assert_int_equal(wait_cycles(VB_CORE_M4, true, CHASE, 2, &w), 0);
    w.index = FLASH_BASE;
    assert_int_equal(wait_cycles(VB_CORE_M4, true, MAYBE, 3, &w), 0);
}

static void test_literals(void **state)
{
    (void)state;
    static const uint16_t LITERAL[] = {0x4802}; /* ldr r0, [pc, #8] */
    vb_timing *timing = new_timing(VB_CORE_M4);
    vb_memory_timing memory = {.flash_wait_states = 5, .instruction_cache = true, .data_cache = true};
    uint32_t registers[16] = {0};
    for (int cached = 0; cached <= 1; cached++) {
        memory.data_cache = cached;
        vb_timing_reset(timing);
        vb_timing_set_memory(timing, &memory);
        vb_block block = decode_at(timing, FLASH_BASE, LITERAL, 1);
        assert_true(vb_timing_wants_sample(&block));
        vb_timing_sample(timing, &block, registers);
        uint32_t fetch = 5;
        assert_int_equal(vb_timing_enter(timing, &block), 2 + fetch + (cached ? 0 : FLASH_MISS));
    }
    vb_timing_free(timing);
}

static void test_sampling_schedule(void **state)
{
    (void)state;
    static const uint16_t STACK_ONLY[] = {0x9801, 0x3001}; /* ldr r0, [sp, #4]; adds */
    vb_timing *timing = new_timing(VB_CORE_M4);
    vb_block block = decode_at(timing, RAM_BASE, LOAD_WORD, 1);
    vb_block never = decode_at(timing, RAM_BASE, STACK_ONLY, 2);
    uint32_t registers[16] = {0};
    registers[1] = RAM_BASE;
    uint32_t last = 0;
    uint32_t samples = 0;
    static const uint32_t EARLY[] = {1, 2, 4, 5, 9, 10, 18, 19};
    for (uint32_t i = 1; i <= 100000; i++) {
        assert_false(vb_timing_wants_sample(&never));
        if (!vb_timing_wants_sample(&block))
            continue;
        vb_timing_sample(timing, &block, registers);
        if (samples < sizeof EARLY / sizeof *EARLY)
            assert_int_equal(i, EARLY[samples]);
        assert_in_range(i - last, 1, 1087);
        last = i;
        samples++;
    }
    assert_in_range(samples, 2 * 100000 / 1088, 2 * 100000 / 65);
    vb_timing_free(timing);
}

/** More walks than a block keeps: the rest counts as RAM, and nothing breaks. */
static void test_many_streams(void **state)
{
    (void)state;
    uint16_t code[11];
    for (uint16_t i = 0; i < 8; i++)
        code[i] = (uint16_t)(0x6800 | i << 3 | i); /* ldr r<i>, [r<i>] */
    code[8] = 0xf8d8;                              /* ldr.w r8, [r8] */
    code[9] = 0x8000;
    vb_timing *timing = new_timing(VB_CORE_M4);
    vb_memory_timing memory = {.flash_wait_states = 5};
    vb_timing_set_memory(timing, &memory);
    vb_block block = decode_at(timing, RAM_BASE, code, 10);
    assert_int_equal(block.stream_count, VB_STREAMS_PER_BLOCK);
    uint32_t registers[16];
    for (int i = 0; i < 16; i++)
        registers[i] = FLASH_BASE + 1024U * (uint32_t)i;
    assert_true(vb_timing_wants_sample(&block));
    vb_timing_sample(timing, &block, registers);
    assert_int_equal(vb_timing_enter(timing, &block), block.base_cycles + 8 * FLASH_MISS);
    vb_timing_free(timing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streaming_from_flash),
        cmocka_unit_test(test_region_decides),
        cmocka_unit_test(test_constant_address_hits),
        cmocka_unit_test(test_tables_that_fit_hit),
        cmocka_unit_test(test_unaligned_loads),
        cmocka_unit_test(test_addresses_are_followed),
        cmocka_unit_test(test_several_loads_share_reads),
        cmocka_unit_test(test_unknown_addresses_cost_nothing),
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_sampling_schedule),
        cmocka_unit_test(test_many_streams),
    };
    return cmocka_run_group_tests_name("vboard_timing_loads", tests, NULL, NULL);
}
