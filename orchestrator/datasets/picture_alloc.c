/* SPDX-License-Identifier: Apache-2.0 */
/* Allocates and frees pictures, within the limits on their size. */
#include <stdlib.h>

#include "picture_formats.h"

hf_status hf_picture_allocate(uint32_t width, uint32_t height, uint32_t channels, hf_picture *out,
                              hf_error *err)
{
    if (!width || !height || width > HF_PICTURE_MAX_SIDE || height > HF_PICTURE_MAX_SIDE ||
        (uint64_t)width * height > HF_PICTURE_MAX_PIXELS)
        return HF_FAIL(
            err, HF_ELIMIT, "an image of %u x %u pixels: expected sides of 1 to %d and at most %u pixels",
            (unsigned)width, (unsigned)height, HF_PICTURE_MAX_SIDE, (unsigned)HF_PICTURE_MAX_PIXELS);
    uint8_t *pixels = malloc((size_t)width * height * channels);
    if (!pixels)
        return HF_FAIL(err, HF_ENOMEM, "no memory for an image of %u x %u pixels", (unsigned)width,
                       (unsigned)height);
    *out = (hf_picture){.pixels = pixels, .width = width, .height = height, .channels = channels};
    return HF_OK;
}

void hf_picture_free(hf_picture *picture)
{
    if (!picture)
        return;
    free(picture->pixels);
    *picture = (hf_picture){0};
}
