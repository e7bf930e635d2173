/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_H
#define BENCH_H

#include "hf_test.h"

#include "process.h"

/**
 * @file board_fixture.h
 * A virtual board with stock OpenOCD: unmodified target script, only the set-up given in
 * agents/virtual/README.md. Functions fail the test when something goes wrong.
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
/** With erase and program times of this percentage of the data sheet's; the other functions use 0. */
void bench_open_with_flash_time(struct bench *bench, const chip_facts *chip, const char *percent);
/** SIGTERM; the board must end with status 0 and remove socket and link. */
void bench_close(struct bench *bench);
/** Removes what a board left that exited on its own. */
void bench_clear(struct bench *bench);

/** Starts OpenOCD with these commands, separated by ";", after its configuration. */
void bench_start_openocd(struct bench *bench, process *openocd, const char *commands);
/** Runs OpenOCD until it exits with status `expected`. @return its output, in static storage */
const char *bench_openocd(struct bench *bench, int expected, const char *commands);

/** Fails the test, printing the output, unless `text` is in it. */
void expect_output(const char *output, const char *text);

/** Writes a file in the fixture's folder. @return its path, static storage, overwritten by the next call */
const char *bench_file(struct bench *bench, const char *name, const void *bytes, size_t size);
/** Deterministic pseudo-random bytes. */
void fill_random(uint8_t *bytes, size_t size, uint32_t seed);

#endif
