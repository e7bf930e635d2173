/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_SHAPES_H
#define HF_TEST_SHAPES_H

#include <stdint.h>

#include "base/error.h"

/**
 * @file shapes.h
 * A small data set: one coloured shape on a dark, noisy background. Every network learns it in seconds. Image i of a set
 * belongs to class i % SHAPES_CLASSES. Equal arguments give equal files on every host.
 */

#define SHAPES_CLASSES  4 /* disc, square, triangle, ring */
#define SHAPES_MIN_SIDE 8
#define SHAPES_MAX_SIDE 1024
#define SHAPES_MAX      100000 /* images */

/**
 * Writes all images into one array: NAME-images-idx4-ubyte and NAME-labels-idx1-ubyte in a folder that exists, and labels.txt
 * with the names of the classes.
 * @param count 1 .. SHAPES_MAX
 * @param side  of the images in pixels, SHAPES_MIN_SIDE .. SHAPES_MAX_SIDE; they have three channels
 * @param seed  of sizes, places, colours and noise
 * @return HF_OK; HF_EINVALID outside these ranges; HF_EIO; HF_ENOMEM
 */
hf_status shapes_write(const char *folder, const char *name, uint32_t count, uint32_t side, uint32_t seed,
                       hf_error *err);

/** Writes the same images as PPM files, into one folder per class; makes the folders. Parameters and errors as above. */
hf_status shapes_write_folders(const char *folder, uint32_t count, uint32_t side, uint32_t seed,
                               hf_error *err);

#endif
