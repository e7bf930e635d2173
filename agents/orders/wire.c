/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

struct hf_wire_block {
    hf_wire_block *next;
    max_align_t data[];
};

static const uint8_t *take(hf_wire *w, size_t size)
{
    if (w->failed || size > (size_t)(w->end - w->at)) {
        w->failed = true;
        return NULL;
    }
    const uint8_t *bytes = w->at;
    w->at += size;
    return bytes;
}

void hf_wire_raw(hf_wire *w, void *bytes, size_t size)
{
    if (size == 0)
        return;
    if (w->out) {
        hf_buffer_append(w->out, bytes, size);
        return;
    }
    const uint8_t *from = take(w, size);
    if (from)
        memcpy(bytes, from, size);
    else
        memset(bytes, 0, size);
}

void hf_wire_u8(hf_wire *w, uint8_t *value)
{
    hf_wire_raw(w, value, 1);
}

/* Little-endian, whatever the host is. */
static uint64_t integer(hf_wire *w, uint64_t value, unsigned size)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    hf_wire_raw(w, bytes, size);
    value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

void hf_wire_u32(hf_wire *w, uint32_t *value)
{
    *value = (uint32_t)integer(w, *value, 4);
}

void hf_wire_u64(hf_wire *w, uint64_t *value)
{
    *value = integer(w, *value, 8);
}

void hf_wire_i64(hf_wire *w, int64_t *value)
{
    *value = (int64_t)integer(w, (uint64_t)*value, 8);
}

void hf_wire_real(hf_wire *w, double *value)
{
    uint64_t bits;
    memcpy(&bits, value, sizeof bits);
    bits = integer(w, bits, 8);
    memcpy(value, &bits, sizeof bits);
    if (!w->out && !isfinite(*value)) {
        w->failed = true;
        *value = 0;
    }
}

void hf_wire_bool(hf_wire *w, bool *value)
{
    uint8_t byte = *value;
    hf_wire_u8(w, &byte);
    w->failed |= !w->out && byte > 1;
    *value = byte == 1;
}

void hf_wire_range(hf_wire *w, uint32_t *value, uint32_t least, uint32_t most)
{
    hf_wire_u32(w, value);
    if (!w->out && (*value < least || *value > most)) {
        w->failed = true;
        *value = least;
    }
}

/* Bytes of the character at the start of a text that people may see; 0 = it ends, is not UTF-8, or is a control character (C0,
 * DEL or C1, U+0080 to U+009F), which a terminal would obey. */
static size_t visible_length(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    const size_t length = hf_utf8_length(text);
    if (bytes[0] < ' ' || bytes[0] == 0x7f || (length == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0))
        return 0;
    return length;
}

size_t hf_wire_visible(const char *text, size_t most)
{
    size_t at = 0, length;
    while (at < most && (length = visible_length(text + at)) > 0 && at + length <= most)
        at += length;
    return at;
}

/* What cannot be read back is not sent: a text that was cut may end within a character. */
void hf_wire_text(hf_wire *w, char *text, size_t size)
{
    uint32_t length = w->out ? (uint32_t)hf_wire_visible(text, size - 1) : 0;
    hf_wire_range(w, &length, 0, (uint32_t)size - 1);
    hf_wire_raw(w, text, length);
    if (w->out)
        return;
    text[length] = '\0';
    w->failed |= hf_wire_visible(text, length) != length;
    if (w->failed)
        text[0] = '\0';
}

void hf_wire_sha256(hf_wire *w, char sha256[HF_SHA256_HEX_SIZE])
{
    hf_wire_text(w, sha256, HF_SHA256_HEX_SIZE);
    const size_t digits = strspn(sha256, "0123456789abcdef");
    w->failed |= !w->out && (sha256[digits] != '\0' || (digits != 0 && digits != HF_SHA256_HEX_SIZE - 1));
}

void hf_wire_count(hf_wire *w, uint32_t *count, uint32_t most, size_t least_bytes)
{
    hf_wire_range(w, count, 0, most);
    if (!w->out && (w->failed || *count > (size_t)(w->end - w->at) / least_bytes)) {
        w->failed = true;
        *count = 0;
    }
}

void *hf_wire_array(hf_wire *w, uint32_t count, size_t size)
{
    if (w->failed || count == 0)
        return NULL;
    hf_wire_block *block = calloc(1, sizeof *block + (size_t)count * size);
    if (!block) {
        w->failed = w->no_memory = true;
        return NULL;
    }
    block->next = w->blocks;
    w->blocks = block;
    return block->data;
}

void hf_wire_bytes(hf_wire *w, const uint8_t **bytes, size_t size)
{
    if (w->out) {
        hf_buffer_append(w->out, *bytes, size);
        return;
    }
    const uint8_t *from = take(w, size);
    uint8_t *copy = from ? hf_wire_array(w, 1, size ? size : 1) : NULL;
    if (copy)
        memcpy(copy, from, size);
    *bytes = copy;
}

void hf_wire_long_text(hf_wire *w, char **text, size_t most)
{
    uint32_t length = w->out && *text ? (uint32_t)strnlen(*text, most) : 0;
    hf_wire_count(w, &length, (uint32_t)most, 1);
    if (w->out) {
        hf_wire_raw(w, *text, length);
        return;
    }
    const uint8_t *from = take(w, length);
    *text = NULL;
    if (!from || length == 0)
        return;
    if (memchr(from, '\0', length)) {
        w->failed = true;
        return;
    }
    *text =
        strndup((const char *)from, length); /* the reader's, not a block: replies own their transcripts */
    if (!*text)
        w->failed = w->no_memory = true;
}

bool hf_wire_ended(const hf_wire *w)
{
    return !w->failed && w->at == w->end;
}

void hf_wire_free_blocks(hf_wire_block *blocks)
{
    while (blocks) {
        hf_wire_block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}
