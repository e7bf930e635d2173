/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BENCH_INTERNAL_H
#define HF_BENCH_INTERNAL_H

#include "bench.h"

/** Starts a record that answers the current request, in self->reply. */
void bench_record(bench *self, hf_frame_writer *writer, const char *type);
/** Ends and sends it, counted for `ok`. */
void bench_record_send(bench *self, hf_frame_writer *writer);
/** Ends the dialogue with `error`. */
void bench_error(bench *self, const char *code, const char *text);
/** Ends the dialogue with `ok`. */
void bench_ok(bench *self);

/** Puts a message together from its parts; cut rather than overrun. */
void bench_join(char *text, size_t capacity, const char *const parts[], size_t count);

/** Notes what is being done, for a fault report. */
void bench_note(bench *self, const char *doing);

/** Validates the image in flash again; what was staged for another image is forgotten. */
void bench_look_for_model(bench *self);
/** @return whether a model is open and fits; otherwise the `error` has been sent */
bool bench_needs_model(bench *self);
/** @return whether an input is staged; otherwise the `error` has been sent */
bool bench_needs_input(bench *self);

/** Ends the dialogue with an `error` of code `argument`. */
void bench_bad_argument(bench *self, const char *text);

/**
 * A decimal field of the request, within limits.
 * @param value in: what it is when absent, BENCH_REQUIRED = it must not be; out: the number
 * @return false after sending the `error`
 */
bool bench_number(bench *self, const char *key, uint32_t low, uint32_t high, uint32_t *value);
#define BENCH_REQUIRED UINT32_MAX

void bench_do_input(bench *self);
void bench_do_data(bench *self);
void bench_do_staged(bench *self);
void bench_do_run(bench *self);
void bench_do_read(bench *self);

#endif
