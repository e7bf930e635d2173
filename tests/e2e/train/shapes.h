/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_SHAPES_H
#define HF_TEST_SHAPES_H

#include <stdint.h>

/**
 * @file shapes.h
 * A small data set: one coloured shape on a dark, noisy background. Every network learns it in seconds.
 */

#define SHAPES_CLASSES 4 /* disc, square, triangle, ring */

/**
 * Writes NAME-images-idx4-ubyte and NAME-labels-idx1-ubyte into a folder, and labels.txt with the names of the classes.
 * @param side of the images in pixels; they have three channels
 * @param seed of sizes, places, colours and noise
 */
void shapes_write(const char *folder, const char *name, uint32_t count, uint32_t side, uint32_t seed);

#endif
