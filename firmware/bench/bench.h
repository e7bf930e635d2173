/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BENCH_BENCH_H
#define HF_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "proto/frame.h"

/**
 * @file bench.h
 * The board's side of the wire protocol (../proto/SPEC.md): answers requests, stages inputs, runs and
 * measures inferences. Touches hardware only through bench_hal, so that the host tests it too. No heap.
 */

typedef enum bench_crash_kind {
    BENCH_CRASH_UDF,   /**< an undefined instruction */
    BENCH_CRASH_BUS,   /**< a read from where nothing is */
    BENCH_CRASH_STACK, /**< recursion without end */
    BENCH_CRASH_HANG,  /**< a silent endless loop */
} bench_crash_kind;

/** What the bench needs of a chip. Every function is called with `user`. */
typedef struct bench_hal {
    void *user;
    /** Queues or sends bytes; does not lose any. */
    void (*send)(void *user, const char *bytes, size_t size);
    /** Whether set_baud() can make this rate within what a UART receiver tolerates. */
    bool (*baud_possible)(void *user, uint32_t rate);
    /** Waits until everything sent has left the line, then changes to `rate`. */
    void (*set_baud)(void *user, uint32_t rate);
    /** The core's cycle counter; wraps at 2^32. */
    uint32_t (*cycles)(void *user);
    /** Instructions executed so far, or NULL where there is no such counter. */
    uint64_t (*instructions)(void *user);
    /** Most bytes of stack used so far. */
    uint32_t (*stack_bytes)(void *user);
    /** Bytes received with an error, or lost, since boot. */
    uint32_t (*rx_errors)(void *user);
    /** Notes what is being done, for a fault report. `doing` is static. */
    void (*note)(void *user, const char *doing);
    /** For testing fault reports. Does not come back on a board. */
    void (*crash)(void *user, bench_crash_kind kind);
} bench_hal;

/** What is fixed while the firmware runs; strings are static. */
typedef struct bench_board {
    const char *chip;
    const char *core;
    const char *firmware; /**< build identifier, hexadecimal */
    const char *version;
    const char *reset; /**< cause of the last reset */
    uint32_t clock_hz;
    const char *clock_source; /**< what it comes from: "hse", "msi_lse", "msi", "hsi" */
    const uint8_t *model;     /**< where the model image is flashed, 4-byte aligned */
    uint32_t model_address;   /**< the same as the chip sees it */
    uint32_t model_bytes;     /**< room */
    uint8_t *arena;           /**< HF_ARENA_ALIGNMENT-aligned; input staging is carved from its top */
    uint32_t arena_bytes;     /**< room, a multiple of HF_ARENA_ALIGNMENT */
    uint32_t static_bytes;    /**< .data and .bss */
    uint64_t nonce;           /**< what every record carries; 0 = the probe left none */
} bench_board;

/** What an operator's turns have come to so far. */
typedef struct bench_layer {
    uint64_t instructions;
    uint32_t cycles;
    uint32_t crc32; /* of the rows made */
} bench_layer;

/** Private to the bench; a struct only so that it can be allocated statically. */
typedef struct bench {
    /* The large members are last: the nearer a member, the shorter the instructions that reach it. */
    const bench_hal *hal;
    const bench_board *board;
    const hf_frame *request; /* being answered */
    uint32_t sequence;       /* of it, or 0 */
    uint32_t records;        /* sent for it */
    bool looked;             /* for a model image since boot */
    bool staged;
    bool ran;    /* the output tensor in the arena is of this model */
    bool gauged; /* gauge_cycles is of this model */
    hf_engine_status model_status;
    uint8_t *staging;          /* input_bytes at the top of the arena's room, or NULL if that does not fit */
    uint32_t arena_room_bytes; /* what staging leaves */
    hf_model model;            /* valid while model_status is HF_ENGINE_OK */
    uint64_t gauge_cycles;     /* of one inference, summed over turns: the counter cannot wrap unnoticed */
    uint64_t turn_start_instructions; /* of the layer hooks: rows of an operator being made */
    uint32_t turn_start;              /* the same in cycles */
    uint32_t lines_dropped_seen;
    /* operator i at i % HF_CHAIN_MAX: so many can be begun and not complete */
    bench_layer layers[HF_CHAIN_MAX];
    hf_line line;
    char reply[HF_FRAME_MAX_BYTES];
} bench;

/** @param hal, board borrowed for the bench's life */
void bench_init(bench *self, const bench_hal *hal, const bench_board *board);
/** Sends the `boot` record. */
void bench_announce(bench *self);
/** Takes one received byte; answers when it completes a request. */
void bench_receive(bench *self, char byte);

#endif
