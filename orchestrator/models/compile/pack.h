/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_PACK_H
#define HF_COMPILE_PACK_H

#include <stdbool.h>

#include "lower.h"

/**
 * @file pack.h
 * The data blocks of an image (channel parameters, weights in kernel layout, constants, tables) and the
 * quantisation fields of its records.
 */

/**
 * Fills in the record's quantisation fields: zero points, activation range, and whether the operator's
 * parameters can be stored compactly.
 * Errors: HF_EINVALID for missing weights or quantisation, HF_EUNSUPPORTED for values that an image cannot
 * hold, HF_ENOMEM.
 */
hf_status hf_pack_quantisation(const hf_graph *graph, hf_lowered_op *op, hf_error *err);

/**
 * Writes the operator's data block.
 * @param to hf_record_data_bytes(&op->record) bytes, HF_IMAGE_ALIGNMENT-aligned
 */
hf_status hf_pack_data(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err);
/* The same for each kind of data listed in engine/operators.h. */
#define HF_PACK_FUNCTION(name, number, text, kernel, shape, data, ...)                                       \
    hf_status hf_pack_##data(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err);
HF_IMAGE_OP_MAP(HF_PACK_FUNCTION)
#undef HF_PACK_FUNCTION

/** Sets the form in which channel parameters are stored, hf_image_params. Errors as
 * hf_pack_quantisation(). */
hf_status hf_pack_choose_params(const hf_graph *graph, hf_lowered_op *op, hf_error *err);
/** The form in which a mul's parameters are stored, hf_image_params. */
uint8_t hf_pack_mul_params(const hf_graph *graph, const hf_node *node);

/** Fails with HF_EUNSUPPORTED: the node's output scale is too small. */
static inline hf_status hf_pack_output_too_fine(const hf_graph *graph, const hf_node *node, hf_error *err)
{
    return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for an input of scale %g",
                   node->name, (double)graph->tensors[node->output].quant.scale,
                   (double)graph->tensors[node->inputs[0]].quant.scale);
}

/** Rounds an image offset up to where a data block may begin. */
static inline uint64_t hf_pack_align(uint64_t offset)
{
    return (offset + HF_IMAGE_ALIGNMENT - 1) / HF_IMAGE_ALIGNMENT * HF_IMAGE_ALIGNMENT;
}

/** Whether the operator's data block holds weights: conv2d, dense, depthwise_conv2d. */
bool hf_pack_has_weights(const hf_op_record *record);

#endif
