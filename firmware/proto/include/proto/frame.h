/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PROTO_FRAME_H
#define HF_PROTO_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file frame.h
 * The codec of the wire protocol (../../SPEC.md), compiled into both the firmware and the host. Does no I/O
 * and allocates nothing.
 *
 * A frame is a line: `>7 run warmup=1 runs=10*3F2A` LF. It consists of the direction ('>' host to board, '<'
 * board to host), sequence number, type, fields, and '*' with the CRC-16 of everything before the '*'.
 */

/* A line with its LF; longer ones are dropped and count as garbled. */
#define HF_FRAME_MAX_BYTES  512U
#define HF_FRAME_MAX_FIELDS 24U
#define HF_PROTOCOL_VERSION 2U
#define HF_FRAME_TO_BOARD   '>'
#define HF_FRAME_TO_HOST    '<'
#define HF_FRAME_BY_HAND    '?'  /* a request typed in a terminal: no sequence number, no checksum */
#define HF_FRAME_DATA_BYTES 288U /* limit of a `data` field (384 characters of base64) */

/** Builds a frame in the caller's buffer. Errors are sticky; hf_frame_end() reports them. */
typedef struct hf_frame_writer {
    char *bytes;
    size_t capacity; /**< at most HF_FRAME_MAX_BYTES are used */
    size_t used;
    uint32_t field_count;
    bool overflow; /**< did not fit, or a type or key has characters outside [a-z0-9_] */
} hf_frame_writer;

/**
 * Starts a frame.
 * @param bytes    borrowed until hf_frame_end(); `capacity` bytes
 * @param sequence omitted, like the checksum, if direction is HF_FRAME_BY_HAND
 */
void hf_frame_begin(hf_frame_writer *writer, char *bytes, size_t capacity, char direction, uint32_t sequence,
                    const char *type);
/** Appends ` key=value`; bytes outside the plain set are written as %XX. */
void hf_frame_put_text(hf_frame_writer *writer, const char *key, const char *value);
void hf_frame_put_u64(hf_frame_writer *writer, const char *key, uint64_t value);
/** Appends ` key=` and eight lower-case hexadecimal digits. */
void hf_frame_put_hex32(hf_frame_writer *writer, const char *key, uint32_t value);
/** Appends ` key=` and sixteen lower-case hexadecimal digits. */
void hf_frame_put_hex64(hf_frame_writer *writer, const char *key, uint64_t value);
/** Appends ` key=` and base64 (with padding). */
void hf_frame_put_bytes(hf_frame_writer *writer, const char *key, const void *bytes, size_t size);
/** Appends checksum and LF (no NUL). @return the frame's length in bytes, or 0 if it did not fit or is
 * invalid. */
size_t hf_frame_end(hf_frame_writer *writer);

/** A parsed frame; the strings point into the line it was parsed from. */
typedef struct hf_frame {
    char direction;
    uint32_t sequence; /**< 0: unsolicited, or typed by hand */
    const char *type;
    uint32_t field_count;
    struct {
        const char *key;
        const char *value; /**< %XX already decoded */
    } fields[HF_FRAME_MAX_FIELDS];
} hf_frame;

typedef enum hf_frame_status {
    HF_FRAME_OK = 0,
    HF_FRAME_NOT_A_FRAME = -1,  /**< does not start like a frame: plain text or noise */
    HF_FRAME_BAD_CHECKSUM = -2, /**< starts like a frame, but the CRC is wrong or missing */
    HF_FRAME_MALFORMED = -3,    /**< correct checksum, but violates SPEC.md */
} hf_frame_status;

/**
 * Parses a line in place, inserting NULs.
 * @param line `size` bytes without the line end; line[size] must be writable
 * @param out  undefined after HF_FRAME_MALFORMED, unchanged by other failures
 */
hf_frame_status hf_frame_parse(char *line, size_t size, hf_frame *out);
/** The value of a field, or NULL. */
const char *hf_frame_get(const hf_frame *frame, const char *key);
/** Decimal field. @return false if absent, not a number, or out of range; *out is then unchanged. */
bool hf_frame_get_u64(const hf_frame *frame, const char *key, uint64_t *out);
/** Hexadecimal field of one to eight digits. @return as above */
bool hf_frame_get_hex32(const hf_frame *frame, const char *key, uint32_t *out);
/** Hexadecimal field of one to sixteen digits. @return as above */
bool hf_frame_get_hex64(const hf_frame *frame, const char *key, uint64_t *out);
/** base64 field. @param size in: capacity of `bytes`; out: bytes decoded. @return false if absent, malformed,
 * too long */
bool hf_frame_get_bytes(const hf_frame *frame, const char *key, void *bytes, size_t *size);

/**
 * Assembles received bytes into lines. CR is ignored, except that it ends a line typed by hand (starting with
 * '?'), because Enter sends only a CR in most terminal programs. Empty lines are skipped, over-long lines are
 * dropped. Initialise to zero.
 */
typedef struct hf_line {
    size_t used;
    uint32_t dropped; /**< over-long lines so far */
    bool too_long;
    char bytes[HF_FRAME_MAX_BYTES + 1];
} hf_line;

/** @return true when `byte` completed a line: line->bytes[0..used) is it; reset with hf_line_next() before
 * the next push */
bool hf_line_push(hf_line *line, char byte);
void hf_line_next(hf_line *line);

#endif
