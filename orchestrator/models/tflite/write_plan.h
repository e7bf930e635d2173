/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_WRITE_PLAN_H
#define HF_TFLITE_WRITE_PLAN_H

#include "base/buffer.h"
#include "flatbuffer_write.h"
#include "graph/graph.h"
#include "reader.h"

/**
 * @file write_plan.h
 * What a graph becomes as a .tflite file: tensors and operators in the file's terms, before any byte of it.
 */

#define HF_TFLITE_PLAN_INTS 8

/** A tensor of the file. Constants have exactly one of bytes, bias, ints. */
typedef struct hf_tflite_planned_tensor {
    char name[72];
    uint8_t type; /**< TYPE_INT8 or TYPE_INT32 */
    uint32_t rank;
    int32_t shape[HF_TFLITE_MAX_RANK];
    hf_quant quant;          /**< one scale and zero point; scale 0 = none or per channel */
    const hf_node *channels; /**< whose weight_scales are the scales, NULL = none */
    int32_t channel_count;   /**< of scales */
    float channel_factor;    /**< the scales are the weights' times this: 1, for a bias the input's scale */
    int32_t channel_dimension;
    const int8_t *bytes; /**< int8 values of the whole shape, the graph's */
    const int32_t *bias; /**< int32 values of the whole shape, the graph's */
    int32_t ints[HF_TFLITE_PLAN_INTS];
    uint32_t int_count;
} hf_tflite_planned_tensor;

typedef struct hf_tflite_plan hf_tflite_plan;
typedef struct hf_tflite_planned_operator hf_tflite_planned_operator;

/** Appends the table of an operator's options. @return its position */
typedef size_t hf_tflite_put_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                                     const hf_tflite_planned_operator *op);

/** An operator of the file. Its operands are `input_count` and `output_count` entries of plan->operands. */
struct hf_tflite_planned_operator {
    int32_t builtin;
    int32_t version;
    uint8_t options_type;
    hf_tflite_put_options *put_options; /**< NULL: no options */
    uint32_t input_at, input_count;
    uint32_t output_at, output_count;
    const hf_node *node;  /**< where its options come from */
    int32_t axis;         /**< concatenation */
    bool keep_dims;       /**< mean */
    int32_t shape_tensor; /**< reshape: the tensor with its new shape */
};

struct hf_tflite_plan {
    const hf_graph *graph;
    hf_buffer tensors;     /**< of hf_tflite_planned_tensor */
    hf_buffer operators;   /**< of hf_tflite_planned_operator */
    hf_buffer operands;    /**< of int32_t: file tensors */
    int32_t *file_tensors; /**< owned; per graph tensor the file's, -1 while it has none */
    bool *split;           /**< owned; per node, whether a SPLIT before it has already computed it */
    bool *needs_positions; /**< owned; per graph tensor, whether an operator reads it as [1,H,W,C] */
    int32_t input, output; /**< file tensors */
};

/** Plans the file. Errors name the node that has no int8 TensorFlow Lite form. */
hf_status hf_tflite_plan_make(const hf_graph *graph, hf_tflite_plan *plan, hf_error *err);
void hf_tflite_plan_free(hf_tflite_plan *plan);

/* Steps that planning a node consists of; failures to allocate stick in the buffers. */

uint32_t hf_tflite_plan_tensor_count(const hf_tflite_plan *plan);
hf_tflite_planned_tensor *hf_tflite_plan_tensor(const hf_tflite_plan *plan, int32_t index);
/** Appends a tensor. @return its index */
int32_t hf_tflite_plan_add_tensor(hf_tflite_plan *plan, const hf_tflite_planned_tensor *tensor);
/** The graph's tensor as a tensor of 2 ([1,C]) or 4 ([1,H,W,C]) dimensions. @return its index */
int32_t hf_tflite_plan_add_activation(hf_tflite_plan *plan, int32_t tensor, uint32_t rank, const char *name);
/** A constant of int32 values in one dimension, or none for `rank` 0. @return its index */
int32_t hf_tflite_plan_add_ints(hf_tflite_plan *plan, const hf_node *node, const char *role,
                                const int32_t *values, uint32_t count, uint32_t rank);
/** Appends an operator with the given operands; the other fields are `operator`'s. */
void hf_tflite_plan_add_operator(hf_tflite_plan *plan, hf_tflite_planned_operator planned,
                                 const int32_t *inputs, uint32_t input_count, const int32_t *outputs,
                                 uint32_t output_count);
/** A RESHAPE between two tensors of the file. */
void hf_tflite_plan_add_reshape(hf_tflite_plan *plan, const hf_node *node, int32_t from, int32_t to);

/** One node being planned. */
typedef struct hf_tflite_planner {
    hf_tflite_plan *plan;
    const hf_node *node;
    hf_tflite_planned_operator op;
    int32_t inputs[HF_NODE_MAX_INPUTS + 1]; /**< file tensors */
    uint32_t input_count;
} hf_tflite_planner;

/** Which operator of the file it becomes. @param put_options NULL for none */
void hf_tflite_planner_kind(hf_tflite_planner *p, int32_t builtin, int32_t version, uint8_t options_type,
                            hf_tflite_put_options *put_options);
/** The file's operator gets a tensor of the file as its next input. */
void hf_tflite_planner_add_input(hf_tflite_planner *p, int32_t file_tensor);
/** The node's input i as a tensor of the file. */
int32_t hf_tflite_planner_input(const hf_tflite_planner *p, int32_t i);
/** The same as [1,H,W,C]; a vector [1,C] gets a RESHAPE, which later readers use too. */
int32_t hf_tflite_planner_input_with_positions(hf_tflite_planner *p, int32_t i);
/** Dimensions of a tensor of the file. */
uint32_t hf_tflite_planner_rank(const hf_tflite_planner *p, int32_t file_tensor);
/** Dimensions that an output of one position is given: 2, or 4 if somebody reads it as [1,H,W,C]. */
uint32_t hf_tflite_planner_vector_rank(const hf_tflite_planner *p);
/** Appends the operator, whose output has `rank` dimensions. */
void hf_tflite_planner_finish(hf_tflite_planner *p, uint32_t rank);
/** Takes the first input and appends the operator, whose output has the input's dimensions. */
void hf_tflite_planner_finish_like_input(hf_tflite_planner *p);

/** ActivationFunctionType. */
uint8_t hf_tflite_activation_code(hf_activation activation);
/** A table of options that begins with the node's padding and strides. @return its position */
size_t hf_tflite_put_window(hf_flat_writer *flat, const char *layout, const hf_node *node);
/** A table without fields, or with defaults that are right. */
size_t hf_tflite_put_empty(hf_flat_writer *flat, const hf_tflite_plan *plan,
                           const hf_tflite_planned_operator *op);

#endif
