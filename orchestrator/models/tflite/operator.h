/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_OPERATOR_H
#define HF_TFLITE_OPERATOR_H

#include "reader.h"
#include "write_plan.h"

/**
 * @file operator.h
 * Interface of the files of operators/, each of which reads and writes an operator of a .tflite file: their
 * arguments, and the steps they share (read_steps.c, write_steps.c).
 */

/** An operator of the file while it is read. */
typedef struct hf_tflite_op {
    hf_tflite *tflite;
    hf_flat_table options;
    const struct hf_tflite_builtin *kind;
    int32_t builtin;
    uint32_t data_input; /**< the input with positions, of operators with windows: 0 for most */
    uint8_t type;        /**< of its tensors so far: TYPE_INT8, TYPE_INT16 or TYPE_UINT8; 0: none yet */
    int32_t value_bytes; /**< of `type` */
    int32_t inputs[HF_TFLITE_MAX_INPUTS]; /**< file tensors, -1 where absent */
    uint32_t input_count;
    hf_flat_vector outputs; /**< file tensors, at least one */

    /* Filled in by the steps below. */
    hf_node node;
    int32_t out_channels;                    /**< convolutions and dense layers */
    int32_t dilation_width, dilation_height; /**< convolutions */
    hf_tflite_tensor output;
    hf_tensor output_shape;
} hf_tflite_op;

#define TFLITE_OP_FAIL(op, status, ...) TFLITE_FAIL((op)->tflite, (status), __VA_ARGS__)

/** Whether the file has data for input i. */
hf_status hf_tflite_op_is_constant(hf_tflite_op *op, uint32_t i, bool *out);
/** The graph's tensor for input i: the model's input or the output of an earlier operator.
 * @param tensor receives its index */
hf_status hf_tflite_op_source(hf_tflite_op *op, uint32_t i, int32_t *tensor);
/** Appends input i, an activation of a type that the operator takes, to the node's inputs. */
hf_status hf_tflite_op_input(hf_tflite_op *op, uint32_t i);
/** Fails if the file's tensor is the model's input or the output of an earlier operator. */
hf_status hf_tflite_op_check_new(hf_tflite_op *op, int32_t index);
/** Reads the first output, which may not be an activation, and fails unless it is new. @param index receives its tensor */
hf_status hf_tflite_op_raw_output(hf_tflite_op *op, int32_t *index);
/** Reads the shape and quantisation of output i, an activation that no earlier operator computes. It has the inputs'
 * type. */
hf_status hf_tflite_op_output(hf_tflite_op *op, uint32_t i);
/** Reads the fused activation. @param field of the options table */
hf_status hf_tflite_op_activation(hf_tflite_op *op, uint32_t field);
/** Reads the constant int32 values of input i.
 * @param role static string, for messages: "axes", "strides", ...
 * @param values receives up to `capacity` values */
hf_status hf_tflite_op_ints(hf_tflite_op *op, uint32_t i, const char *role, int32_t *values,
                            uint32_t capacity, uint32_t *count);
/** The node's first input. */
const hf_tensor *hf_tflite_op_in(const hf_tflite_op *op);
/** Fails unless an input and the output have the same quantisation. @param input_name for messages */
hf_status hf_tflite_op_check_quants(hf_tflite_op *op, const char *input_name, hf_quant input,
                                    hf_quant output);
/** Fails unless the node's first input and its output have the same quantisation. */
hf_status hf_tflite_op_same_quant(hf_tflite_op *op);
/**
 * Appends op->node as operator `kind`; its output must have the shape that the file declares.
 * @param added receives the node, valid until the next one is appended; NULL allowed
 */
hf_status hf_tflite_op_add(hf_tflite_op *op, hf_op kind, hf_node **added);

/** Reads padding and strides, the first options of convolutions and pools. */
hf_status hf_tflite_op_window(hf_tflite_op *op);
/** Whether a layer is a CONV_GENERAL: its values or weights are not such that another operator can have them. */
bool hf_tflite_is_general(hf_tflite_op *op, const hf_tflite_tensor *weights);
/** As hf_tflite_op_add(), for a convolution with op->out_channels values per position: `kind`, or CONV_GENERAL. */
hf_status hf_tflite_add_layer(hf_tflite_op *op, hf_op kind, const hf_tflite_tensor *weights, hf_node **added);
/** Reads weights and bias into the node. @param channel_dimension the weights' dimension of output channels */
hf_status hf_tflite_fill_layer(hf_tflite_op *op, const hf_tflite_tensor *weights, int32_t channel_dimension,
                               hf_node *node);
/** Reads the number of dimensions of input i. */
hf_status hf_tflite_op_rank(hf_tflite_op *op, uint32_t i, int32_t *rank);
/** As hf_tflite_op_add(), for an elementwise function; fails if its lookup table cannot be computed. */
hf_status hf_tflite_op_add_elementwise(hf_tflite_op *op, hf_op kind);
/** The same for op->node.function16 of 16-bit values, HF_OP_FUNCTION16. The input has op->value_bytes. */
hf_status hf_tflite_op_add_function16(hf_tflite_op *op);
/** A tensor seen along one of its dimensions. */
typedef struct hf_tflite_axis {
    int64_t outer, size,
        inner; /**< products of the dimensions before it and after it; `inner` counts bytes */
} hf_tflite_axis;

/** @param op gives the type of the tensor's values */
hf_tflite_axis hf_tflite_axis_of(const hf_tflite_op *op, const int32_t *shape, uint32_t rank, uint32_t axis);
/* Append nodes that compute parts of tensors. `out` receives the graph's tensor, of shape [outer, count, inner]; if
 * joined, of any shape with that many values. */
hf_status hf_tflite_reshape(hf_tflite *tflite, int32_t tensor, int64_t height, int64_t width,
                            int64_t channels, int32_t *out);
hf_status hf_tflite_slice(hf_tflite *tflite, int32_t tensor, hf_tflite_axis axis, int64_t begin,
                          int64_t count, int32_t *out);
hf_status hf_tflite_take(hf_tflite *tflite, int32_t tensor, hf_tflite_axis axis, const int32_t *positions,
                         int32_t count, int32_t *out);
/** @param count at most HF_NODE_MAX_INPUTS @param outer, inner of each tensor's axis; all have one quantisation */
hf_status hf_tflite_join(hf_tflite *tflite, const int32_t *tensors, uint32_t count, int64_t outer,
                         int64_t inner, int32_t *out);
/** Zeros before and after the elements of an axis, which changes shape[axis]. */
hf_status hf_tflite_pad_axis(hf_tflite_op *op, int32_t *shape, uint32_t rank, uint32_t axis, int32_t before,
                             int32_t after, int32_t *tensor);
/** The dimensions in another order: dimension d of `out` is dimension order[d]. Its shape is [height, width, what remains].
 * @param shape, order `rank` values, at most HF_TFLITE_MAX_RANK; groups of them that stay together count as one, and at most
 * four may remain */
hf_status hf_tflite_transpose(hf_tflite *tflite, int32_t tensor, const int32_t *shape, const int32_t *order,
                              uint32_t rank, int32_t value_bytes, int64_t height, int64_t width,
                              int32_t *out);
/** Gives the last node, a TAKE, its positions. @param rows, columns NULL: all, in order */
hf_status hf_tflite_positions(hf_tflite *tflite, const int32_t *rows, const int32_t *columns);
/** Reads a TRANSPOSE inside a channel shuffle, whose operators reshape.c recognises. */
hf_status hf_tflite_op_swap_view(hf_tflite_op *op);
/** Makes a tensor of the graph the operator's output, in the shape that the file declares. */
hf_status hf_tflite_op_alias(hf_tflite_op *op, int32_t tensor);

/** Reads a binary function of any two operands. The node's activation is set. */
hf_status hf_tflite_op_binary(hf_tflite_op *op, hf_binary function);
/** Reads an operator that computes the shape for a RESHAPE. Its result is not needed: the file declares the
 * shape of the RESHAPE's output. */
hf_status hf_tflite_op_computed_shape(hf_tflite_op *op);

#define HF_TFLITE_TAKES_INT16 1U
#define HF_TFLITE_TAKES_UINT8 2U /* with both values and zero points less 128 it is the same as for int8 */
#define HF_TFLITE_CONVERTS    4U /* inputs and output may be of several types */
#define HF_TFLITE_MOVES       (HF_TFLITE_TAKES_INT16 | HF_TFLITE_TAKES_UINT8)

/** A builtin operator of TensorFlow Lite that can be read. */
typedef struct hf_tflite_builtin {
    const char *name;
    hf_status (*read)(hf_tflite_op *op);
    int32_t code; /**< BuiltinOperator */
    uint32_t min_inputs, max_inputs;
    uint8_t options_type;  /**< BuiltinOptions */
    bool options_required; /**< the schema's defaults are not valid values */
    bool many_outputs;     /**< else exactly one */
    bool no_outputs;       /**< none at all */
    uint8_t more_types;    /**< HF_TFLITE_TAKES_*: types of activations that it takes besides int8 */
    bool int32_sums;       /**< of 16-bit values, accumulators have 32 bits unless there is a bias of 64 */
    bool takes_float;      /**< after the last DEQUANTIZE the graph may leave it out */
} hf_tflite_builtin;

/** An operator of the graph that can be written. */
typedef struct hf_tflite_writer {
    hf_op op;
    hf_status (*plan)(hf_tflite_planner *planner, hf_error *err);
} hf_tflite_writer;

/** The operators of a file of operators/. */
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
/** The same for operators that are read but never written. */
#define HF_TFLITE_READ_ONLY_OPERATOR(name)                                                                   \
    extern const hf_tflite_operator hf_tflite_operator_##name;                                               \
    const hf_tflite_operator hf_tflite_operator_##name = {builtins, sizeof builtins / sizeof *builtins,      \
                                                          NULL, 0}

/** @return NULL if the operator is not supported */
const hf_tflite_builtin *hf_tflite_find_builtin(int32_t code);
/** @return NULL if there is no such operator */
const hf_tflite_writer *hf_tflite_find_writer(hf_op op);

#endif
