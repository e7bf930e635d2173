/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_API_API_H
#define HF_API_API_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/**
 * @file api.h
 * JSON of the daemon's API, in both directions. A type describes a structure: the daemon writes it, the client reads
 * it, or the other way round. Pure: no I/O. Everything that is read is untrusted, and bounded.
 *
 * In JSON, names are those of the members, with units. Times are Unix milliseconds (`_ms`). A number or text that is
 * not known is null.
 */

/** In the paths: /api/v1. Raised when a change would mislead older programs; new members do not. */
#define HF_API_VERSION 1
#define HF_API_PREFIX  "/api/v1"

#define HF_API_MAX_BYTES       (16u << 20) /**< of a JSON text that is read */
#define HF_API_MAX_TEXT_BYTES  65536u      /**< of a text in it, unless its type says otherwise */
#define HF_API_MAX_SPEC_BYTES  (1u << 20)  /**< of a spec */
#define HF_API_MAX_FILES       100000u     /**< of a submission */
#define HF_API_MAX_BOARDS      65536u
#define HF_API_MAX_RUNS        65536u
#define HF_API_MAX_DIAGNOSTICS 1000u

typedef struct hf_api_type hf_api_type;

/**
 * Appends a structure as compact JSON, on one line. Bytes that are not UTF-8 become U+FFFD.
 * @param type of the structure at `object`
 * @return HF_OK; HF_EINVALID for a value out of its range, which names it; HF_ENOMEM. *out is unchanged on failure.
 */
hf_status hf_api_write(const hf_api_type *type, const void *object, hf_buffer *out, hf_error *err);

/**
 * Reads a structure. Unknown members are ignored, so that a newer program may say more.
 * @param out written on HF_OK; owns all its texts and arrays: hf_api_clear()
 * @return HF_OK; HF_EFORMAT with the place and what was expected; HF_ELIMIT if something is too large; HF_ENOMEM
 */
hf_status hf_api_read(const hf_api_type *type, const char *json, size_t size_bytes, void *out, hf_error *err);

/** Frees what a structure owns that hf_api_read() filled, and zeroes it. NULL allowed. */
void hf_api_clear(const hf_api_type *type, void *object);

#endif
