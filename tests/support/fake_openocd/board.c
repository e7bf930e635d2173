/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* firmware/bench/INFO.md */
#define INFO_OFFSET     0x200u
#define VERSION_OFFSET  0x218u
#define BUILD_ID_OFFSET 0x23Cu
#define BUILD_ID_BYTES  20u
#define NONCE_MAGIC     0x434E4648u

#define CYCLES_STEP 12345u
#define RAM_SPARE   (16u * 1024u) /* for .data, .bss and stack */

static void send_bytes(void *user, const char *bytes, size_t size)
{
    board *self = user;
    while (self->serial_fd >= 0 && size) {
        ssize_t put = write(self->serial_fd, bytes, size);
        if (put <= 0)
            return; /* the host has hung up: nobody listens */
        bytes += put;
        size -= (size_t)put;
    }
}

static bool baud_possible(void *user, uint32_t rate)
{
    (void)user;
    (void)rate;
    return true;
}

static void set_baud(void *user, uint32_t rate)
{
    (void)user; /* TCP has no baud rate */
    (void)rate;
}

static uint32_t cycles(void *user)
{
    board *self = user;
    return self->cycles += CYCLES_STEP;
}

static uint32_t stack_bytes(void *user)
{
    (void)user;
    return 1024;
}

static uint32_t rx_errors(void *user)
{
    (void)user;
    return 0;
}

static void note(void *user, const char *doing)
{
    (void)user;
    (void)doing;
}

static void crash(void *user, bench_crash_kind kind)
{
    (void)user;
    (void)kind;
    abort();
}

bool board_setup(board *self, const char *chip)
{
    *self = (board){.chip = hf_chip_find(chip), .serial_fd = -1};
    if (!self->chip)
        return false;
    self->flash = malloc(self->chip->flash_bytes);
    self->arena = aligned_alloc(4096, self->chip->ram_bytes);
    if (!self->flash || !self->arena)
        return false;
    memset(self->flash, 0xFF, self->chip->flash_bytes);
    self->hal = (bench_hal){.user = self,
                            .send = send_bytes,
                            .baud_possible = baud_possible,
                            .set_baud = set_baud,
                            .cycles = cycles,
                            .stack_bytes = stack_bytes,
                            .rx_errors = rx_errors,
                            .note = note,
                            .crash = crash};
    return true;
}

/* The nonce that the host has written; 0 = none. It is good for one reset. */
static uint64_t take_nonce(board *self)
{
    const uint32_t *words = self->nonce_words;
    const bool valid = words[0] == NONCE_MAGIC && words[3] == ~(words[0] ^ words[1] ^ words[2]);
    const uint64_t nonce = valid ? (uint64_t)words[2] << 32 | words[1] : 0;
    memset(self->nonce_words, 0, sizeof self->nonce_words);
    return nonce;
}

void board_reset(board *self)
{
    const hf_chip *chip = self->chip;
    self->properties = (bench_board){0};
    if (memcmp(self->flash + INFO_OFFSET, "HFFW", 4) != 0)
        return;
    for (uint32_t i = 0; i < BUILD_ID_BYTES; i++)
        snprintf(self->build_id + 2 * (size_t)i, 3, "%02x", self->flash[BUILD_ID_OFFSET + i]);
    memcpy(self->version, self->flash + VERSION_OFFSET, sizeof self->version - 1);
    self->properties = (bench_board){
        .chip = chip->name,
        .core = chip->core,
        .firmware = self->build_id,
        .version = self->version,
        .reset = "software",
        .clock_hz = chip->clock_hz,
        .clock_source = "hse",
        .model = self->flash + (chip->model_base - chip->flash_base),
        .model_address = chip->model_base,
        .model_bytes = chip->model_bytes,
        .arena = self->arena,
        .arena_bytes = chip->ram_bytes - RAM_SPARE,
        .static_bytes = 1024,
        .nonce = take_nonce(self),
    };
    bench_init(&self->bench, &self->hal, &self->properties);
    bench_announce(&self->bench);
}

void board_receive(board *self, const char *bytes, size_t size)
{
    for (size_t i = 0; self->properties.chip && i < size; i++)
        bench_receive(&self->bench, bytes[i]);
}
