/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_OPENOCD_BOARD_H
#define FAKE_OPENOCD_BOARD_H

#include "bench.h"
#include "chips/chips.h"

/**
 * @file board.h
 * A board for tests at scale: the firmware's measuring loop and the engine, compiled for the host, with a flash that is an
 * array. It computes real outputs of the models that it is flashed with. Its cycle counter is a fiction: every reading is
 * a fixed step after the last one.
 */

typedef struct board {
    const hf_chip *chip;
    uint8_t *flash;  /* chip->flash_bytes */
    uint8_t *arena;  /* chip->ram_bytes */
    int serial_fd;   /* where it sends; -1 = nowhere */
    uint32_t cycles; /* the fictitious counter */
    uint32_t nonce_address, nonce_words[4];
    char build_id[41], version[17];
    bench_hal hal;
    bench_board properties;
    bench bench;
} board;

/** @return false if there is no such chip, or no memory */
bool board_setup(board *self, const char *chip);
/** Starts the firmware that is in the flash; without one, nothing answers. */
void board_reset(board *self);
/** Processes what was received on the serial line. */
void board_receive(board *self, const char *bytes, size_t size);

#endif
