/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TIMING_FIXTURE_H
#define TIMING_FIXTURE_H

#include "hf_test.h"
#include "timing/timing.h"

/* A chip for the timing model: flash, SRAM, AXI SRAM and peripherals at the STM32's addresses. */

enum {
    FLASH_BASE = 0x08000000,
    RAM_BASE = 0x20000000,
    AXI_BASE = 0x20020000,
    DEVICE_BASE = 0x40000000,
    MAX_CODE_BYTES = 1024
};

static inline vb_place place_of(void *user, uint32_t address)
{
    (void)user;
    if (address >= DEVICE_BASE)
        return (vb_place){VB_REGION_DEVICE, 0};
    if (address >= AXI_BASE)
        return (vb_place){VB_REGION_AXI, 3};
    return address >= RAM_BASE ? (vb_place){VB_REGION_RAM, 2} : (vb_place){VB_REGION_FLASH, 1};
}

/** Words that tests put into RAM and flash; everything else reads as 0. */
typedef struct memory_word {
    uint32_t address, value;
} memory_word;

static memory_word memory_words[16];
static uint32_t memory_word_count;

static inline bool read_memory(void *user, uint32_t address, uint32_t bytes, uint32_t *value)
{
    (void)user;
    *value = 0;
    for (uint32_t i = 0; i < memory_word_count; i++)
        if (memory_words[i].address == (address & ~3U))
            *value = memory_words[i].value >> (address & 3) * 8;
    if (bytes < 4)
        *value &= (1U << bytes * 8) - 1;
    return address < DEVICE_BASE;
}

static inline vb_timing *new_timing(vb_core core)
{
    vb_timing *timing = vb_timing_new(core, &(vb_memory_view){NULL, place_of, read_memory});
    assert_non_null(timing);
    return timing;
}

/** What the blocks from decode_at() own. */
static vb_block decoded[8192];
static uint32_t decoded_count;

static inline void free_timing(vb_timing *timing)
{
    while (decoded_count > 0)
        vb_timing_release(&decoded[--decoded_count]);
    vb_timing_free(timing);
}

/** Decodes halfwords, in the order an assembler listing shows them, as one block. */
static inline vb_block decode_at(vb_timing *timing, uint32_t address, const uint16_t *code,
                                 uint32_t halfwords)
{
    uint8_t bytes[MAX_CODE_BYTES];
    assert_in_range(halfwords, 0, sizeof bytes / 2);
    for (size_t i = 0; i < halfwords; i++) {
        bytes[2 * i] = (uint8_t)code[i];
        bytes[2 * i + 1] = (uint8_t)(code[i] >> 8);
    }
    vb_block block;
    memset(&block, 0xA5, sizeof block); /* decoding fills in everything */
    assert_true(vb_timing_decode(timing, address, bytes, halfwords * 2, &block));
    assert_int_equal(block.address, address);
    assert_int_equal(block.size_bytes, halfwords * 2);
    assert_true(decoded_count < sizeof decoded / sizeof *decoded);
    decoded[decoded_count++] = block;
    return block;
}

/** Executes a block with these values in r0 to r15. */
static inline uint32_t enter_with(vb_timing *timing, vb_block *block, const uint32_t registers[16])
{
    uint32_t slots[VB_MAX_SLOTS];
    memset(slots, 0xA5, sizeof slots);
    for (uint32_t i = 0; i < block->input_count; i++)
        slots[i] = registers[block->inputs[i]];
    return vb_timing_enter(timing, block, slots);
}

/** Executes a block with RAM addresses in all registers. */
static inline uint32_t enter(vb_timing *timing, vb_block *block)
{
    uint32_t registers[16];
    for (uint32_t i = 0; i < 16; i++)
        registers[i] = RAM_BASE;
    return enter_with(timing, block, registers);
}

/** Straight-line code in zero-wait memory. */
typedef struct code_case {
    const char *what;
    uint32_t instructions;
    uint32_t cycles;
    uint16_t code[16];
    uint32_t halfwords;
} code_case;

#define CODE(...) {__VA_ARGS__}, sizeof((uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t)

static inline vb_place all_ram(void *user, uint32_t address)
{
    (void)user;
    (void)address;
    return (vb_place){VB_REGION_RAM, 1};
}

static inline void check_cases(vb_core core, const code_case *cases, size_t count)
{
    vb_timing *timing = vb_timing_new(core, &(vb_memory_view){NULL, all_ram, read_memory});
    assert_non_null(timing);
    for (size_t i = 0; i < count; i++) {
        const code_case *c = &cases[i];
        vb_block block = decode_at(timing, RAM_BASE, c->code, c->halfwords);
        vb_timing_reset(timing);
        uint32_t cycles = enter(timing, &block);
        if (cycles != c->cycles || block.instructions != c->instructions)
            fail_msg("%s: %u instructions in %u cycles, expected %u in %u", c->what, block.instructions,
                     cycles, c->instructions, c->cycles);
    }
    free_timing(timing);
}

/** Deterministic pseudo-random numbers (xorshift, 32 bits). */
static inline uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

#endif
