/* SPDX-License-Identifier: Apache-2.0 */
/* What real numbers pixels stand for. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/picture.h"

static hf_pixel_range uniform(double factor, double offset)
{
    return (hf_pixel_range){.factor = {factor, factor, factor}, .offset = {offset, offset, offset}};
}

hf_pixel_range hf_pixels_default(void)
{
    return uniform(1.0 / 255, 0);
}

/* Reads a word, then one number or three with commas. @return what follows; NULL if the text does not match */
static const char *read_numbers(const char *text, const char *word, double numbers[3])
{
    const size_t length = strlen(word);
    text += strspn(text, " ");
    if (strncmp(text, word, length) != 0 || text[length] != ' ')
        return NULL;
    text += length;
    int count = 0;
    do {
        char *end;
        text += count > 0; /* the comma */
        numbers[count] = strtod(text, &end);
        if (end == text || !isfinite(numbers[count]) || fabs(numbers[count]) > 1e6)
            return NULL;
        text = end;
        count++;
    } while (*text == ',' && count < 3);
    if (count == 1)
        numbers[1] = numbers[2] = numbers[0];
    return count == 2 ? NULL : text;
}

hf_status hf_pixels_parse(const char *text, hf_pixel_range *out, hf_error *err)
{
    static const struct {
        const char *name;
        double factor, offset;
    } ranges[] = {{"0..1", 1.0 / 255, 0}, {"-1..1", 2.0 / 255, -1}, {"0..255", 1, 0}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (strcmp(text, ranges[i].name) == 0) {
            *out = uniform(ranges[i].factor, ranges[i].offset);
            return HF_OK;
        }
    double mean[3], deviation[3];
    const char *rest = read_numbers(text, "mean", mean);
    rest = rest ? read_numbers(rest, "deviation", deviation) : NULL;
    bool good = rest && rest[strspn(rest, " ")] == '\0';
    for (int c = 0; good && c < 3; c++)
        good = deviation[c] >= 1e-6;
    if (!good)
        return HF_FAIL_AS(
            err, HF_FAULT_NONE, HF_EINVALID,
            "expected 0..1, -1..1, 0..255, or \"mean M deviation D\" with one number or three for M and D, "
            "such as \"mean 0.485,0.456,0.406 deviation 0.229,0.224,0.225\"");
    for (int c = 0; c < 3; c++) {
        out->factor[c] = 1 / (255 * deviation[c]);
        out->offset[c] = -mean[c] / deviation[c];
    }
    return HF_OK;
}

hf_quant hf_pixels_quant(const hf_pixel_range *pixels, int32_t channels)
{
    double low = 0, high = 0;
    for (int32_t c = 0; c < channels && c < 3; c++) {
        low = fmin(low, pixels->offset[c]);
        high = fmax(high, pixels->offset[c] + 255 * pixels->factor[c]);
    }
    const double scale = (high - low) / 255;
    return (hf_quant){.scale = (float)scale, .zero_point = (int32_t)lround(-128 - low / scale)};
}
