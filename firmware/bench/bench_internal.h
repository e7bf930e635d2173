/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BENCH_INTERNAL_H
#define HF_BENCH_INTERNAL_H

#include "bench.h"

/** Starts a record that answers the current request, in self->reply. */
void bench_record(bench *self, hf_frame_writer *writer, const char *type);
/** Ends the record and sends it; counts it for `ok`. */
void bench_record_send(bench *self, hf_frame_writer *writer);
/** Answers with `error`. */
void bench_error(bench *self, const char *code, const char *text);
/** Answers with `ok`. */
void bench_ok(bench *self);

/** Concatenates the parts of a message, truncated to the capacity. */
void bench_join(char *text, size_t capacity, const char *const parts[], size_t count);

/** Records the current activity for a fault report. */
void bench_note(bench *self, const char *doing);

/** Validates the image in flash again; discards an input staged for another image. */
void bench_open_model(bench *self);
/** @return whether a model is open and fits; if not, has sent the `error` */
bool bench_needs_model(bench *self);
/** @return whether an input is staged; if not, has sent the `error` */
bool bench_needs_input(bench *self);

/** Answers with an `error` of code `argument`. */
void bench_bad_argument(bench *self, const char *text);

/**
 * Reads a decimal field of the request within limits.
 * @param value in: default, or BENCH_REQUIRED if the field must be present; out: the number
 * @return false if an `error` has been sent
 */
bool bench_number(bench *self, const char *key, uint32_t low, uint32_t high, uint32_t *value);
#define BENCH_REQUIRED UINT32_MAX

void bench_do_input(bench *self);
void bench_do_data(bench *self);
void bench_do_staged(bench *self);
void bench_do_run(bench *self);
void bench_do_read(bench *self);
void bench_do_carry(bench *self);

#endif
