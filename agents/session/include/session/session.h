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
 * Requests that change nothing when repeated are repeated when a frame was lost or garbled; a `run` only as
 * often as the caller allows. A session lasts from one reset to the next: nothing is believed that does not
 * carry the nonce left in the board for this reset.
 *
 * Failures: class serial when frames are lost or garbled, are another board's, or the line is gone; board
 * when the board answers nothing at all, resets, reports a fault or breaks the protocol; job when it refuses
 * the model image.
 */

#define HF_SESSION_RESET_BAUD 115200u /* SPEC.md: after reset */

typedef struct hf_session hf_session;

typedef struct hf_session_options {
    hf_serial *serial;         /**< at HF_SESSION_RESET_BAUD; borrowed, as is the rest, until _free() */
    hf_transcript *transcript; /**< for remarks; NULL = none */
    const hf_watch *watch;     /**< NULL = none */
    uint32_t reply_ms;  /**< for a request that computes nothing, its repetitions included; not 0. `hello` has
                           four times that */
    uint32_t sample_ms; /**< between two records of a run; not 0 */
    hf_deadline deadline; /**< of everything done in this session */
    uint64_t nonce;       /**< what the board must answer with; not 0 */
} hf_session_options;

/** What the board says of itself: record `id` (or frame `boot`). */
typedef struct hf_session_id {
    uint32_t protocol;
    char chip[32];
    char firmware[44]; /**< build identifier */
    char version[32];
    uint32_t clock_hz;
    char clock_source[12]; /**< what it comes from: firmware/proto/SPEC.md */
    uint32_t model_base;
    uint32_t model_bytes;
    uint32_t arena_bytes;
    char reset[24]; /**< cause */
} hf_session_id;

/** What it says of the image it found in flash: record `model`. */
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
    bool layers;          /**< measure layer by layer too */
    uint32_t layer_count; /**< in the image */
    uint32_t repeats;     /**< how often the whole run may be repeated when its records were garbled */
    void (*progress)(void *user, uint32_t done, uint32_t of); /**< NULL = none */
    void *progress_user;
} hf_session_run;

/** Filled by hf_session_measure(); the arrays are the caller's, of `runs` and `layer_count` elements. */
typedef struct hf_session_measured {
    hf_sample *samples;
    hf_layer *layers;                   /**< not touched without `layers`; may be NULL then */
    HF_RESULT_FIGURES(HF_MEMORY_MEMBER) /* record `memory` */
    uint32_t output_bytes;
    uint32_t output_crc32;
} hf_session_measured;

hf_status hf_session_new(const hf_session_options *options, hf_session **out, hf_error *err);
/** NULL allowed. */
void hf_session_free(hf_session *session);

/**
 * Waits until the firmware is up after a reset: its `boot` frame, or, should that be lost, an answer to
 * `hello`; either with the session's nonce.
 * @return HF_ETIMEOUT (class board) when neither came within `boot_ms`; HF_EPROTOCOL (class serial) when only
 * garbage or frames with another nonce came; HF_EMISMATCH (class serial) when another board answers
 */
hf_status hf_session_await_boot(hf_session *session, uint32_t boot_ms, hf_error *err);

/** The board's cycle counter at a moment between two of the host's. */
typedef struct hf_clock_reading {
    uint32_t cycles;              /**< modulo 2^32 */
    uint64_t before_ns, after_ns; /**< hf_now_ns() */
} hf_clock_reading;

/** Request `clock`, a few times; the reading with the nearest bounds. */
hf_status hf_session_clock(hf_session *session, hf_clock_reading *out, hf_error *err);

/**
 * The core's clock by the host's, from two readings in order.
 * @param clock_hz    what the core's clock is said to be
 * @param ratio       out: frequency found / clock_hz; right if the clock is off by less than 2 %
 * @param uncertainty out: by how much the ratio may be wrong, because each reading lies somewhere in its
 * bounds
 * @return false if the readings overlap or are so far apart that the counter's turns cannot be told
 */
bool hf_clock_compare(const hf_clock_reading *first, const hf_clock_reading *second, uint32_t clock_hz,
                      double *ratio, double *uncertainty);

/** Request `hello`. */
hf_status hf_session_hello(hf_session *session, hf_session_id *id, hf_session_model *model, hf_error *err);

/**
 * Changes the speed on both sides. When the board does not answer at the new speed, but does at the old one,
 * the old one stays.
 * @param baud in: wanted; out, on success: in use
 * @return class serial when the board answers at neither: only a reset brings it back
 */
hf_status hf_session_set_baud(hf_session *session, uint32_t old_baud, uint32_t *baud, hf_error *err);

/** Stages an input made by the board's generator; compares its length and CRC-32 with those expected. */
hf_status hf_session_input_seed(hf_session *session, uint32_t seed, uint32_t bytes, uint32_t crc32,
                                hf_error *err);
/** Sends an input; compares length and CRC-32 of what was staged with those expected. */
hf_status hf_session_input_data(hf_session *session, const uint8_t *input, uint32_t bytes, uint32_t crc32,
                                hf_error *err);

/** Request `run`, all its records checked for order and completeness. */
hf_status hf_session_measure(hf_session *session, const hf_session_run *run, hf_session_measured *out,
                             hf_error *err);

/** Request `read`: `bytes` bytes of the last output tensor from `offset`, in as many requests as it takes. */
hf_status hf_session_read_output(hf_session *session, uint32_t offset, uint8_t *out, uint32_t bytes,
                                 hf_error *err);

/** Requests repeated so far because a frame was lost or garbled. */
uint32_t hf_session_retries(const hf_session *session);

#endif
