/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_BOARD_H
#define FAKE_BOARD_H

#include "bench.h"

#define FAKE_ARENA_BYTES 1024U
#define FAKE_MAX_FRAMES  64U

/** A simulated board that runs the bench and stores its answers as parsed frames. */
typedef struct fake_board {
    bench_hal hal;
    bench_board board;
    bench bench;
    _Alignas(16) uint8_t arena[FAKE_ARENA_BYTES];
    uint32_t model[4];
    uint32_t cycles;       /* the counter; the fake engine advances it */
    uint64_t instructions; /* likewise */
    uint32_t baud;
    uint32_t sent_at_baud_change; /* frames that had been sent by then */
    int crashed;                  /* kind, or -1 */
    const char *doing;
    hf_line line;
    char lines[FAKE_MAX_FRAMES][HF_FRAME_MAX_BYTES + 1];
    hf_frame frames[FAKE_MAX_FRAMES];
    uint32_t frame_count;
} fake_board;

/** Behaviour of the fake engine; reset by fake_board_setup(). */
typedef struct fake_engine {
    hf_engine_status open_status, run_status;
    uint32_t crc32;
    uint32_t arena_bytes, input_bytes, output_bytes;
    uint32_t layer_cycles; /* of each of the three layers */
    bool chained; /* the first two compute their rows alternately; a second row takes one more cycle */
    uint32_t idle_cycles;     /* and instructions, between the rows of different layers */
    uint32_t extra_per_run;   /* each run takes this many more than the last */
    uint32_t runs;            /* hf_model_run() calls so far */
    uint32_t hooked_runs;     /* those with hooks */
    uint32_t disturb_at_run;  /* the run of this number (from 1) gives a different output; 0 = none */
    uint32_t arena_given;     /* arena_bytes of the last run */
    const char *doing_at_run; /* the activity recorded at the last run */
    fake_board *board;
} fake_engine;

extern fake_engine the_engine;

/** Value `at` of the output of a layer that is not the last. */
static inline int8_t fake_engine_value(uint32_t layer, uint32_t at)
{
    return (int8_t)(at * 7 + layer * 50);
}

#define FAKE_NONCE 0xFEDCBA9876543210U

void fake_board_setup(fake_board *self);
/** Sends a frame "type key=value ..." with this sequence number and its checksum; forgets earlier answers. */
void fake_board_request(fake_board *self, uint32_t sequence, const char *body);
/** Sends raw bytes; forgets earlier answers. */
void fake_board_push(fake_board *self, const char *bytes, size_t size);

#endif
