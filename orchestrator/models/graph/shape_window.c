/* SPDX-License-Identifier: Apache-2.0 */
#include "shape_rules.h"

/* Rows or columns of a sliding window's output; 0 if the kernel does not fit. */
static int32_t window_output(int32_t in, int32_t kernel, int32_t stride, hf_padding padding)
{
    if (padding == HF_PADDING_SAME)
        return (int32_t)(((int64_t)in + stride - 1) / stride);
    return in < kernel ? 0 : (in - kernel) / stride + 1;
}

hf_status hf_shape_window(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    const hf_tensor *in = c->in;
    const int32_t limit = HF_GRAPH_MAX_DIMENSION;
    if (node->kernel_height < 1 || node->kernel_width < 1 || node->kernel_height > limit ||
        node->kernel_width > limit)
        return HF_FAIL(err, HF_EINVALID, "%s: kernel %dx%d, expected 1 .. %d each way", node->name,
                       node->kernel_height, node->kernel_width, limit);
    if (node->stride_height < 1 || node->stride_width < 1 || node->stride_height > limit ||
        node->stride_width > limit)
        return HF_FAIL(err, HF_EINVALID, "%s: stride %dx%d, expected 1 .. %d each way", node->name,
                       node->stride_height, node->stride_width, limit);
    out->height = window_output(in->height, node->kernel_height, node->stride_height, node->padding);
    out->width = window_output(in->width, node->kernel_width, node->stride_width, node->padding);
    if (out->height < 1 || out->width < 1)
        return HF_FAIL(err, HF_EINVALID,
                       "%s: kernel %dx%d is larger than its input of %dx%d (padding \"valid\")", node->name,
                       node->kernel_height, node->kernel_width, in->height, in->width);
    return HF_OK;
}
