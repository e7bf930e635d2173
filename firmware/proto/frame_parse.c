/* SPDX-License-Identifier: Apache-2.0 */
#include "charset.h"
#include "proto/frame.h"

#include <string.h>

#define CHECKSUM_BYTES 5U /* '*' and four digits */

/* @return 0..15, or -1 */
static int hex_digit(char c, bool upper_only)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (!upper_only && c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

static bool checksum_right(const char *line, size_t size)
{
    if (size < CHECKSUM_BYTES + 1 || line[size - CHECKSUM_BYTES] != '*')
        return false;
    uint32_t claimed = 0;
    for (size_t i = size - 4; i < size; i++) {
        int digit = hex_digit(line[i], true);
        if (digit < 0)
            return false;
        claimed = claimed << 4 | (uint32_t)digit;
    }
    return claimed == hf_crc16(line, size - CHECKSUM_BYTES);
}

/* Reads decimal digits at *at; what follows them, were it only the NUL, ends them. */
static bool read_decimal(const char **at, uint64_t *out)
{
    const char *start = *at;
    uint64_t value = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++)
        if (__builtin_mul_overflow(value, 10U, &value) ||
            __builtin_add_overflow(value, (uint32_t)(**at - '0'), &value))
            return false;
    *out = value;
    return *at > start;
}

/* A type or key from *at; leaves *at behind it. */
static bool skip_name(char **at, const char *end)
{
    char *start = *at;
    while (*at < end && hf_is_name_char(**at))
        (*at)++;
    return *at > start;
}

/* Decodes the value at *at in place and ends it with a NUL, which may fall on the byte after it: the caller
 * has looked at that byte. Leaves *at behind the encoded value. */
static bool decode_value(char **at, const char *end, bool *more)
{
    char *in = *at, *out = *at;
    uint32_t padding = 0;
    while (in < end && *in != ' ') {
        if (*in == '=') {
            if (++padding > 2)
                return false;
            *out++ = *in++;
        } else if (padding == 0 && *in == '%') {
            if (end - in < 3)
                return false;
            int high = hex_digit(in[1], false), low = hex_digit(in[2], false);
            if (high < 0 || low < 0 || high + low == 0) /* %00 would cut the string short */
                return false;
            *out++ = (char)(high << 4 | low);
            in += 3;
        } else if (padding == 0 && hf_is_plain_char(*in)) {
            *out++ = *in++;
        } else {
            return false;
        }
    }
    *more = in < end;
    *out = '\0';
    *at = in;
    return true;
}

/* ` key=value` ... up to `end`, which is writable itself. */
static hf_frame_status parse_fields(char *at, char *end, hf_frame *frame)
{
    bool more = at < end;
    while (more) {
        at++; /* the space that the caller or the last value stopped at; perhaps a NUL by now */
        if (frame->direction == HF_FRAME_BY_HAND) {
            while (at < end && *at == ' ')
                at++;
            if (at == end)
                break;
        }
        char *key = at;
        if (frame->field_count == HF_FRAME_MAX_FIELDS || !skip_name(&at, end) || at == end || *at != '=')
            return HF_FRAME_MALFORMED;
        *at++ = '\0';
        if (hf_frame_get(frame, key)) /* twice the same key: which one is meant? */
            return HF_FRAME_MALFORMED;
        frame->fields[frame->field_count].key = key;
        frame->fields[frame->field_count].value = at;
        if (!decode_value(&at, end, &more))
            return HF_FRAME_MALFORMED;
        frame->field_count++;
    }
    return HF_FRAME_OK;
}

hf_frame_status hf_frame_parse(char *line, size_t size, hf_frame *out)
{
    if (size == 0)
        return HF_FRAME_NOT_A_FRAME;
    hf_frame frame = {.direction = line[0]};
    char *at = line + 1, *end = line + size;
    if (line[0] == HF_FRAME_TO_BOARD || line[0] == HF_FRAME_TO_HOST) {
        if (!checksum_right(line, size))
            return HF_FRAME_BAD_CHECKSUM;
        end -= CHECKSUM_BYTES;
        uint64_t sequence = 0;
        const char *digits = at; /* the '*' at `end` is none */
        if (!read_decimal(&digits, &sequence) || sequence > UINT32_MAX || *digits != ' ')
            return HF_FRAME_MALFORMED;
        frame.sequence = (uint32_t)sequence;
        at += digits - at + 1;
    } else if (line[0] != HF_FRAME_BY_HAND) {
        return HF_FRAME_NOT_A_FRAME;
    }
    frame.type = at;
    if (!skip_name(&at, end) || (at < end && *at != ' '))
        return HF_FRAME_MALFORMED;
    char *behind_type = at;
    hf_frame_status status = parse_fields(at, end, &frame);
    *behind_type = '\0';
    if (status == HF_FRAME_OK)
        *out = frame;
    return status;
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

bool hf_frame_get_hex32(const hf_frame *frame, const char *key, uint32_t *out)
{
    const char *value = hf_frame_get(frame, key);
    if (!value || !*value)
        return false;
    uint32_t number = 0;
    for (uint32_t i = 0; value[i]; i++) {
        int digit = hex_digit(value[i], false);
        if (digit < 0 || i == 8)
            return false;
        number = number << 4 | (uint32_t)digit;
    }
    *out = number;
    return true;
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

/* `out` NULL only counts and checks. */
static bool decode_base64(const char *in, uint8_t *out, size_t capacity, size_t *used)
{
    size_t written = 0;
    uint32_t bits = 0, bit_count = 0; /* not yet in a byte */
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
    if (bit_count == 6 || bits & ((1U << bit_count) - 1)) /* bits that no byte carries must be zero */
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
