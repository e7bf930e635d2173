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
 * measures inferences. Accesses hardware only through bench_hal, so that it is tested on the host. No heap.
 */

typedef enum bench_crash_kind {
    BENCH_CRASH_UDF,   /**< an undefined instruction */
    BENCH_CRASH_BUS,   /**< a read from an unmapped address */
    BENCH_CRASH_STACK, /**< endless recursion */
    BENCH_CRASH_HANG,  /**< a silent endless loop */
} bench_crash_kind;

/** The hardware interface. Every function is called with `user`. */
typedef struct bench_hal {
    void *user;
    /** Queues or sends all bytes. */
    void (*send)(void *user, const char *bytes, size_t size);
    /** Whether set_baud() can produce this rate within the tolerance of a UART receiver. */
    bool (*baud_possible)(void *user, uint32_t rate);
    /** Waits until everything has been sent, then changes to `rate`. */
    void (*set_baud)(void *user, uint32_t rate);
    /** The core's cycle counter; wraps at 2^32. */
    uint32_t (*cycles)(void *user);
    /** Instructions executed so far; NULL if there is no such counter. */
    uint64_t (*instructions)(void *user);
    /** High-water mark of the stack, bytes. */
    uint32_t (*stack_bytes)(void *user);
    /** Bytes lost or received with an error since boot. */
    uint32_t (*rx_errors)(void *user);
    /** Records the current activity for a fault report. `doing` is static. */
    void (*note)(void *user, const char *doing);
    /** Crashes, to test fault reports. Does not return on a board. */
    void (*crash)(void *user, bench_crash_kind kind);
} bench_hal;

/** Properties of the board, constant while the firmware runs; strings are static. */
typedef struct bench_board {
    const char *chip;
    const char *core;
    const char *firmware; /**< build identifier, hexadecimal */
    const char *version;
    const char *reset; /**< cause of the last reset */
    uint32_t clock_hz;
    const char *clock_source; /**< its source: "hse", "msi_lse", "msi", "hsi" */
    const uint8_t *model;     /**< the model image in flash, 4-byte aligned */
    uint32_t model_address;   /**< its address on the chip */
    uint32_t model_bytes;     /**< capacity */
    uint8_t *arena;           /**< HF_ARENA_ALIGNMENT-aligned; the input is staged at its top */
    uint32_t arena_bytes;     /**< capacity, a multiple of HF_ARENA_ALIGNMENT */
    uint32_t static_bytes;    /**< .data and .bss */
    uint64_t nonce;           /**< sent in every record; 0 = none */
} bench_board;

/** Sums over an operator's rows so far. */
typedef struct bench_layer {
    uint64_t instructions;
    uint32_t cycles;
    uint32_t crc32; /* of the rows computed */
} bench_layer;

/** Private to the bench; declared here so that it can be allocated statically. */
typedef struct bench {
    /* Large members last: instructions that access a small offset are shorter. */
    const bench_hal *hal;
    const bench_board *board;
    const hf_frame *request; /* current */
    uint32_t sequence;       /* of the request, or 0 */
    uint32_t records;        /* sent for the request */
    bool looked;             /* has checked for a model image since boot */
    bool staged;
    bool ran;    /* the arena holds an output of this model */
    bool gauged; /* gauge_cycles is valid for this model */
    hf_engine_status model_status;
    uint8_t *staging;                 /* input_bytes at the top of the arena, or NULL if they do not fit */
    uint32_t arena_room_bytes;        /* available without the staging buffer */
    hf_model model;                   /* valid while model_status is HF_ENGINE_OK */
    uint64_t gauge_cycles;            /* of one inference, summed in 64 bits so that wraps are counted */
    uint64_t rows_start_instructions; /* for the layer hooks: when the engine began the current rows */
    uint32_t rows_start;              /* the same in cycles */
    uint32_t lines_dropped_seen;
    bench_layer layers[HF_CHAIN_MAX]; /* operator i at i % HF_CHAIN_MAX: the limit of unfinished operators */
    hf_line line;
    char reply[HF_FRAME_MAX_BYTES];
} bench;

/** @param hal, board borrowed for the bench's life */
void bench_init(bench *self, const bench_hal *hal, const bench_board *board);
/** Sends the `boot` record. */
void bench_announce(bench *self);
/** Processes a received byte; answers when it completes a request. */
void bench_receive(bench *self, char byte);

#endif
