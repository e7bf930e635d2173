/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_OPERATORS_H
#define HF_GRAPH_OPERATORS_H

/**
 * @file operators.h
 * The table of graph operators. Every module that handles operators reads its part of their
 * properties from this table. All arithmetic is TensorFlow Lite's int8 arithmetic:
 *
 * - CONV2D: any kernel, stride, groups; weights [O,KH,KW,I/groups]. DEPTHWISE: multiplier 1; weights
 *   [KH,KW,C]. DENSE: the input flattened; weights [O,I].
 * - ADD, ADD_CONST: both operands are rescaled to twice the larger of their scales with 20 extra bits, added,
 *   and rescaled to the output's scale. ADD_CONST and MUL_CONST have an int8 constant as second operand.
 * - MUL, MUL_CONST: the product of both differences from the zero points x (scale a x scale b / scale out).
 *   MUL's second input may be 1 x 1 x C.
 * - CONCAT (along channels), RELU (RELU or RELU6, the node's activation): values are copied if the
 *   quantisation is equal; otherwise (q - zero point) x (scale in / scale out) + zero point out.
 * - AVERAGE_POOL, MAX_POOL, SLICE (channels slice_begin .. slice_begin + slice_count - 1), CHANNEL_SHUFFLE
 *   (channel g x (C/groups) + i moves to i x groups + g), PAD (with the zero point, i.e. real 0), RESHAPE:
 *   input and output have equal quantisation.
 * - MEAN over height and width: sum of differences from the zero point x (scale in / scale out) / positions.
 * - SOFTMAX, LOGISTIC: output scale 1/256, zero point -128. TANH: output scale 1/128, zero point 0.
 * - QUANTIZE: a change of quantisation. LEAKY_RELU: the node's alpha below zero. ELU: e^x - 1 below zero. ABS: the
 *   magnitude.
 * - BINARY: the node's hf_binary function of two tensors of one shape, or of a tensor and one that is repeated
 *   along the dimensions in which it has size 1. BINARY_CONST: the second operand is constant data of the node;
 *   BINARY_SCALAR: it is one constant value.
 * - TRANSPOSE: the input's values, seen as an array of up to four dimensions, in another order of dimensions.
 * - TAKE: output position (y, x) is input position (rows[y], columns[x]): steps, gathers, nearest neighbours.
 * - REDUCE: over the width, for each row: mean, sum, maximum or minimum.
 * - RESIZE_BILINEAR: with weights of 10 bits.
 * - PART: bytes of a flat tensor as a tensor of its own; JOIN: the bytes of several tensors, one after another.
 *   They give a model with several inputs, outputs or states one input and one output tensor. Their flat tensors
 *   have no quantisation that means anything.
 * - LSTM: TensorFlow Lite's UNIDIRECTIONAL_SEQUENCE_LSTM with int8 or int16 activations and a 16-bit cell state. Rows of
 *   the input are batches, columns are steps in time.
 * - SVDF: TensorFlow Lite's operator of that name: each filter sees the last `memory` inputs (graph/svdf.h).
 * - LOG_SOFTMAX: output scale 16/256, zero point 127. ARG: the position of the largest or smallest value along the
 *   width, as 4 bytes, little-endian.
 * - CONV_GENERAL: convolutions that CONV2D, DEPTHWISE and DENSE do not have: of 16-bit values, of weights with a
 *   zero point, transposed (graph/general.h).
 * - BINARY16, BINARY16_CONST, FUNCTION16, POOL16, SOFTMAX16, REDUCE16: operators of 16-bit values (graph/values16.h). A POOL16
 *   may be the average of bytes that rounds halves up, as TensorFlow Lite's of uint8 does; AVERAGE_POOL rounds away from zero.
 *
 * A tensor of 16-bit values counts their bytes, little-endian, as channels; its zero point is 0. So operators that
 * move values move 16-bit values, too.
 *
 * X(NAME, text, min_inputs, max_inputs, shape, calibration, reference, lowering, image, traits)
 * - text: its name in reports and messages
 * - min_inputs, max_inputs: number of input tensors
 * - shape: rule for the shape of its output, shape_<shape>() in shape.c
 * - calibration: rule for the quantisation of its output, calibrate_<calibration>() in weights/calibration.c
 * - reference: hf_reference_<reference>() computes it in the reference interpreter
 * - lowering: rule for the fields of its image record, except sizes: lower_<lowering>() in
 *   compile/lower_node.c
 * - image: HF_IMAGE_OP_<image> executes it (engine/operators.h); NONE: it needs no image operator
 * - traits: HF_NODE_*
 *
 * tflite/operators/ defines its forms in .tflite files.
 */
/* clang-format off */
#define HF_OP_MAP(X)                                                                                             \
    X(CONV2D,          "conv2d",           1, 1, conv,      weights,     weighted,        conv,    CONV2D,       \
      HF_NODE_WEIGHTS | HF_NODE_POSITIONS)                                                                       \
    X(DEPTHWISE,       "depthwise_conv2d", 1, 1, window,    weights,     weighted,        window,  DEPTHWISE,    \
      HF_NODE_WEIGHTS | HF_NODE_POSITIONS | HF_NODE_VIEWS)                                                       \
    X(DENSE,           "dense",            1, 1, dense,     weights,     weighted,        dense,   DENSE,        \
      HF_NODE_WEIGHTS)                                                                                           \
    X(AVERAGE_POOL,    "average_pool2d",   1, 1, window,    same,        average_pool,    window,  AVERAGE_POOL, \
      HF_NODE_SAME_QUANT | HF_NODE_POSITIONS | HF_NODE_VIEWS)                                                    \
    X(MAX_POOL,        "max_pool2d",       1, 1, window,    same,        max_pool,        window,  MAX_POOL,     \
      HF_NODE_SAME_QUANT | HF_NODE_POSITIONS | HF_NODE_VIEWS)                                                    \
    X(ADD,             "add",              2, 2, pair,      sum,         pair,            plain,   ADD,          \
      0)                                                                                                         \
    X(RESHAPE,         "reshape",          1, 1, reshape,   same,        reshape,         plain,   NONE,         \
      HF_NODE_SAME_QUANT)                                                                                        \
    X(SOFTMAX,         "softmax",          1, 1, same,      probability, softmax,         plain,   SOFTMAX,      \
      0)                                                                                                         \
    X(MUL,             "mul",              2, 2, gate,      product,     pair,            gate,    MUL,          \
      0)                                                                                                         \
    X(CONCAT,          "concat",           2, 16, concat,   same,        concat,          concat,  COPY,         \
      HF_NODE_SAME_QUANT | HF_NODE_VIEWS)                                                                        \
    X(SLICE,           "slice",            1, 1, slice,     same,        slice,           slice,   COPY,         \
      HF_NODE_SAME_QUANT | HF_NODE_VIEWS)                                                                        \
    X(CHANNEL_SHUFFLE, "channel_shuffle",  1, 1, shuffle,   same,        channel_shuffle, shuffle, COPY,         \
      HF_NODE_SAME_QUANT | HF_NODE_VIEWS)                                                                        \
    X(HARD_SWISH,      "hard_swish",       1, 1, same,      hard_swish,  elementwise,     plain,   TABLE,        \
      HF_NODE_ELEMENTWISE | HF_NODE_VIEWS)                                                                       \
    X(ADD_CONST,       "add_const",        1, 1, same,      plus,        elementwise,     plain,   TABLE,        \
      HF_NODE_ELEMENTWISE | HF_NODE_VIEWS)                                                                       \
    X(MUL_CONST,       "mul_const",        1, 1, same,      times,       elementwise,     plain,   TABLE,        \
      HF_NODE_ELEMENTWISE | HF_NODE_VIEWS)                                                                       \
    X(RELU,            "relu",             1, 1, relu,      identity,    elementwise,     plain,   TABLE,        \
      HF_NODE_ELEMENTWISE | HF_NODE_VIEWS)                                                                       \
    X(PAD,             "pad",              1, 1, pad,       same,        pad,             pad,     PAD,          \
      HF_NODE_SAME_QUANT | HF_NODE_POSITIONS)                                                                    \
    X(MEAN,            "mean",             1, 1, mean,      same,        mean,            plain,   MEAN,         \
      HF_NODE_SAME_QUANT | HF_NODE_POSITIONS)                                                                    \
    X(LOGISTIC,        "logistic",         1, 1, same,      probability, elementwise,     plain,   TABLE,        \
      HF_NODE_ELEMENTWISE | HF_NODE_VIEWS)                                                                       \
    X(TANH,            "tanh",             1, 1, same,      unit,        elementwise,     plain,   TABLE,        \
      HF_NODE_ELEMENTWISE | HF_NODE_VIEWS)                                                                       \
    X(QUANTIZE,        "quantize",         1, 1, same,      identity,    elementwise,     plain,   TABLE,        \
      HF_NODE_ELEMENTWISE | HF_NODE_VIEWS)                                                                       \
    X(LEAKY_RELU,      "leaky_relu",       1, 1, same,      identity,    elementwise,     plain,   TABLE,        \
      HF_NODE_ELEMENTWISE | HF_NODE_VIEWS)                                                                       \
    X(ELU,             "elu",              1, 1, same,      identity,    elementwise,     plain,   TABLE,        \
      HF_NODE_ELEMENTWISE | HF_NODE_VIEWS)                                                                       \
    X(ABS,             "abs",              1, 1, same,      identity,    elementwise,     plain,   TABLE,        \
      HF_NODE_ELEMENTWISE | HF_NODE_VIEWS)                                                                       \
    X(BINARY_SCALAR,   "binary_scalar",    1, 1, same,      scalar,      elementwise,     plain,   TABLE,        \
      HF_NODE_ELEMENTWISE | HF_NODE_VIEWS)                                                                       \
    X(BINARY,          "binary",           2, 2, broadcast, binary,      binary,          binary,  BINARY,       \
      0)                                                                                                         \
    X(BINARY_CONST,    "binary_const",     1, 1, operand,   operand,     binary,          binary,  BINARY_CONST, \
      0)                                                                                                         \
    X(TRANSPOSE,       "transpose",        1, 1, transpose, same,        transpose,       plain,   MOVE,         \
      HF_NODE_SAME_QUANT)                                                                                        \
    X(TAKE,            "take",             1, 1, take,      same,        take,            plain,   TAKE,         \
      HF_NODE_SAME_QUANT)                                                                                        \
    X(REDUCE,          "reduce",           1, 1, reduce,    reduce,      reduce,          plain,   REDUCE,       \
      0)                                                                                                         \
    X(RESIZE_BILINEAR, "resize_bilinear",  1, 1, resize,    same,        resize_bilinear, plain,   RESIZE,       \
      HF_NODE_SAME_QUANT)                                                                                        \
    X(PART,            "part",             1, 1, part,      same,        part,            plain,   NONE,         \
      0)                                                                                                         \
    X(JOIN,            "join",             1, 16, join,     same,        join,            join,    COPY,         \
      0)                                                                                                         \
    X(LSTM,            "lstm",             2, 2, lstm,      same,        lstm,            lstm,    LSTM,         \
      0)                                                                                                         \
    X(SVDF,            "svdf",             2, 2, svdf,      same,        svdf,            svdf,    SVDF,         \
      0)                                                                                                         \
    X(LOG_SOFTMAX,     "log_softmax",      1, 1, same,      logarithm,   log_softmax,     plain,   LOG_SOFTMAX,  \
      0)                                                                                                         \
    X(ARG,             "arg_max",          1, 1, arg,       same,        arg,             plain,   ARG,          \
      0)                                                                                                         \
    X(CONV_GENERAL,    "conv2d_general",   1, 1, general,   same,        general,         general, CONV_GENERAL, \
      0)                                                                                                         \
    X(BINARY16,        "binary16",         2, 2, binary16,  same,        binary16,        binary,  BINARY16,     \
      0)                                                                                                         \
    X(BINARY16_CONST,  "binary16_const",   1, 1, operand16, same,        binary16,        binary,  BINARY16_CONST, \
      0)                                                                                                         \
    X(FUNCTION16,      "function16",       1, 1, function16, same,       function16,      plain,   FUNCTION16,   \
      0)                                                                                                         \
    X(POOL16,          "pool16",           1, 1, pool16,    same,        pool16,          window,  POOL16,       \
      0)                                                                                                         \
    X(SOFTMAX16,       "softmax16",        1, 1, same,      same,        softmax16,       plain,   SOFTMAX16,    \
      0)                                                                                                         \
    X(REDUCE16,        "reduce16",         1, 1, reduce,    same,        reduce16,        plain,   REDUCE16,     \
      0)
/* clang-format on */

/** Traits of operators. */
#define HF_NODE_WEIGHTS 1U /**< has weights and biases */
#define HF_NODE_SAME_QUANT                                                                                   \
    2U /**< calibration gives its inputs and its output the same quantisation: values are
                                     moved, not rescaled (MEAN could rescale, but need not) */
#define HF_NODE_ELEMENTWISE                                                                                  \
    4U                       /**< each output value depends on one input value only: a table of 256 values */
#define HF_NODE_POSITIONS 8U /**< TensorFlow Lite defines it for four-dimensional tensors only */
#define HF_NODE_VIEWS                                                                                        \
    16U /**< reads and writes views (compile/views.h); for CONV2D this depends on its kernel */

#endif
