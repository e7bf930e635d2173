/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPLAY_H
#define REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "serial/serial.h"

/**
 * @file replay.h
 * A decorator around a serial line: keeps what the board says in one attempt, and in a later one says all of
 * it again, once at the beginning and once after each request, before the board's own answer.
 */

typedef struct replay {
    bool recording; /**< keep what comes; else say it again */
    char *bytes;
    size_t size;
    uint32_t repeated; /**< how often the whole of it was said again */
} replay;

/** For hf_board_hooks.wrap_serial; `user` is a replay that outlives the line. */
struct hf_serial *replay_wrap(void *user, struct hf_serial *line);
/** Changes every cycle count in the recording and updates the checksums. */
void replay_tamper(replay *self);
void replay_free(replay *self);

#endif
