/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_RESIZE_H
#define HF_GRAPH_RESIZE_H

#include "graph/graph.h"

/**
 * @file resize.h
 * Where resized rows and columns lie in the input, as TensorFlow Lite defines it.
 */

#define HF_RESIZE_ONE 1024 /**< weights have 10 bits */

/** An output row or column of bilinear resizing: between two of the input. */
typedef struct hf_resize_axis {
    int32_t first, second;
    int32_t weight; /**< of the second; the first's is HF_RESIZE_ONE minus this */
} hf_resize_axis;

/** Output row or column i lies at i * step + first, in units of 1 / HF_RESIZE_ONE of the input's. */
void hf_resize_line(const hf_node *node, int32_t in, int32_t out, int32_t *step, int32_t *first);
/** @param node gives align_corners and half_pixel_centers @param in, out sizes of the axis @param at index */
hf_resize_axis hf_resize_position(const hf_node *node, int32_t in, int32_t out, int32_t at);
/** The row or column that resizing to the nearest neighbour takes. */
int32_t hf_resize_nearest(const hf_node *node, int32_t in, int32_t out, int32_t at);

#endif
