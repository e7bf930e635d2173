/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ORDERS_WIRE_H
#define HF_ORDERS_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/file.h"

/**
 * @file wire.h
 * Values of a message in either direction: one function describes a structure, and both writes and reads it, so that the
 * two cannot differ. Little-endian. When reading, everything beyond the end is 0, and `failed` is set.
 */

typedef struct hf_wire_block hf_wire_block;

typedef struct hf_wire {
    hf_buffer *out;          /* writing; NULL = reading */
    const uint8_t *at, *end; /* reading: what is left */
    hf_wire_block *blocks;   /* reading: memory of what was read; owned */
    bool failed;             /* what was read does not conform */
    bool no_memory;          /* in addition to failed */
} hf_wire;

void hf_wire_u8(hf_wire *w, uint8_t *value);
void hf_wire_u32(hf_wire *w, uint32_t *value);
void hf_wire_u64(hf_wire *w, uint64_t *value);
void hf_wire_i64(hf_wire *w, int64_t *value);
void hf_wire_real(hf_wire *w, double *value); /* reading: not finite fails */
void hf_wire_bool(hf_wire *w, bool *value);   /* reading: neither 0 nor 1 fails */
void hf_wire_raw(hf_wire *w, void *bytes, size_t size);
/* A value from `least` to `most`; reading: another one fails. */
void hf_wire_range(hf_wire *w, uint32_t *value, uint32_t least, uint32_t most);
/* Bytes at the start of a text that are UTF-8 without control characters (C0, DEL, C1). */
size_t hf_wire_visible(const char *text, size_t most);
/* Text in an array of `size` bytes, for people: only what hf_wire_visible() counts is written. Reading: text that does not fit, or
 * is otherwise, fails. */
void hf_wire_text(hf_wire *w, char *text, size_t size);
/* A SHA-256 in hexadecimal, or "". */
void hf_wire_sha256(hf_wire *w, char sha256[HF_SHA256_HEX_SIZE]);
/* Long text of at most `most` bytes with any characters but NUL. NULL is written as "" and read back as NULL. */
void hf_wire_long_text(hf_wire *w, char **text, size_t most);
/* The number of elements that follow. Reading: more than `most`, or more than can follow at `least_bytes` each, fails, and
 * the number is 0. */
void hf_wire_count(hf_wire *w, uint32_t *count, uint32_t most, size_t least_bytes);
/* Reading: zeroed memory for elements, which lives until hf_wire_free_blocks(); NULL on failure and for none. */
void *hf_wire_array(hf_wire *w, uint32_t count, size_t size);
/* Bytes that are given as a pointer and a size known to both sides. Reading: points to memory as of hf_wire_array(). */
void hf_wire_bytes(hf_wire *w, const uint8_t **bytes, size_t size);

/* Reading: whether all went well and nothing is left over. */
bool hf_wire_ended(const hf_wire *w);
void hf_wire_free_blocks(hf_wire_block *blocks);

#endif
