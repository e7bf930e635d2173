/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DATASETS_PICTURE_H
#define HF_DATASETS_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "graph/graph.h"

/**
 * @file picture.h
 * Image files as input tensors. "Picture" distinguishes them from model images. Safe for untrusted files:
 * sizes are checked before anything is allocated, and complaints of libpng and libjpeg become errors.
 */

#define HF_PICTURE_MAX_FILE_BYTES (64u << 20)
#define HF_PICTURE_MAX_SIDE       16384
#define HF_PICTURE_MAX_PIXELS     (64u << 20)

typedef struct hf_picture {
    uint8_t *pixels; /**< owned; [height][width][channels], no padding */
    uint32_t width, height;
    uint32_t channels; /**< 1 = gray, 3 = red, green, blue */
} hf_picture;

/**
 * Decodes a PNG, JPEG, PGM or PPM (binary or plain) file, recognised by its first bytes. Values are used as
 * stored: gamma, colour profile and EXIF rotation are ignored; transparency is dropped; 16 bits become 8.
 * @param out owned by the caller; hf_picture_free()
 */
hf_status hf_picture_decode(const uint8_t *bytes, size_t size, hf_picture *out, hf_error *err);
void hf_picture_free(hf_picture *picture);

/** The real value of a pixel p in 0 .. 255 of channel c: real = p x factor[c] + offset[c]. */
typedef struct hf_pixel_range {
    double factor[3], offset[3]; /**< red, green, blue; gray uses the first */
} hf_pixel_range;

/** Pixels as real numbers 0 .. 1, unless the user says otherwise. */
hf_pixel_range hf_pixels_default(void);
/**
 * Reads "0..1", "-1..1", "0..255", or "mean M deviation D", where real = (p / 255 - M) / D and M and D are one number or
 * three with commas.
 * @param out written on HF_OK
 * @return HF_OK; HF_EINVALID with what was expected
 */
hf_status hf_pixels_parse(const char *text, hf_pixel_range *out, hf_error *err);
/** The quantisation of an input tensor that holds all pixel values of `channels` channels. */
hf_quant hf_pixels_quant(const hf_pixel_range *pixels, int32_t channels);

/**
 * Scales a picture to the shape of an input tensor and quantises it. Bilinear between the four nearest pixel
 * centres (centres at half-integers, edges repeated, no area averaging, aspect ratio not preserved). Gray
 * becomes colour by repetition, colour becomes gray as 0.299 R + 0.587 G + 0.114 B. Then q = round(real /
 * scale) + zero point, halves away from zero, clamped to -128 .. 127.
 * @param tensor shape with 1 or 3 channels, and quantisation
 * @param out    receives hf_tensor_bytes(tensor) values
 */
hf_status hf_picture_to_tensor(const hf_picture *picture, const hf_tensor *tensor,
                               const hf_pixel_range *range, int8_t *out, hf_error *err);

/** Quantises a real number as above. NaN becomes the zero point. */
int8_t hf_quantise(double real, hf_quant quant);

#endif
