/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_WRITE_PLAN_H
#define HF_TFLITE_WRITE_PLAN_H

#include "base/buffer.h"
#include "flatbuffer_write.h"
#include "graph/graph.h"
#include "reader.h"

/**
 * @file write_plan.h
 * The plan of a .tflite file: its tensors and operators, before anything is written.
 */

#define HF_TFLITE_PLAN_INTS  8
#define HF_TFLITE_MAX_INPUTS 24 /* of an operator: an LSTM has that many */

/** A tensor of the file. Constants have exactly one of bytes, bias, ints. */
typedef struct hf_tflite_planned_tensor {
    char name[72];
    uint8_t type; /**< TYPE_INT8, TYPE_INT16, TYPE_INT32 or TYPE_INT64 */
    uint32_t rank;
    int32_t shape[HF_TFLITE_MAX_RANK];
    hf_quant quant;          /**< one scale and zero point; scale 0 = none or per channel */
    const hf_node *channels; /**< node with the scales per channel (weight_scales), NULL = none */
    int32_t channel_count;   /**< number of scales */
    float channel_factor;    /**< factor of the scales: 1 for weights, the input scale for a bias */
    int32_t channel_dimension;
    const void
        *bytes; /**< values of the whole shape, of any type but int32, little-endian, owned by the graph */
    const int32_t *bias; /**< int32 values of the whole shape, owned by the graph */
    bool variable;       /**< keeps its value between inferences */
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
    const hf_node *node;  /**< source of its options */
    int32_t axis;         /**< concatenation */
    int32_t variable;     /**< VAR_HANDLE: its number, which makes its name */
    bool keep_dims;       /**< mean */
    int32_t shape_tensor; /**< reshape: the tensor that holds the new shape */
};

/** A port of the graph. */
typedef struct hf_tflite_planned_port {
    int32_t
        tensor; /**< graph tensor: of an input or a state, what the model reads; of an output, what it computes */
    int32_t next;   /**< state: graph tensor with its value after the inference */
    bool kept;      /**< state: the LSTM or SVDF that reads it keeps it; it is no variable */
    int32_t handle; /**< file tensor of a variable's VAR_HANDLE; -1: it is none */
} hf_tflite_planned_port;

struct hf_tflite_plan {
    const hf_graph *graph;
    hf_buffer tensors;     /**< of hf_tflite_planned_tensor */
    hf_buffer operators;   /**< of hf_tflite_planned_operator */
    hf_buffer operands;    /**< of int32_t: file tensors */
    int32_t *file_tensors; /**< owned; per graph tensor the file tensor, -1 if it has none yet */
    bool *done;            /**< owned; per node, whether it needs no operator of its own */
    int32_t *value_bytes;  /**< owned; per graph tensor, of its values: 1, or 2 */
    bool *needs_4d;        /**< owned; per graph tensor, whether an operator reads it as [1,H,W,C] */
    int32_t inputs[HF_TFLITE_MAX_PORTS], outputs[HF_TFLITE_MAX_PORTS]; /**< file tensors */
    uint32_t input_count, output_count;
    hf_tflite_planned_port *ports; /**< owned; per port of the graph; NULL: the graph has none */
    struct hf_tflite_plan *once;   /**< owned; the subgraph that CALL_ONCE runs; NULL: none */
};

/** Plans the file. Errors name the node that has no int8 equivalent in TensorFlow Lite.
 * @param plan to be freed with hf_tflite_plan_free() */
hf_status hf_tflite_plan_make(const hf_graph *graph, hf_tflite_plan *plan, hf_error *err);
void hf_tflite_plan_free(hf_tflite_plan *plan);

/**
 * Finds the tensors of each port. PARTs of the graph's input and the JOINs of its outputs are the file's inputs, variables and
 * outputs; they become no operators. Errors: HF_EUNSUPPORTED if parts are not what the ports describe.
 */
hf_status hf_tflite_plan_ports(hf_tflite_plan *plan, hf_error *err);
/** Begins the plan of the file: its inputs, and its variables with their initial values. */
hf_status hf_tflite_plan_inputs(hf_tflite_plan *plan, hf_error *err);
/** Ends it: the file's outputs, and what is assigned to variables. */
hf_status hf_tflite_plan_outputs(hf_tflite_plan *plan, hf_error *err);
/** The type of a file tensor: TYPE_INT16 for graph tensors with values of two bytes, else TYPE_INT8. */
uint8_t hf_tflite_plan_type(const hf_tflite_plan *plan, int32_t tensor);

/* Steps of planning a node. Failed allocations are kept in the buffers of the plan. */

uint32_t hf_tflite_plan_tensor_count(const hf_tflite_plan *plan);
hf_tflite_planned_tensor *hf_tflite_plan_tensor(const hf_tflite_plan *plan, int32_t index);
/** Appends a tensor. @return its index */
int32_t hf_tflite_plan_add_tensor(hf_tflite_plan *plan, const hf_tflite_planned_tensor *tensor);
/** Appends a tensor of the graph with 2 ([1,C]) or 4 ([1,H,W,C]) dimensions. @return its index */
int32_t hf_tflite_plan_add_activation(hf_tflite_plan *plan, int32_t tensor, uint32_t rank, const char *name);
/** Appends a constant of int32 values. @param rank 1, or 0 for a scalar @return its index */
int32_t hf_tflite_plan_add_ints(hf_tflite_plan *plan, const hf_node *node, const char *role,
                                const int32_t *values, uint32_t count, uint32_t rank);
/** Appends an operator with the given operands; the other fields are those of `planned`. */
void hf_tflite_plan_add_operator(hf_tflite_plan *plan, hf_tflite_planned_operator planned,
                                 const int32_t *inputs, uint32_t input_count, const int32_t *outputs,
                                 uint32_t output_count);
/** Appends a RESHAPE between two tensors of the file. */
void hf_tflite_plan_add_reshape(hf_tflite_plan *plan, const hf_node *node, int32_t from, int32_t to);

/** One node being planned. */
typedef struct hf_tflite_planner {
    hf_tflite_plan *plan;
    const hf_node *node;
    hf_tflite_planned_operator op;
    int32_t inputs[HF_TFLITE_MAX_INPUTS]; /**< file tensors */
    uint32_t input_count;
} hf_tflite_planner;

/** Sets the operator's code, version and options. @param put_options NULL for none */
void hf_tflite_planner_set_operator(hf_tflite_planner *p, int32_t builtin, int32_t version,
                                    uint8_t options_type, hf_tflite_put_options *put_options);
/** Appends a file tensor to the operator's inputs. */
void hf_tflite_planner_add_input(hf_tflite_planner *p, int32_t file_tensor);
/**
 * Appends a matrix that belongs to the planner's node, such as its weights.
 * @param tensor its type, quantisation and data; shape and name are set here
 * @param role its name is NODE/role
 * @return its index
 */
int32_t hf_tflite_planner_add_matrix(hf_tflite_planner *p, const char *role, hf_tflite_planned_tensor tensor,
                                     int32_t rows, int32_t columns);
/** The file tensor of the node's input i. */
int32_t hf_tflite_planner_input(const hf_tflite_planner *p, int32_t i);
/** The same as [1,H,W,C]. A vector [1,C] is reshaped; later operators use the result, too. */
int32_t hf_tflite_planner_input_4d(hf_tflite_planner *p, int32_t i);
/** The same as [1,N]. */
int32_t hf_tflite_planner_input_flat(hf_tflite_planner *p, int32_t i);
/** Appends the operator with a flat output, and a RESHAPE to the node's output. */
void hf_tflite_planner_finish_flat(hf_tflite_planner *p);
/**
 * For an operator that keeps a state between inferences: appends it with the file tensor `output`. The node's output must be
 * read by PARTs only: `values` bytes from `values_at` on, which are the operator's output, and the state of `bytes` bytes from
 * `at` on, which the next inference gets. Errors: HF_EUNSUPPORTED.
 */
hf_status hf_tflite_planner_finish_state(hf_tflite_planner *p, int32_t output, int64_t at, int64_t bytes,
                                         int64_t values_at, int64_t values, hf_error *err);
/** Number of dimensions of a file tensor. */
uint32_t hf_tflite_planner_rank(const hf_tflite_planner *p, int32_t file_tensor);
/** Number of dimensions for the output: 2 for a vector, unless an operator reads it as [1,H,W,C], else 4. */
uint32_t hf_tflite_planner_output_rank(const hf_tflite_planner *p);
/** Appends the operator and its output of `rank` dimensions. */
void hf_tflite_planner_finish(hf_tflite_planner *p, uint32_t rank);
/** Adds the node's first input and appends the operator. The output has as many dimensions as the input. */
void hf_tflite_planner_finish_like_input(hf_tflite_planner *p);

/** The ActivationFunctionType of an activation. */
uint8_t hf_tflite_activation_code(hf_activation activation);
/** Appends a table of options whose first fields are the node's padding and strides. @return its position */
size_t hf_tflite_put_window(hf_flat_writer *flat, const char *layout, const hf_node *node);
/** Appends an empty table, for options with default values. @return its position */
size_t hf_tflite_put_empty_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                                   const hf_tflite_planned_operator *op);

#endif
