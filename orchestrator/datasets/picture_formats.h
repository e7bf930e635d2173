/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DATASETS_PICTURE_FORMATS_H
#define HF_DATASETS_PICTURE_FORMATS_H

#include "datasets/picture.h"

/* One decoder a format; same contract as hf_picture_decode(). */
hf_status hf_png_decode(const uint8_t *bytes, size_t size, hf_picture *out, hf_error *err);
hf_status hf_jpeg_decode(const uint8_t *bytes, size_t size, hf_picture *out, hf_error *err);
hf_status hf_pnm_decode(const uint8_t *bytes, size_t size, hf_picture *out, hf_error *err);

/** Checks the sides against the limits and allocates the pixels. @param out pixels NULL before */
hf_status hf_picture_allocate(uint32_t width, uint32_t height, uint32_t channels, hf_picture *out,
                              hf_error *err);

#endif
