/* SPDX-License-Identifier: Apache-2.0 */
#include "charset.h"
#include "checksum/crc.h"
#include "proto/frame.h"

#include <string.h>

#define CHECKSUM_BYTES 5U /* '*' and four digits */

/* @return 0..15, or -1 */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20; /* lower case */
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool checksum_matches(const char *line, size_t size)
{
    if (size < CHECKSUM_BYTES + 1 || line[size - CHECKSUM_BYTES] != '*')
        return false;
    uint32_t crc = hf_crc16(line, size - CHECKSUM_BYTES);
    for (size_t i = size; i-- > size - 4; crc >>= 4)
        if (line[i] != HF_HEX_DIGITS[crc & 15])
            return false;
    return true;
}

/* Parses decimal digits at *at, up to the first other character. */
static bool read_decimal(const char **at, uint64_t *out)
{
    const char *start = *at;
    uint64_t value = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        uint32_t digit = (uint32_t)(**at - '0');
        if (value > UINT64_MAX / 10)
            return false;
        value = value * 10 + digit;
        if (value < digit)
            return false;
    }
    *out = value;
    return *at > start;
}

static char *end_of_name(char *at)
{
    while (hf_is_name_char(*at))
        at++;
    return at;
}

/* Decodes the value at `in` in place and terminates it with a NUL, which may overwrite the separator.
 * @param next set to the separator, a space or the frame's NUL
 * @return its position, or NULL if the value is malformed */
static char *decode_value(char *in, char *next)
{
    char *out = in;
    uint32_t padding = 0;
    char c;
    for (; (c = *in) != ' ' && c != '\0'; in++) {
        if (c == '=') {
            padding++;
        } else if (padding == 0 && c == '%') {
            int high = hex_digit(in[1]);
            int low = high < 0 ? -1 : hex_digit(in[2]);
            if (low < 0 || high + low == 0) /* %00 would end the string */
                return NULL;
            c = (char)(high << 4 | low);
            in += 2;
        } else if (padding > 0 || !hf_is_plain_char(c)) {
            return NULL;
        }
        *out++ = c;
    }
    *next = c;
    *out = '\0';
    return padding <= 2 ? in : NULL;
}

/* Parses the type at `at` and fields ` key=value` up to `end`, where there is a NUL. */
static bool parse_body(char *at, const char *end, hf_frame *frame)
{
    frame->type = at;
    at = end_of_name(at);
    if (at == frame->type)
        return false;
    char next = *at;
    *at = '\0';
    while (next == ' ') {
        at++;
        if (frame->direction == HF_FRAME_BY_HAND) {
            while (*at == ' ')
                at++;
            if (!*at)
                break;
        }
        char *key = at;
        at = end_of_name(at);
        if (frame->field_count == HF_FRAME_MAX_FIELDS || at == key || *at != '=')
            return false;
        *at++ = '\0';
        if (hf_frame_get(frame, key)) /* duplicate key */
            return false;
        frame->fields[frame->field_count].key = key;
        frame->fields[frame->field_count].value = at;
        at = decode_value(at, &next);
        if (!at)
            return false;
        frame->field_count++;
    }
    return at == end; /* else the line contains a NUL or an invalid name */
}

hf_frame_status hf_frame_parse(char *line, size_t size, hf_frame *out)
{
    if (size == 0)
        return HF_FRAME_NOT_A_FRAME;
    bool by_hand = line[0] == HF_FRAME_BY_HAND;
    if (!by_hand && line[0] != HF_FRAME_TO_BOARD && line[0] != HF_FRAME_TO_HOST)
        return HF_FRAME_NOT_A_FRAME;
    if (!by_hand && !checksum_matches(line, size))
        return HF_FRAME_BAD_CHECKSUM;
    out->direction = line[0];
    out->field_count = 0;
    uint64_t sequence = 0;
    char *at = line + 1, *end = line + size;
    if (!by_hand) {
        const char *digits = at;
        end -= CHECKSUM_BYTES; /* to the '*' */
        if (!read_decimal(&digits, &sequence) || sequence > UINT32_MAX || *digits != ' ')
            return HF_FRAME_MALFORMED;
        at += digits - at + 1;
    }
    out->sequence = (uint32_t)sequence;
    *end = '\0';
    return parse_body(at, end, out) ? HF_FRAME_OK : HF_FRAME_MALFORMED;
}

const char *hf_frame_get(const hf_frame *frame, const char *key)
{
    for (uint32_t i = 0; i < frame->field_count; i++)
        if (strcmp(frame->fields[i].key, key) == 0)
            return frame->fields[i].value;
    return NULL;
}

bool hf_frame_get_u64(const hf_frame *frame, const char *key, uint64_t *out)
{
    const char *value = hf_frame_get(frame, key);
    if (!value)
        return false;
    uint64_t number = 0;
    if (!read_decimal(&value, &number) || *value)
        return false;
    *out = number;
    return true;
}

static bool get_hex(const hf_frame *frame, const char *key, uint32_t digits_max, uint64_t *out)
{
    const char *value = hf_frame_get(frame, key);
    if (!value || !*value)
        return false;
    uint64_t number = 0;
    for (uint32_t i = 0; value[i]; i++) {
        int digit = hex_digit(value[i]);
        if (digit < 0 || i == digits_max)
            return false;
        number = number << 4 | (uint64_t)digit;
    }
    *out = number;
    return true;
}

bool hf_frame_get_hex32(const hf_frame *frame, const char *key, uint32_t *out)
{
    uint64_t number = 0;
    if (!get_hex(frame, key, 8, &number))
        return false;
    *out = (uint32_t)number;
    return true;
}

bool hf_frame_get_hex64(const hf_frame *frame, const char *key, uint64_t *out)
{
    return get_hex(frame, key, 16, out);
}

/* @return 0..63, or -1 */
static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* With `out` NULL, only counts and checks. */
static bool decode_base64(const char *in, uint8_t *out, size_t capacity, size_t *used)
{
    size_t written = 0;
    uint32_t bits = 0, bit_count = 0; /* not yet part of a byte */
    for (; *in && *in != '='; in++) {
        int digit = base64_digit(*in);
        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        bit_count += 6;
        if (bit_count < 8)
            continue;
        bit_count -= 8;
        if (written == capacity)
            return false;
        if (out)
            out[written] = (uint8_t)(bits >> bit_count);
        written++;
    }
    if (bit_count == 6 || bits & ((1U << bit_count) - 1)) /* unused bits must be zero */
        return false;
    for (; bit_count > 0; bit_count -= 2) /* two characters of padding after four bits, one after two */
        if (*in++ != '=')
            return false;
    *used = written;
    return !*in;
}

bool hf_frame_get_bytes(const hf_frame *frame, const char *key, void *bytes, size_t *size)
{
    const char *value = hf_frame_get(frame, key);
    size_t used = 0;
    return value && decode_base64(value, NULL, *size, &used) && decode_base64(value, bytes, *size, size);
}
