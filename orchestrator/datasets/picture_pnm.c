/* SPDX-License-Identifier: Apache-2.0 */
/* PGM and PPM as netpbm's pgm(5) and ppm(5) define them: P2, P3 plain, P5, P6 binary. */
#include <stdbool.h>

#include "picture_formats.h"

typedef struct reader {
    const uint8_t *at, *end;
} reader;

static bool is_space(uint8_t character)
{
    return character == ' ' || (character >= '\t' && character <= '\r');
}

/* Reads a decimal number after white space and comments. @return false if there is none, or
 * it exceeds `max` */
static bool read_number(reader *r, uint32_t max, uint32_t *value)
{
    while (r->at < r->end && (is_space(*r->at) || *r->at == '#')) {
        if (*r->at == '#')
            while (r->at < r->end && *r->at != '\n')
                r->at++;
        else
            r->at++;
    }
    if (r->at == r->end || *r->at < '0' || *r->at > '9')
        return false;
    uint32_t number = 0;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
        number = number * 10 + (uint32_t)(*r->at - '0');
        if (number > max)
            return false;
    }
    *value = number;
    return true;
}

static bool read_sample(reader *r, bool plain, uint32_t max, uint32_t *value)
{
    if (plain)
        return read_number(r, max, value);
    size_t bytes = max > 255 ? 2 : 1;
    if ((size_t)(r->end - r->at) < bytes)
        return false;
    *value = bytes == 2 ? (uint32_t)r->at[0] << 8 | r->at[1] : r->at[0];
    r->at += bytes;
    return *value <= max;
}

hf_status hf_pnm_decode(const uint8_t *bytes, size_t size, hf_picture *out, hf_error *err)
{
    reader r = {.at = bytes + 2, .end = bytes + size};
    bool plain = bytes[1] == '2' || bytes[1] == '3';
    uint32_t channels = bytes[1] == '3' || bytes[1] == '6' ? 3 : 1;
    uint32_t width = 0, height = 0, max = 0;
    if (!read_number(&r, 1u << 30, &width) || !read_number(&r, 1u << 30, &height) ||
        !read_number(&r, 65535, &max) || max == 0)
        return HF_FAIL(err, HF_EFORMAT,
                       "a damaged PGM or PPM file: expected width, height and a highest value of 1 to 65535");
    if (r.at == r.end || !is_space(*r.at))
        return HF_FAIL(err, HF_EFORMAT, "a damaged PGM or PPM file: expected white space before the pixels");
    r.at++;
    /* Check before allocating: a sample takes at least one byte. */
    uint64_t samples = (uint64_t)width * height * channels;
    if (samples > (uint64_t)(r.end - r.at))
        return HF_FAIL(err, HF_EFORMAT, "a damaged PGM or PPM file: %u x %u pixels in %zu bytes",
                       (unsigned)width, (unsigned)height, (size_t)(r.end - r.at));
    hf_picture picture = {0};
    hf_status status = hf_picture_allocate(width, height, channels, &picture, err);
    for (uint64_t i = 0; status == HF_OK && i < samples; i++) {
        uint32_t value = 0;
        if (read_sample(&r, plain, max, &value))
            picture.pixels[i] = (uint8_t)((value * 255 + max / 2) / max);
        else
            status = HF_FAIL(err, HF_EFORMAT, "a damaged PGM or PPM file: sample %llu is missing or above %u",
                             (unsigned long long)i, (unsigned)max);
    }
    if (status == HF_OK)
        *out = picture;
    else
        hf_picture_free(&picture);
    return status;
}
