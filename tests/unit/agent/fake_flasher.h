/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_FAKE_FLASHER_H
#define AGENT_FAKE_FLASHER_H

#include <stdbool.h>

#include "flasher/flasher.h"

/*
 * A flasher whose chip is memory of the test: flash of any chip, and some words of RAM and debug registers.
 * It counts what is asked of it and misbehaves where a test says so.
 */

#define FAKE_WORDS 64

typedef struct fake_word {
    uint32_t address, value;
} fake_word;

typedef struct fake_flasher {
    const hf_chip *chip;
    uint8_t *flash;              /* chip->flash_bytes; zeros at first */
    fake_word words[FAKE_WORDS]; /* memory that can be read; the first free one has address 0 */
    uint32_t refused_address;    /* reading it fails with HF_ETARGET; 0 = none */
    bool forgets_words;          /* writes to memory are lost */
    bool wears_out;              /* a byte in each written range is wrong */
    hf_status fails;             /* status of every operation, class probe; HF_OK = they succeed */
    void (*ran)(void *user);     /* called after a reset that lets the chip run; NULL = nothing */
    void *ran_user;

    /* Operations so far. */
    int halts, resets_halted, resets_run, writes, verifies, closes;
    uint32_t written_bytes;
} fake_flasher;

/** Opens it; `user` is the fake_flasher, which outlives the flasher: a hf_board_hooks.open_flasher. Its flash
 * is kept from one opening to the next. */
hf_status fake_flasher_open(void *user, const hf_chip *chip, hf_flasher **out, hf_error *err);
void fake_flasher_free(fake_flasher *self);

/** Sets a word of memory. */
void fake_flasher_poke(fake_flasher *self, uint32_t address, uint32_t value);
/** A word of memory; 0 if it was never written. */
uint32_t fake_flasher_peek(const fake_flasher *self, uint32_t address);

#endif
