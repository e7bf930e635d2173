/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/resize.h"

#include <math.h>

#include "graph/fixed_point.h"

void hf_resize_line(const hf_node *node, int32_t in, int32_t out, int32_t *step, int32_t *first)
{
    int64_t units = ((int64_t)HF_RESIZE_ONE * in + out / 2) / out;
    if (node->align_corners && out > 1)
        units = ((int64_t)HF_RESIZE_ONE * (in - 1) + (out - 1) / 2) / (out - 1);
    *step = (int32_t)units;
    *first = node->half_pixel_centers ? *step / 2 - HF_RESIZE_ONE / 2 : 0;
}

/* Divisions are towards zero, as in TensorFlow Lite. */
hf_resize_axis hf_resize_position(const hf_node *node, int32_t in, int32_t out, int32_t at)
{
    int32_t step, first;
    hf_resize_line(node, in, out, &step, &first);
    const int64_t position = (int64_t)at * step + first;
    hf_resize_axis axis;
    axis.first = hf_clamp((int32_t)(position / HF_RESIZE_ONE), 0, in - 1);
    axis.second = hf_clamp((int32_t)((position + HF_RESIZE_ONE - 1) / HF_RESIZE_ONE), 0, in - 1);
    axis.weight = (int32_t)(position - (int64_t)HF_RESIZE_ONE * axis.first);
    return axis;
}

/* In single precision, as in TensorFlow Lite. */
int32_t hf_resize_nearest(const hf_node *node, int32_t in, int32_t out, int32_t at)
{
    volatile float scale = (float)in / (float)out;
    if (node->align_corners && out > 1)
        scale = (float)(in - 1) / (float)(out - 1);
    volatile float offset = node->half_pixel_centers ? 0.5f : 0.0f;
    volatile float shifted = (float)at + offset;
    volatile float position = shifted * scale;
    const float index = node->align_corners ? roundf(position) : floorf(position);
    return hf_clamp((int32_t)index, 0, in - 1);
}
