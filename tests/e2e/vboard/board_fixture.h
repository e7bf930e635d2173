/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_H
#define BENCH_H

#include "hf_test.h"

#include "process.h"

/**
 * @file bench.h
 * A virtual board on the bench, with stock OpenOCD beside it: unmodified target script, no extra set-up but
 * what agents/virtual/README.md gives. Functions fail the test when something goes wrong.
 */

typedef struct chip_facts {
    const char *name;
    const char *target; /* OpenOCD's script, without folder and suffix */
    const char *tap;    /* what OpenOCD prints about the chain */
    uint32_t sector;    /* index of the flash sector at sector_address */
    uint32_t sector_address;
    uint32_t sector_bytes;
} chip_facts;

extern const chip_facts chips[2];

struct bench {
    const chip_facts *chip;
    char folder[40], socket[64], link[64];
    process board;
};

/** Starts hilfarm-vboard, with `fault` as its --fault list unless it is NULL, and waits for "ready". */
void bench_open(struct bench *bench, const chip_facts *chip, const char *fault);
/** Likewise, with --flash. */
void bench_open_with_flash(struct bench *bench, const chip_facts *chip, const char *flash_path);
/** Erasing and programming take so much of the data sheet's time, in percent; the others take none. */
void bench_open_with_flash_time(struct bench *bench, const chip_facts *chip, const char *percent);
/** SIGTERM; the board must end with status 0 and remove socket and link. */
void bench_close(struct bench *bench);
/** After a board that ended by itself: removes what it left. */
void bench_clear(struct bench *bench);

/** Starts OpenOCD with these commands, separated by ";", after its configuration. */
void bench_start_openocd(struct bench *bench, process *openocd, const char *commands);
/** Runs OpenOCD to its end. @return its output, static storage; the exit status must be `expected` */
const char *bench_openocd(struct bench *bench, int expected, const char *commands);

/** Fails the test, printing the output, unless `text` is in it. */
void expect_output(const char *output, const char *text);

/** Writes a file in the bench's folder. @return its path, static storage, overwritten by the next call */
const char *bench_file(struct bench *bench, const char *name, const void *bytes, size_t size);
/** Deterministic bytes without pattern. */
void fill_random(uint8_t *bytes, size_t size, uint32_t seed);

#endif
