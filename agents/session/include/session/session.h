/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SESSION_SESSION_H
#define HF_SESSION_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "figures/figures.h"
#include "serial/serial.h"

/**
 * @file session.h
 * The host's side of the wire protocol (firmware/proto/SPEC.md): one request at a time, each with a deadline.
 * Idempotent requests are repeated when a frame is lost or garbled, `run` only as often as the caller allows.
 * A session lasts from one reset to the next: it ignores every frame that does not carry the nonce written to
 * the board for this reset.
 *
 * Fault classes: serial if frames are lost or garbled or come from another board, or the line is gone; board
 * if the board does not answer at all, resets, reports a fault or violates the protocol; job if it rejects
 * the model image.
 */

#define HF_SESSION_RESET_BAUD 115200u /* SPEC.md: after reset */

typedef struct hf_session hf_session;

typedef struct hf_session_options {
    hf_serial *serial; /**< at HF_SESSION_RESET_BAUD; borrowed until hf_session_free(), like the rest */
    hf_transcript *transcript; /**< for notes; NULL = none */
    const hf_watch *watch;     /**< NULL = none */
    uint32_t reply_ms;    /**< for a request that runs no inference, repetitions included; not 0. `hello` gets
                           four times that */
    uint32_t sample_ms;   /**< between two records of a run; not 0 */
    hf_deadline deadline; /**< of the whole session */
    uint64_t nonce;       /**< that the board's frames must carry; not 0 */
} hf_session_options;

/** How the board identifies itself: record `id` (or frame `boot`). */
typedef struct hf_session_id {
    uint32_t protocol;
    char chip[32];
    char firmware[44]; /**< build identifier */
    char version[32];
    uint32_t clock_hz;
    char clock_source[12]; /**< its source: see firmware/proto/SPEC.md */
    uint32_t model_base;
    uint32_t model_bytes;
    uint32_t arena_bytes;
    char reset[24]; /**< cause */
} hf_session_id;

/** The image that the board found in its flash: record `model`. */
typedef struct hf_session_model {
    char state[8];   /**< "ok", "none", "bad" */
    char reason[80]; /**< when bad */
    uint32_t image_bytes;
    uint32_t crc32;
    uint32_t layers;
    uint32_t arena_bytes;
    uint32_t input_bytes;
    uint32_t output_bytes;
} hf_session_model;

typedef struct hf_session_run {
    uint32_t warmup;
    uint32_t runs;        /**< at least 1 */
    bool layers;          /**< also measure each layer */
    uint32_t layer_count; /**< in the image */
    uint32_t repeats;     /**< how often the whole run may be repeated if records are garbled */
    void (*progress)(void *user, uint32_t done, uint32_t of); /**< NULL = none */
    void *progress_user;
} hf_session_run;

/** Filled by hf_session_measure(). The caller owns the arrays, of `runs` and `layer_count` elements. */
typedef struct hf_session_measured {
    hf_sample *samples;
    hf_layer *layers;                   /**< unused without hf_session_run.layers; may be NULL then */
    HF_RESULT_FIGURES(HF_MEMORY_MEMBER) /* record `memory` */
    uint32_t output_bytes;
    uint32_t output_crc32;
} hf_session_measured;

hf_status hf_session_new(const hf_session_options *options, hf_session **out, hf_error *err);
/** NULL allowed. */
void hf_session_free(hf_session *session);

/**
 * Waits until the firmware is up after a reset: for its `boot` frame or, if that is lost, for an answer to
 * `hello`, with the session's nonce.
 * @return HF_ETIMEOUT (class board) if neither arrived within `boot_ms`; HF_EPROTOCOL (class serial) if only
 *         garbage or frames with another nonce arrived; HF_EMISMATCH (class serial) if another board answers
 */
hf_status hf_session_await_boot(hf_session *session, uint32_t boot_ms, hf_error *err);

/** The board's cycle counter, read at a moment between two host times. */
typedef struct hf_clock_reading {
    uint32_t cycles;              /**< modulo 2^32 */
    uint64_t before_ns, after_ns; /**< hf_now_ns() */
} hf_clock_reading;

/** Request `clock`, several times; returns the reading with the narrowest bounds. */
hf_status hf_session_clock(hf_session *session, hf_clock_reading *out, hf_error *err);

/**
 * Measures the core's clock against the host's, from two readings in order.
 * @param clock_hz    nominal core clock
 * @param ratio       out: measured frequency / clock_hz; valid if the clock is off by less than 2 %
 * @param uncertainty out: largest error of the ratio, because each reading lies somewhere between its bounds
 * @return false if the readings overlap, or are so far apart that the counter's wraps cannot be counted
 */
bool hf_clock_compare(const hf_clock_reading *first, const hf_clock_reading *second, uint32_t clock_hz,
                      double *ratio, double *uncertainty);

/** Request `hello`. */
hf_status hf_session_hello(hf_session *session, hf_session_id *id, hf_session_model *model, hf_error *err);

/**
 * Changes the speed on both sides. Returns to the old speed if the board does not answer at the new one.
 * @param baud in: new speed; out, on success: the speed in use
 * @return class serial if the board answers at neither speed: only a reset recovers it
 */
hf_status hf_session_set_baud(hf_session *session, uint32_t old_baud, uint32_t *baud, hf_error *err);

/** Stages an input from the board's generator and checks its length and CRC-32. */
hf_status hf_session_input_seed(hf_session *session, uint32_t seed, uint32_t bytes, uint32_t crc32,
                                hf_error *err);
/** Sends an input and checks the length and CRC-32 of the staged data. */
hf_status hf_session_input_data(hf_session *session, const uint8_t *input, uint32_t bytes, uint32_t crc32,
                                hf_error *err);
/** Sends the first bytes of an input; the others stay as they are staged. */
hf_status hf_session_input_part(hf_session *session, const uint8_t *input, uint32_t bytes, hf_error *err);
/** Checks the length and CRC-32 of the staged input. */
hf_status hf_session_check_input(hf_session *session, uint32_t bytes, uint32_t crc32, hf_error *err);

/** A state of a model: bytes of its output tensor that belong to the next inference's input tensor. */
typedef struct hf_session_carried {
    uint32_t from;  /**< offset in the output tensor */
    uint32_t to;    /**< offset in the input tensor */
    uint32_t bytes; /**< at least 1 */
} hf_session_carried;

/** Request `carry`: the board copies a state from its last output to the staged input. */
hf_status hf_session_carry(hf_session *session, const hf_session_carried *range, hf_error *err);

/** Request `run`. Checks all records for order and completeness. */
hf_status hf_session_measure(hf_session *session, const hf_session_run *run, hf_session_measured *out,
                             hf_error *err);

/** Request `read`, repeated as needed: reads `bytes` bytes of the last output tensor from `offset`. */
hf_status hf_session_read_output(hf_session *session, uint32_t offset, uint8_t *out, uint32_t bytes,
                                 hf_error *err);

/** Number of requests repeated so far because a frame was lost or garbled. */
uint32_t hf_session_retries(const hf_session *session);

#endif
