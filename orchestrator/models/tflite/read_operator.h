/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_READ_OPERATOR_H
#define HF_TFLITE_READ_OPERATOR_H

#include "file.h"

/**
 * @file read_operator.h
 * One operator of a .tflite file on its way into the graph: what its reading function gets, and the steps
 * these functions share.
 */

#define HF_TFLITE_MAX_INPUTS 8

typedef struct hf_tflite_op {
    hf_tflite *tflite;
    hf_flat_table options;
    int32_t builtin;
    int32_t inputs[HF_TFLITE_MAX_INPUTS]; /**< file tensors, -1 where absent */
    uint32_t input_count;
    hf_flat_vector outputs; /**< file tensors, at least one */

    /* Filled in by the steps below. */
    hf_node node;
    int32_t out_channels; /**< convolutions and dense layers */
    hf_tflite_tensor output;
    hf_tensor output_shape;
} hf_tflite_op;

#define TFLITE_OP_FAIL(op, status, ...) TFLITE_FAIL((op)->tflite, (status), __VA_ARGS__)

/** Whether input i is a tensor whose values the file holds. */
hf_status hf_tflite_op_is_constant(hf_tflite_op *op, uint32_t i, bool *out);
/** Makes input i, which an earlier operator computes, the node's next input. */
hf_status hf_tflite_op_input(hf_tflite_op *op, uint32_t i);
/** Reads the shape and quantisation of output i, an int8 activation that nothing has computed yet. */
hf_status hf_tflite_op_output(hf_tflite_op *op, uint32_t i);
/** Reads the fused activation. @param field of the options table */
hf_status hf_tflite_op_activation(hf_tflite_op *op, uint32_t field);
/** Input i as at most `room` constant int32 values. */
hf_status hf_tflite_op_ints(hf_tflite_op *op, uint32_t i, int32_t *values, uint32_t room, uint32_t *count);
/** The node's first input. */
const hf_tensor *hf_tflite_op_in(const hf_tflite_op *op);
bool hf_tflite_same_quant(hf_quant a, hf_quant b);
/** Fails unless the node's first input and its output have the same quantisation. */
hf_status hf_tflite_op_same_quant(hf_tflite_op *op);
/**
 * Appends op->node as operator `kind`; its output must have the shape that the file states.
 * @param added receives the node, valid until the next one is appended; NULL allowed
 */
hf_status hf_tflite_op_add(hf_tflite_op *op, hf_op kind, hf_node **added);

/* One function per kind of operator. */
hf_status hf_tflite_read_conv(hf_tflite_op *op);
hf_status hf_tflite_read_depthwise(hf_tflite_op *op);
hf_status hf_tflite_read_dense(hf_tflite_op *op);
hf_status hf_tflite_read_pool(hf_tflite_op *op);
hf_status hf_tflite_read_mean(hf_tflite_op *op);
hf_status hf_tflite_read_softmax(hf_tflite_op *op);
hf_status hf_tflite_read_pair(hf_tflite_op *op); /**< ADD and MUL, also with a constant */
hf_status hf_tflite_read_relu(hf_tflite_op *op);
hf_status hf_tflite_read_hard_swish(hf_tflite_op *op);
hf_status hf_tflite_read_quantize(hf_tflite_op *op);
hf_status hf_tflite_read_dequantize(hf_tflite_op *op);
hf_status hf_tflite_read_reshape(hf_tflite_op *op);
hf_status hf_tflite_read_transpose(hf_tflite_op *op);
hf_status hf_tflite_read_concat(hf_tflite_op *op);
hf_status hf_tflite_read_split(hf_tflite_op *op);
hf_status hf_tflite_read_strided_slice(hf_tflite_op *op);
hf_status hf_tflite_read_slice(hf_tflite_op *op);
hf_status hf_tflite_read_pad(hf_tflite_op *op);
/** Operators that compute a shape for a RESHAPE, whose output states that shape anyway. */
hf_status hf_tflite_read_shape_value(hf_tflite_op *op);

#endif
