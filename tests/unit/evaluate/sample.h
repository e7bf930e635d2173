/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_EVALUATE_SAMPLE_H
#define HF_TEST_EVALUATE_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "graph/graph.h"

/**
 * @file sample.h
 * Generates image files, folders and models. Any failure fails the test.
 */

/** Encodes a PNG file with libpng. @param color, depth as in png.h @param rows packed as the format requires
 * @return malloc()ed */
uint8_t *sample_png(uint32_t width, uint32_t height, int color, int depth, int interlace, const uint8_t *rows,
                    size_t row_bytes, size_t *size);
/** Encodes a JPEG file with libjpeg at quality 100. @param channels 1 or 3 @return malloc()ed */
uint8_t *sample_jpeg(uint32_t width, uint32_t height, int channels, int progressive, const uint8_t *pixels,
                     size_t *size);

/** Creates a folder under /tmp. @param path receives its path, 64 bytes */
void sample_folder(char *path);
/** Writes a file below a folder and creates the folders in between. */
void sample_write(const char *folder, const char *name, const void *bytes, size_t size);
void sample_write_text(const char *folder, const char *name, const char *text);
/** An 8 x 8 gray PGM of one brightness. */
void sample_write_gray(const char *folder, const char *name, uint8_t brightness);

/** 4x4x1 image (scale 1/255, zero point -128) to two scores: 0.5 - mean brightness, mean brightness - 0.5. */
hf_graph *sample_bright_model(void);
/** 1x1x4 vector (scale 1/16, zero point 3) to itself, clipped at +-4: larger values are not reproduced. */
hf_graph *sample_clipping_model(void);

#endif
