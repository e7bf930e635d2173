/* SPDX-License-Identifier: Apache-2.0 */
#include "packed_text.h"

#include <string.h>

#define PIECE_BYTES 16384
#define GROUP_BYTES 3

void hf_base64_append(hf_buffer *out, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += GROUP_BYTES) {
        const size_t left = size - i;
        const uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (left > 2 ? bytes[i + 2] : 0);
        char four[] = {digits[group >> 18], digits[group >> 12 & 63], digits[group >> 6 & 63],
                       digits[group & 63]};
        for (size_t k = left + 1; k < sizeof four; k++)
            four[k] = '=';
        hf_buffer_append(out, four, sizeof four);
    }
}

/* Appends whole groups of base64; what is left over waits for the next bytes. */
static void put(hf_packed_text *text, const uint8_t *bytes, size_t size)
{
    while (size && text->rest_size) {
        text->rest[text->rest_size++] = *bytes++;
        size--;
        if (text->rest_size == GROUP_BYTES) {
            hf_base64_append(text->out, text->rest, GROUP_BYTES);
            text->rest_size = 0;
        }
    }
    const size_t whole = size - size % GROUP_BYTES;
    hf_base64_append(text->out, bytes, whole);
    if (size > whole) {
        memcpy(text->rest, bytes + whole, size - whole);
        text->rest_size = size - whole;
    }
}

static void deflate_pending(hf_packed_text *text, int flush)
{
    uint8_t piece[PIECE_BYTES];
    do {
        text->stream.next_out = piece;
        text->stream.avail_out = sizeof piece;
        if (deflate(&text->stream, flush) == Z_STREAM_ERROR) {
            text->out->failed = true;
            return;
        }
        put(text, piece, sizeof piece - text->stream.avail_out);
    } while (text->stream.avail_out == 0);
}

void hf_packed_text_begin(hf_packed_text *text, hf_buffer *out)
{
    *text = (hf_packed_text){.out = out};
    if (deflateInit(&text->stream, Z_BEST_COMPRESSION) != Z_OK)
        out->failed = true;
}

void hf_packed_text_add(hf_packed_text *text, const void *bytes, size_t size)
{
    if (text->out->failed || !size)
        return;
    text->stream.next_in = (Bytef *)bytes; /* zlib does not write to it */
    text->stream.avail_in = (uInt)size;
    deflate_pending(text, Z_NO_FLUSH);
}

void hf_packed_text_end(hf_packed_text *text)
{
    if (!text->out->failed) {
        text->stream.next_in = NULL;
        text->stream.avail_in = 0;
        deflate_pending(text, Z_FINISH);
        hf_base64_append(text->out, text->rest, text->rest_size);
    }
    deflateEnd(&text->stream);
}
