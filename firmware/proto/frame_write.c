/* SPDX-License-Identifier: Apache-2.0 */
#include "charset.h"
#include "checksum/crc.h"
#include "proto/frame.h"

static void put_char(hf_frame_writer *writer, char c)
{
    if (writer->used < writer->capacity)
        writer->bytes[writer->used++] = c;
    else
        writer->overflow = true;
}

static void put_name(hf_frame_writer *writer, const char *name)
{
    if (!*name)
        writer->overflow = true;
    for (; *name; name++) {
        if (!hf_is_name_char(*name))
            writer->overflow = true;
        put_char(writer, *name);
    }
}

enum { UPPER_CASE = 0, LOWER_CASE = 0x20 }; /* the bit of lower-case letters; digits have it set */

static void put_hex(hf_frame_writer *writer, uint32_t value, uint32_t digit_count, int letter_case)
{
    while (digit_count-- > 0)
        put_char(writer, (char)(HF_HEX_DIGITS[(value >> (4 * digit_count)) & 15] | letter_case));
}

/* Long division, 16 bits at a time: a 64-bit division would link 900 bytes of library code. */
static uint32_t divide_by_ten(uint16_t parts[4])
{
    uint32_t remainder = 0;
    for (uint32_t i = 4; i-- > 0;) {
        uint32_t dividend = remainder << 16 | parts[i];
        parts[i] = (uint16_t)(dividend / 10);
        remainder = dividend % 10;
    }
    return remainder;
}

static void put_decimal(hf_frame_writer *writer, uint64_t value)
{
    uint16_t parts[4]; /* lowest first */
    for (uint32_t i = 0; i < 4; i++)
        parts[i] = (uint16_t)(value >> 16 * i);
    char digits[20]; /* 2^64 has 20 */
    uint32_t count = 0;
    do
        digits[count++] = (char)('0' + divide_by_ten(parts));
    while (parts[0] | parts[1] | parts[2] | parts[3]);
    while (count > 0)
        put_char(writer, digits[--count]);
}

void hf_frame_begin(hf_frame_writer *writer, char *bytes, size_t capacity, char direction, uint32_t sequence,
                    const char *type)
{
    *writer = (hf_frame_writer){
        .bytes = bytes,
        .capacity = capacity < HF_FRAME_MAX_BYTES ? capacity : HF_FRAME_MAX_BYTES,
    };
    put_char(writer, direction);
    if (direction != HF_FRAME_BY_HAND) {
        put_decimal(writer, sequence);
        put_char(writer, ' ');
    }
    put_name(writer, type);
}

static void put_key(hf_frame_writer *writer, const char *key)
{
    if (++writer->field_count > HF_FRAME_MAX_FIELDS)
        writer->overflow = true;
    put_char(writer, ' ');
    put_name(writer, key);
    put_char(writer, '=');
}

void hf_frame_put_text(hf_frame_writer *writer, const char *key, const char *value)
{
    put_key(writer, key);
    for (; *value; value++) {
        if (hf_is_plain_char(*value)) {
            put_char(writer, *value);
        } else {
            put_char(writer, '%');
            put_hex(writer, (uint8_t)*value, 2, UPPER_CASE);
        }
    }
}

void hf_frame_put_u64(hf_frame_writer *writer, const char *key, uint64_t value)
{
    put_key(writer, key);
    put_decimal(writer, value);
}

void hf_frame_put_hex32(hf_frame_writer *writer, const char *key, uint32_t value)
{
    put_key(writer, key);
    put_hex(writer, value, 8, LOWER_CASE);
}

void hf_frame_put_hex64(hf_frame_writer *writer, const char *key, uint64_t value)
{
    hf_frame_put_hex32(writer, key, (uint32_t)(value >> 32));
    put_hex(writer, (uint32_t)value, 8, LOWER_CASE);
}

void hf_frame_put_bytes(hf_frame_writer *writer, const char *key, const void *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    enum { PADDING = 64 };
    const uint8_t *in = bytes;
    put_key(writer, key);
    for (size_t i = 0; i < size && !writer->overflow; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)in[i] << 16;
        if (left > 1)
            group |= (uint32_t)in[i + 1] << 8;
        if (left > 2)
            group |= in[i + 2];
        put_char(writer, digits[group >> 18]);
        put_char(writer, digits[(group >> 12) & 63]);
        put_char(writer, digits[left > 1 ? (group >> 6) & 63 : PADDING]);
        put_char(writer, digits[left > 2 ? group & 63 : PADDING]);
    }
}

size_t hf_frame_end(hf_frame_writer *writer)
{
    if (writer->used > 0 && writer->bytes[0] != HF_FRAME_BY_HAND) {
        uint16_t crc = hf_crc16(writer->bytes, writer->used);
        put_char(writer, '*');
        put_hex(writer, crc, 4, UPPER_CASE);
    }
    put_char(writer, '\n');
    return writer->overflow ? 0 : writer->used;
}
