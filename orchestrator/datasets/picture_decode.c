/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the decoder by a file's first bytes. */
#include <string.h>

#include "picture_formats.h"

hf_status hf_picture_decode(const uint8_t *bytes, size_t size, hf_picture *out, hf_error *err)
{
    static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t jpeg[] = {0xff, 0xd8, 0xff};
    if (size > HF_PICTURE_MAX_FILE_BYTES)
        return HF_FAIL(err, HF_ELIMIT, "%zu bytes: expected an image file of at most %u", size,
                       (unsigned)HF_PICTURE_MAX_FILE_BYTES);
    if (size >= sizeof png && memcmp(bytes, png, sizeof png) == 0)
        return hf_png_decode(bytes, size, out, err);
    if (size >= sizeof jpeg && memcmp(bytes, jpeg, sizeof jpeg) == 0)
        return hf_jpeg_decode(bytes, size, out, err);
    if (size >= 2 && bytes[0] == 'P' &&
        (bytes[1] == '2' || bytes[1] == '3' || bytes[1] == '5' || bytes[1] == '6'))
        return hf_pnm_decode(bytes, size, out, err);
    return HF_FAIL(err, HF_EFORMAT, "not an image: expected PNG, JPEG, PGM or PPM");
}
