/* SPDX-License-Identifier: Apache-2.0 */
#include "timing_fixture.h"

/* Instruction fetch from flash: wait states, prefetch and caches. */

enum { LINE_BYTES = 32, READ_BYTES = 8, CODE_BYTES = 8192, MAX_WAYS = 32, MAX_SETS = 256 };

/** A simple FIFO cache: a queue of lines per set. */
typedef struct fifo_cache {
    uint32_t sets, ways;
    uint32_t lines[MAX_SETS][MAX_WAYS];
    uint32_t count[MAX_SETS];
} fifo_cache;

/** @return true if the line was present; it is afterwards */
static bool fifo_look_up(fifo_cache *cache, uint32_t line)
{
    uint32_t set = line % cache->sets;
    uint32_t *queue = cache->lines[set];
    for (uint32_t i = 0; i < cache->count[set]; i++) {
        if (queue[i] == line)
            return true;
    }
    if (cache->count[set] == cache->ways) {
        memmove(queue, queue + 1, (cache->ways - 1) * sizeof *queue);
        cache->count[set]--;
    }
    queue[cache->count[set]++] = line;
    return false;
}

static vb_block decode_nops(vb_timing *timing, uint32_t address, uint32_t halfwords)
{
    uint16_t code[MAX_CODE_BYTES / 2];
    for (uint32_t i = 0; i < halfwords; i++)
        code[i] = 0xbf00;
    return decode_at(timing, address, code, halfwords);
}

/** Flash reads of 8 bytes, or lines, that a block misses in the cache. */
static uint32_t missing_units(fifo_cache *cache, const vb_block *block, bool count_reads)
{
    uint32_t missing = 0;
    uint32_t end = block->address + block->size_bytes;
    for (uint32_t line = block->address / LINE_BYTES; line <= (end - 1) / LINE_BYTES; line++) {
        if (fifo_look_up(cache, line))
            continue;
        if (!count_reads) {
            missing++;
            continue;
        }
        for (uint32_t at = line * LINE_BYTES; at < (line + 1) * LINE_BYTES; at += READ_BYTES)
            missing += at + READ_BYTES > block->address && at < end;
    }
    return missing;
}

/**
 * Runs the same random walk over blocks through the model with wait states, the model without, and the FIFO:
 * the difference between the models must equal the FIFO's misses. The walk mixes loops that fit with jumps
 * that do not.
 */
static void check_walk(vb_core core, fifo_cache *cache, uint32_t wait_states, uint32_t wait_per_unit,
                       uint32_t spread_bytes)
{
    static vb_block slow_blocks[64];
    static vb_block fast_blocks[64];
    vb_timing *slow = new_timing(core);
    vb_timing *fast = new_timing(core);
    vb_memory_timing memory = {.flash_wait_states = wait_states, .instruction_cache = true};
    vb_timing_set_memory(slow, &memory);
    uint32_t random = 7;
    for (int i = 0; i < 64; i++) {
        uint32_t address = FLASH_BASE + (next_random(&random) % spread_bytes & ~1U);
        uint32_t halfwords = 1 + next_random(&random) % 60;
        slow_blocks[i] = decode_nops(slow, address, halfwords);
        fast_blocks[i] = decode_nops(fast, RAM_BASE + (address - FLASH_BASE), halfwords);
    }
    uint32_t hits = 0;
    uint32_t window = 0;
    for (int step = 0; step < 50000; step++) {
        if (step % 50 == 0)
            window = next_random(&random) % 60;
        uint32_t i =
            next_random(&random) % 16 == 0 ? next_random(&random) % 64 : window + next_random(&random) % 4;
        uint32_t missing = missing_units(cache, &slow_blocks[i], core == VB_CORE_M4);
        uint32_t waited = enter(slow, &slow_blocks[i]) - enter(fast, &fast_blocks[i]);
        assert_int_equal(waited, missing * wait_per_unit);
        hits += missing == 0;
    }
    assert_in_range(hits, 1000, 49000); /* the walk covered both */
    free_timing(slow);
    free_timing(fast);
}

static void test_m4_cache_is_a_fifo(void **state)
{
    (void)state;
    fifo_cache cache = {.sets = 1, .ways = 32};
    check_walk(VB_CORE_M4, &cache, 5, 5, CODE_BYTES);
}

static void test_m7_cache_is_a_fifo_per_set(void **state)
{
    (void)state;
    static fifo_cache cache = {.sets = 256, .ways = 2};
    check_walk(VB_CORE_M7, &cache, 7, 7 + 6, 256 * 1024);
}

static void test_m4_sequential_prefetch(void **state)
{
    (void)state;
    vb_timing *timing = new_timing(VB_CORE_M4);
    vb_memory_timing memory = {.flash_wait_states = 5, .flash_prefetch = true, .instruction_cache = true};
    vb_timing_set_memory(timing, &memory);
    /* 16 nops = 32 bytes = 4 reads. The first waits 5; each other read of 6 cycles hides 4 behind
     * 4 nops: 2. */
    vb_block first = decode_nops(timing, FLASH_BASE, 16);
    vb_block second = decode_nops(timing, FLASH_BASE + 32, 16);
    assert_int_equal(enter(timing, &first), 16 + 5 + 3 * 2);
    assert_int_equal(enter(timing, &second), 16 + 4 * 2); /* continues without a jump */
    assert_int_equal(enter(timing, &first), 16 + 1);      /* all resident now */
    assert_int_equal(enter(timing, &second), 16);
    free_timing(timing);
}

static void test_switching_the_cache_off_empties_it(void **state)
{
    (void)state;
    vb_timing *timing = new_timing(VB_CORE_M4);
    vb_memory_timing on = {.flash_wait_states = 5, .instruction_cache = true};
    vb_memory_timing off = {.flash_wait_states = 5};
    vb_block block = decode_nops(timing, FLASH_BASE, 4);
    vb_timing_set_memory(timing, &on);
    assert_int_equal(enter(timing, &block), 4 + 5);
    assert_int_equal(enter(timing, &block), 4 + 1);
    vb_timing_set_memory(timing, &off);
    assert_int_equal(enter(timing, &block), 4 + 1 + 5);
    assert_int_equal(enter(timing, &block), 4 + 1 + 5); /* never resident */
    vb_timing_set_memory(timing, &on);
    assert_int_equal(enter(timing, &block), 4 + 1 + 5);
    assert_int_equal(enter(timing, &block), 4 + 1);
    vb_timing_flush_caches(timing);
    assert_int_equal(enter(timing, &block), 4 + 1 + 5);
    free_timing(timing);
}

static void test_no_wait_in_ram(void **state)
{
    (void)state;
    vb_timing *timing = new_timing(VB_CORE_M4);
    vb_memory_timing memory = {.flash_wait_states = 5};
    vb_timing_set_memory(timing, &memory);
    vb_block block = decode_nops(timing, RAM_BASE, 16);
    assert_int_equal(enter(timing, &block), 16);
    free_timing(timing);
}

/** Runs a fixed random walk and returns a digest of every block's cycles. */
static uint64_t walk_digest(vb_timing *timing, const vb_memory_timing *memory)
{
    vb_block blocks[32];
    uint32_t random = 3;
    uint64_t digest = 0;
    vb_timing_set_memory(timing, memory);
    for (int i = 0; i < 32; i++) {
        uint16_t code[32];
        for (int k = 0; k < 32; k++)
            code[k] = (uint16_t)next_random(&random);
        blocks[i] = decode_at(timing, FLASH_BASE + 64 * (next_random(&random) % 512), code, 32);
    }
    for (int step = 0; step < 20000; step++) {
        vb_block *block = &blocks[next_random(&random) % 32];
        uint32_t registers[16];
        for (int i = 0; i < 16; i++)
            registers[i] = (i & 1 ? RAM_BASE : FLASH_BASE) + next_random(&random) % 65536;
        digest = digest * 31 + enter_with(timing, block, registers);
    }
    return digest;
}

static void test_same_walk_same_cycles(void **state)
{
    (void)state;
    for (int core = VB_CORE_M4; core <= VB_CORE_M7; core++) {
        vb_memory_timing memory = {5, true, true, true};
        vb_timing *first = new_timing((vb_core)core);
        vb_timing *second = new_timing((vb_core)core);
        uint64_t digest = walk_digest(first, &memory);
        assert_true(digest == walk_digest(second, &memory));
        vb_timing_reset(first); /* the same object, after a reset of the chip */
        assert_true(digest == walk_digest(first, &memory));
        memory.flash_wait_states = 6; /* and the digest depends on the timing */
        vb_timing_reset(first);
        assert_true(digest != walk_digest(first, &memory));
        free_timing(first);
        free_timing(second);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_m4_cache_is_a_fifo),
        cmocka_unit_test(test_m7_cache_is_a_fifo_per_set),
        cmocka_unit_test(test_m4_sequential_prefetch),
        cmocka_unit_test(test_switching_the_cache_off_empties_it),
        cmocka_unit_test(test_no_wait_in_ram),
        cmocka_unit_test(test_same_walk_same_cycles),
    };
    return cmocka_run_group_tests_name("vboard_timing_fetch", tests, NULL, NULL);
}
