/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_flasher.h"

#include <stdlib.h>
#include <string.h>

static hf_status answer(const fake_flasher *self, hf_error *err)
{
    return self->fails == HF_OK ? HF_OK : HF_FAIL_AS(err, HF_FAULT_PROBE, self->fails, "the probe is gone");
}

static hf_status reset_halt(void *state, hf_deadline deadline, hf_error *err)
{
    (void)deadline;
    fake_flasher *self = state;
    self->resets_halted++;
    return answer(self, err);
}

static hf_status reset_run(void *state, hf_deadline deadline, hf_error *err)
{
    (void)deadline;
    fake_flasher *self = state;
    self->resets_run++;
    hf_status status = answer(self, err);
    if (status == HF_OK && self->ran)
        self->ran(self->ran_user);
    return status;
}

static hf_status halt(void *state, hf_deadline deadline, hf_error *err)
{
    (void)deadline;
    fake_flasher *self = state;
    self->halts++;
    return answer(self, err);
}

/* Erases the units from `from` to the one that holds `to` - 1. */
static void erase(fake_flasher *self, uint32_t from, uint32_t to)
{
    for (uint32_t i = 0; i < self->chip->span_count; i++) {
        const hf_flash_span *span = &self->chip->spans[i];
        for (uint32_t unit = 0; unit < span->unit_count; unit++) {
            uint32_t start = span->base - self->chip->flash_base + unit * span->unit_bytes;
            if (start + span->unit_bytes > from && start < to) {
                memset(self->flash + start, 0xff, span->unit_bytes);
                self->written_bytes += span->unit_bytes;
            }
        }
    }
}

static hf_status write_flash(void *state, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                             hf_deadline deadline, hf_error *err)
{
    (void)deadline;
    fake_flasher *self = state;
    uint32_t from = address - self->chip->flash_base;
    self->writes++;
    hf_status status = answer(self, err);
    if (status != HF_OK)
        return status;
    erase(self, from, from + (uint32_t)size_bytes);
    memcpy(self->flash + from, bytes, size_bytes);
    if (self->wears_out)
        self->flash[from + size_bytes / 2] ^= 1;
    return HF_OK;
}

static hf_status verify_flash(void *state, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                              hf_deadline deadline, hf_error *err)
{
    (void)deadline;
    fake_flasher *self = state;
    self->verifies++;
    hf_status status = answer(self, err);
    if (status != HF_OK)
        return status;
    return memcmp(self->flash + (address - self->chip->flash_base), bytes, size_bytes) == 0 ? HF_OK
                                                                                            : HF_EMISMATCH;
}

static hf_status read_words(void *state, uint32_t address, uint32_t *words, uint32_t count,
                            hf_deadline deadline, hf_error *err)
{
    (void)deadline;
    const fake_flasher *self = state;
    if (self->refused_address && address == self->refused_address)
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_ETARGET, "no answer at 0x%08x", (unsigned)address);
    for (uint32_t i = 0; i < count; i++)
        words[i] = fake_flasher_peek(self, address + 4 * i);
    return answer(self, err);
}

static hf_status write_words(void *state, uint32_t address, const uint32_t *words, uint32_t count,
                             hf_deadline deadline, hf_error *err)
{
    (void)deadline;
    fake_flasher *self = state;
    for (uint32_t i = 0; i < count && !self->forgets_words; i++)
        fake_flasher_poke(self, address + 4 * i, words[i]);
    return answer(self, err);
}

static hf_status ended(void *state, uint32_t wait_ms, hf_error *err)
{
    (void)wait_ms;
    return answer(state, err);
}

static const char *version(const void *state)
{
    (void)state;
    return "a flasher for tests";
}

static const char *last_error(const void *state)
{
    const fake_flasher *self = state;
    return self->refused_address ? "refused" : "";
}

static void close_flasher(void *state)
{
    fake_flasher *self = state;
    self->closes++;
}

hf_status fake_flasher_open(void *user, const hf_chip *chip, hf_flasher **out, hf_error *err)
{
    static const hf_flasher_ops ops = {
        .reset_halt = reset_halt,
        .reset_run = reset_run,
        .halt = halt,
        .write_flash = write_flash,
        .verify_flash = verify_flash,
        .read_words = read_words,
        .write_words = write_words,
        .ended = ended,
        .version = version,
        .last_error = last_error,
        .close = close_flasher,
    };
    fake_flasher *self = user;
    self->chip = chip;
    if (!self->flash)
        self->flash = calloc(1, chip->flash_bytes);
    if (!self->flash)
        abort();
    return hf_flasher_new(&ops, self, chip, out, err);
}

void fake_flasher_free(fake_flasher *self)
{
    free(self->flash);
    self->flash = NULL;
}

void fake_flasher_poke(fake_flasher *self, uint32_t address, uint32_t value)
{
    fake_word *word = self->words;
    while (word < self->words + FAKE_WORDS && word->address != address && word->address != 0)
        word++;
    if (word == self->words + FAKE_WORDS)
        abort();
    *word = (fake_word){address, value};
}

uint32_t fake_flasher_peek(const fake_flasher *self, uint32_t address)
{
    for (int i = 0; i < FAKE_WORDS; i++)
        if (self->words[i].address == address)
            return self->words[i].value;
    return 0;
}
