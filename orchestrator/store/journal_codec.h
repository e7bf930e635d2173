/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_JOURNAL_CODEC_H
#define HF_STORE_JOURNAL_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/**
 * @file journal_codec.h
 * Encodes values to bytes and decodes them. One function serves both directions, so they cannot disagree. An integer is
 * eight bytes, least significant first; a real number its IEEE 754 bits; a text its length and its bytes, where a length
 * of all ones means NULL; an array its count and its elements.
 */

typedef struct hf_codec {
    hf_buffer *out;          /**< written to; NULL = reading */
    const uint8_t *in, *end; /**< rest of the input */
    int schema;              /**< version of the schema: the record has its figures */
    bool failed;             /**< end of input, or out of memory; all values read after that are 0 or NULL */
} hf_codec;

void hf_codec_int(hf_codec *codec, int64_t *value);
void hf_codec_small(hf_codec *codec, int32_t *value);
void hf_codec_word(hf_codec *codec, uint32_t *value);
void hf_codec_flag(hf_codec *codec, bool *value);
void hf_codec_real(hf_codec *codec, double *value);
/** @param text when reading, the caller frees it */
void hf_codec_text(hf_codec *codec, char **text);
/**
 * As hf_codec_text(), into an array of the caller's; reading fails if the text does not fit.
 * @param size_bytes of the array
 */
void hf_codec_short_text(hf_codec *codec, char *text, size_t size_bytes);
/** Bytes with their number. @param bytes when reading, the caller frees them; NULL if there are none */
void hf_codec_bytes(hf_codec *codec, uint8_t **bytes, size_t *count);
/** The count of an array. When reading, allocates the array, zeroed. @param size_bytes of an element */
void hf_codec_array(hf_codec *codec, void **array, size_t *count, size_t size_bytes);

#endif
