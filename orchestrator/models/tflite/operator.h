/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_OPERATOR_H
#define HF_TFLITE_OPERATOR_H

#include "reader.h"
#include "write_plan.h"

/**
 * @file operator.h
 * One operator of a .tflite file on its way into the graph or out of it: what the functions in operators/ that
 * read and write it get, and the steps they share (read_steps.c, write_steps.c).
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

/** Padding and strides, with which the options of convolutions and pools begin. */
hf_status hf_tflite_op_window(hf_tflite_op *op);
/** Dimensions of input i. */
hf_status hf_tflite_op_rank(hf_tflite_op *op, uint32_t i, int32_t *rank);
/** As hf_tflite_op_add(), of a function of one value: fails if its table of 256 values cannot be computed. */
hf_status hf_tflite_op_add_elementwise(hf_tflite_op *op, hf_op kind);

/** One of TensorFlow Lite's builtin operators, and how it is read. */
typedef struct hf_tflite_builtin {
    const char *name;
    hf_status (*read)(hf_tflite_op *op);
    int32_t code; /**< BuiltinOperator */
    uint32_t least_inputs, most_inputs;
    uint8_t options_type;  /**< BuiltinOptions */
    bool options_required; /**< their defaults would make no sense */
    bool many_outputs;
} hf_tflite_builtin;

/** How a graph's operator is written. */
typedef struct hf_tflite_writer {
    hf_op op;
    hf_status (*plan)(hf_tflite_planner *planner, hf_error *err);
} hf_tflite_writer;

/** What one file of operators/ is about. */
typedef struct hf_tflite_operator {
    const hf_tflite_builtin *builtins;
    uint32_t builtin_count;
    const hf_tflite_writer *writers;
    uint32_t writer_count;
} hf_tflite_operator;

/** Defines `hf_tflite_operator_<name>`, which CMake finds by the file's name, from the arrays `builtins` and
 * `writers`. */
#define HF_TFLITE_OPERATOR(name)                                                                             \
    extern const hf_tflite_operator hf_tflite_operator_##name;                                               \
    const hf_tflite_operator hf_tflite_operator_##name = {builtins, sizeof builtins / sizeof *builtins,      \
                                                          writers, sizeof writers / sizeof *writers}
/** The same of operators that are only read. */
#define HF_TFLITE_READ_ONLY_OPERATOR(name)                                                                   \
    extern const hf_tflite_operator hf_tflite_operator_##name;                                               \
    const hf_tflite_operator hf_tflite_operator_##name = {builtins, sizeof builtins / sizeof *builtins,      \
                                                          NULL, 0}

/** NULL if it is not supported. */
const hf_tflite_builtin *hf_tflite_find_builtin(int32_t code);
/** NULL if the operator does not exist. */
const hf_tflite_writer *hf_tflite_find_writer(hf_op op);

#endif
