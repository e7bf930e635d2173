/* SPDX-License-Identifier: Apache-2.0 */
#include "data_cache.h"
#include "timing_fixture.h"

/* Data accesses: which memory, which lines, alignment; and whether the addresses are followed. */

enum { FLASH_MISS = 4, /* 5 wait states - 1 */ AXI_LINE = 7, FLASH_LINE = 7 + 6 };

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
    plain.stream_count = plain.access_count = 0;
    uint32_t cycles = 0;
    for (uint32_t i = 0; i < w->executions; i++) {
        uint32_t registers[16];
        for (uint32_t r = 0; r < 16; r++)
            registers[r] = RAM_BASE;
        registers[1] = w->base + w->stride_bytes * (w->period ? i % w->period : i);
        registers[2] = w->index;
        cycles += enter_with(timing, &block, registers) - enter(free_of_waits, &plain);
    }
    free_timing(timing);
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
    /* Without data cache: the M4 keeps the last read; on the M7 every load waits. */
    assert_int_equal(wait_cycles(VB_CORE_M4, false, LOAD_WORD_STEP, 2, &w), 4096 / 2 * FLASH_MISS);
    assert_int_equal(wait_cycles(VB_CORE_M7, false, LOAD_WORD_STEP, 2, &w), 4096 * FLASH_LINE);
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
    assert_int_equal(wait_cycles(VB_CORE_M7, true, LOAD_WORD_STEP, 2, &w), 1024 * 6);
}

static void test_stores(void **state)
{
    (void)state;
    static const uint16_t STORE_WORD[] = {0xf841, 0x0b04}; /* str r0, [r1], #4 */
    walk w = {.base = AXI_BASE, .stride_bytes = 4, .executions = 1024};
    /* The M7's cache also allocates lines for stores; without it the store buffer absorbs them. */
    assert_int_equal(wait_cycles(VB_CORE_M7, true, STORE_WORD, 2, &w), 1024 / 8 * AXI_LINE);
    assert_int_equal(wait_cycles(VB_CORE_M7, false, STORE_WORD, 2, &w), 0);
    w.base = RAM_BASE + 0x1000;
    assert_int_equal(wait_cycles(VB_CORE_M4, true, STORE_WORD, 2, &w), 0);
    w.base = DEVICE_BASE;
    assert_int_equal(wait_cycles(VB_CORE_M7, true, STORE_WORD, 2, &w), 0);
}

static void test_tables_that_fit_hit(void **state)
{
    (void)state;
    walk standing = {.base = FLASH_BASE + 64, .executions = 1000};
    assert_int_equal(wait_cycles(VB_CORE_M4, true, LOAD_WORD, 1, &standing), FLASH_MISS);
    /* 256 bytes repeatedly: misses at first, then only hits. */
    walk small = {.base = FLASH_BASE, .stride_bytes = 4, .period = 64, .executions = 100000};
    assert_int_equal(wait_cycles(VB_CORE_M4, true, LOAD_WORD_STEP, 2, &small), 32 * FLASH_MISS);
    /* One line more, and the line needed next is always the one just replaced. */
    walk larger = {.base = FLASH_BASE, .stride_bytes = 4, .period = 72, .executions = 72000};
    assert_int_equal(wait_cycles(VB_CORE_M4, true, LOAD_WORD_STEP, 2, &larger), 36000 * FLASH_MISS);
    walk fits_m7 = {.base = FLASH_BASE, .stride_bytes = 4, .period = 4096, .executions = 40960};
    assert_int_equal(wait_cycles(VB_CORE_M7, true, LOAD_WORD_STEP, 2, &fits_m7), 512 * FLASH_LINE);
    walk too_large = {.base = FLASH_BASE, .stride_bytes = 4, .period = 5120, .executions = 51200};
    assert_int_equal(wait_cycles(VB_CORE_M7, true, LOAD_WORD_STEP, 2, &too_large), 6400 * FLASH_LINE);
}

/* ---- the caches, against simple ones ---- */

/** A simple LRU set: the time of each line's last use. */
typedef struct lru_set {
    uint32_t line[8];
    uint32_t used[8];
    bool valid[8];
    bool unit[8][4];
} lru_set;

static uint32_t lru_find(lru_set *set, uint32_t ways, uint32_t line, uint32_t now, bool *hit)
{
    uint32_t oldest = 0;
    for (uint32_t i = 0; i < ways; i++) {
        if (set->valid[i] && set->line[i] == line) {
            set->used[i] = now;
            *hit = true;
            return i;
        }
        if (!set->valid[i] || (set->valid[oldest] && set->used[i] < set->used[oldest]))
            oldest = set->valid[oldest] ? i : oldest;
    }
    set->line[oldest] = line;
    set->used[oldest] = now;
    set->valid[oldest] = true;
    memset(set->unit[oldest], 0, sizeof set->unit[oldest]);
    *hit = false;
    return oldest;
}

static void test_art_cache_is_lru_by_units(void **state)
{
    (void)state;
    static vb_data_cache cache;
    lru_set plain = {0};
    uint32_t random = 5, misses = 0;
    vb_data_cache_clear(&cache);
    for (uint32_t now = 0; now < 200000; now++) {
        uint32_t lines = now & 4096 ? 12 : 9;
        uint32_t address = next_random(&random) % (lines * 32) & ~3U;
        bool hit;
        uint32_t way = lru_find(&plain, VB_ART_LINES, address / 32, now, &hit);
        bool *unit = &plain.unit[way][address / 8 % 4];
        uint32_t missed = vb_art_load(&cache, FLASH_BASE + address, 4, true);
        assert_int_equal(missed, !*unit);
        *unit = true;
        misses += missed;
    }
    assert_in_range(misses, 20000, 180000);
}

static void test_l1_cache_is_lru_per_set(void **state)
{
    (void)state;
    static vb_data_cache cache;
    static lru_set plain[VB_L1_SETS];
    uint32_t random = 6, misses = 0;
    vb_data_cache_clear(&cache);
    for (uint32_t now = 0; now < 200000; now++) {
        uint32_t address = next_random(&random) % 20480 & ~3U;
        bool hit;
        lru_find(&plain[address / 32 % VB_L1_SETS], VB_L1_WAYS, address / 32, now, &hit);
        assert_int_equal(vb_l1_access(&cache, address, 4), !hit);
        misses += !hit;
    }
    assert_in_range(misses, 20000, 180000);
    vb_data_cache_clear(&cache);
    assert_int_equal(vb_l1_access(&cache, 28, 8), 2); /* across two lines */
    assert_int_equal(vb_l1_access(&cache, 28, 8), 0);
}

/* ---- alignment ---- */

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
    assert_int_equal(wait_cycles(VB_CORE_M7, true, LOAD_WORD, 1, &w), 200);
    w.base = RAM_BASE + 2;
    assert_int_equal(wait_cycles(VB_CORE_M4, true, LOAD_WORD, 1, &w), 100);
    assert_int_equal(wait_cycles(VB_CORE_M4, true, WORD_AT_2, 2, &w), 0);
    assert_int_equal(wait_cycles(VB_CORE_M4, true, HALF, 1, &w), 0);
}

/* ---- addresses ---- */

typedef struct address_case {
    const char *what;
    uint32_t base, index; /* r1, r2 */
    uint32_t halfwords;
    uint16_t code[8];
} address_case;

/** Each block loads one word per execution at an address that walks through flash with r1. */
static void check_followed(const address_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        walk w = {.base = cases[i].base, .index = cases[i].index, .stride_bytes = 4, .executions = 2048};
        uint32_t wait = wait_cycles(VB_CORE_M4, true, cases[i].code, cases[i].halfwords, &w);
        if (wait != 2048 / 2 * FLASH_MISS)
            fail_msg("%s: %u wait cycles", cases[i].what, wait);
    }
}

static void test_sums_are_followed(void **state)
{
    (void)state;
    static const address_case CASES[] = {
        {"ldr [r1, r2, lsl #2]", 0, FLASH_BASE / 4, 2, {0xf851, 0x0022}},
        {"add r3, r1, r2; ldr [r3]", 0, FLASH_BASE, 3, {0xeb01, 0x0302, 0x6818}},
        {"mov r3, r1; adds r3, #8; ldr [r3]", FLASH_BASE, 0, 3, {0x460b, 0x3308, 0x6818}},
        {"ldr [r1, #4]!", FLASH_BASE + 4, 0, 2, {0xf851, 0x0f04}},
        {"adds r1, #4; ldr [r1]", FLASH_BASE + 4, 0, 2, {0x3104, 0x6808}},
        {"lsls r3, r2, #2; ldr [r1, r3]", 0, FLASH_BASE / 4, 2, {0x0093, 0x58c8}},
        {"add r1, r2; add r1, r1, r2, lsl #1; ldr [r1, r2]",
         0,
         FLASH_BASE / 4,
         4,
         {0x4411, 0xeb01, 0x0142, 0x5888}},
        {"subs r3, r1, r2; ldr [r3]", FLASH_BASE + 64, 64, 2, {0x1a8b, 0x6818}},
        {"movw r3, #0; movt r3, #0x0800; ldr [r3, r1]", 0, 0, 5, {0xf240, 0x0300, 0xf6c0, 0x0300, 0x5858}},
    };
    check_followed(CASES, sizeof CASES / sizeof *CASES);
}

static void test_loaded_pointers_are_followed(void **state)
{
    (void)state;
    memory_words[0] = (memory_word){RAM_BASE + 8, FLASH_BASE};
    memory_words[1] = (memory_word){RAM_BASE + 12, RAM_BASE + 4};
    memory_words[2] = (memory_word){RAM_BASE + 16, 0x00040302};
    memory_word_count = 3;
    static const address_case CASES[] = {
        {"ldr r3, [r2, #8]; ldr [r3, r1]", 0, RAM_BASE, 2, {0x6893, 0x5858}},
        {"ldr r3, [sp, #8]; ldr [r3, r1]", 0, 0, 2, {0x9b02, 0x5858}},
        {"ldrd r4, r3, [sp, #4]; ldr [r3, r1]", 0, 0, 3, {0xe9dd, 0x4301, 0x5858}},
        {"ldmia r2, {r3, r4}; ldr [r3, r1]", 0, RAM_BASE + 8, 3, {0xe892, 0x0018, 0x5858}},
        {"ldr r3, [r2, #12]; ldr r3, [r3, #4]; ldr [r3, r1]", 0, RAM_BASE, 3, {0x68d3, 0x685b, 0x5858}},
        {"ldr r4, [sp, #16]; uxtb r4, r4 (2); add r3, r1, r4, lsl #26; ldr [r3]",
         0,
         0,
         5,
         {0x9c04, 0xb2e4, 0xeb01, 0x6384, 0x6818}},
        {"ldrb r4, [r2, #18] (4); add r3, r1, r4, lsl #25; ldr [r3]",
         0,
         RAM_BASE,
         4,
         {0x7c94, 0xeb01, 0x6344, 0x6818}},
        {"ldr r4, [sp, #16]; ubfx r4, r4, #16, #4 (4); add r3, r1, r4, lsl #25; ldr [r3]",
         0,
         0,
         6,
         {0x9c04, 0xf3c4, 0x4403, 0xeb01, 0x6344, 0x6818}},
    };
    check_followed(CASES, sizeof CASES / sizeof *CASES);
    memory_word_count = 0;
}

static void test_several_loads_share_reads(void **state)
{
    (void)state;
    /* ldr [r1], #4 four times: 16 bytes, two flash reads. */
    static const uint16_t FOUR[] = {0xf851, 0x0b04, 0xf851, 0x0b04, 0xf851, 0x0b04, 0xf851, 0x0b04};
    walk w = {.base = FLASH_BASE, .stride_bytes = 16, .executions = 1000};
    assert_int_equal(wait_cycles(VB_CORE_M4, true, FOUR, 8, &w), 1000 * 2 * FLASH_MISS);
    /* Overlapping windows: the same four words, one word further each time. */
    w.stride_bytes = 4;
    assert_int_equal(wait_cycles(VB_CORE_M4, true, FOUR, 8, &w), (999 + 4 + 1) / 2 * FLASH_MISS);
    /* ldr [r1]; ldr [r1, #0x100]: two walks, each with a new read every second word. */
    static const uint16_t TWO_ROWS[] = {0x6808, 0xf8d1, 0x3100};
    assert_int_equal(wait_cycles(VB_CORE_M4, true, TWO_ROWS, 3, &w), (1000 + 64 - 64) * FLASH_MISS);
}

static void test_what_cannot_be_followed_counts_as_ram(void **state)
{
    (void)state;
    static const address_case CASES[] = {
        {"it eq; addeq r1, r2; ldr [r1]", FLASH_BASE, 0, 3, {0xbf08, 0x1889, 0x6808}},
        {"mul r3, r2, r2; ldr [r1, r3]", FLASH_BASE, 0, 3, {0xfb02, 0xf302, 0x58c8}},
        {"str r1, [sp, #8]; ldr r3, [sp, #8]; ldr [r3]", FLASH_BASE, 0, 3, {0x9102, 0x9b02, 0x6818}},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        walk w = {.base = CASES[i].base, .index = CASES[i].index, .stride_bytes = 4, .executions = 100};
        uint32_t wait = wait_cycles(VB_CORE_M4, true, CASES[i].code, CASES[i].halfwords, &w);
        if (wait != 0)
            fail_msg("%s: %u wait cycles", CASES[i].what, wait);
    }
}

static void test_literals(void **state)
{
    (void)state;
    /* ldr r0, [pc, #8] at 0x08000000: the word at +12, in the second read of the line. */
    static const uint16_t LITERAL[] = {0x4802};
    vb_timing *timing = new_timing(VB_CORE_M4);
    vb_memory_timing memory = {.flash_wait_states = 5, .instruction_cache = true, .data_cache = true};
    vb_timing_set_memory(timing, &memory);
    vb_block block = decode_at(timing, FLASH_BASE, LITERAL, 1);
    uint32_t fetch = 5, refill = 1;
    assert_int_equal(enter(timing, &block), 2 + fetch + FLASH_MISS);
    assert_int_equal(enter(timing, &block), 2 + refill);
    free_timing(timing);
}

/** More streams than a block keeps: the rest counts as RAM. */
static void test_many_streams(void **state)
{
    (void)state;
    uint16_t code[2 * 66];
    uint32_t halfwords = 0;
    for (uint32_t base = 0; base < 12; base++)
        for (uint32_t index = 0; index < base; index++) { /* ldr.w r12, [base, index] */
            code[halfwords++] = (uint16_t)(0xf850 | base);
            code[halfwords++] = (uint16_t)(0xc000 | index);
        }
    vb_timing *timing = new_timing(VB_CORE_M4);
    vb_memory_timing memory = {.flash_wait_states = 5};
    vb_timing_set_memory(timing, &memory);
    vb_block block = decode_at(timing, RAM_BASE, code, halfwords);
    uint32_t registers[16] = {0};
    for (uint32_t i = 0; i < 12; i++)
        registers[i] = FLASH_BASE / 2 + (8U << i);
    assert_int_equal(block.instructions, 66);
    assert_int_equal(block.stream_count, VB_MAX_STREAMS);
    assert_int_equal(block.unfollowed, 66 - VB_MAX_STREAMS);
    assert_int_equal(enter_with(timing, &block, registers), block.base_cycles + VB_MAX_STREAMS * FLASH_MISS);
    free_timing(timing);
}

/* The shortcut for a load from the unit read last must agree with the look-up that it saves. */
static void test_art_shortcut_agrees(void **state)
{
    (void)state;
    vb_data_cache cache = {0};
    uint32_t random = 1, held = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        random = random * 1664525u + 1013904223u;
        uint32_t address = random >> 24, bytes = 1 + (random >> 20 & 15);
        vb_data_cache before = cache;
        bool holds = vb_art_holds(&cache, address, bytes);
        uint32_t misses = vb_art_load(&cache, address, bytes, true);
        held += holds;
        assert_true(!holds || (misses == 0 && memcmp(&before, &cache, sizeof cache) == 0));
    }
    assert_in_range(held, 100, 19900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_art_shortcut_agrees),
        cmocka_unit_test(test_streaming_from_flash),
        cmocka_unit_test(test_region_decides),
        cmocka_unit_test(test_stores),
        cmocka_unit_test(test_tables_that_fit_hit),
        cmocka_unit_test(test_art_cache_is_lru_by_units),
        cmocka_unit_test(test_l1_cache_is_lru_per_set),
        cmocka_unit_test(test_unaligned_loads),
        cmocka_unit_test(test_sums_are_followed),
        cmocka_unit_test(test_loaded_pointers_are_followed),
        cmocka_unit_test(test_several_loads_share_reads),
        cmocka_unit_test(test_what_cannot_be_followed_counts_as_ram),
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_many_streams),
    };
    return cmocka_run_group_tests_name("vboard_timing_data", tests, NULL, NULL);
}
