/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_COMPILE_H
#define HF_COMPILE_COMPILE_H

#include "graph/graph.h"

/**
 * @file compile.h
 * Compiles a graph with weights to the image that the firmware executes (firmware/engine/FORMAT.md).
 */

/**
 * The part of a graph node's output that an image operator computes: channels `first_channel` ..
 * `first_channel` + `channels` - 1 of the output of node `node`, in rows 0 .. `rows` - 1. Most operators
 * compute the whole output. Copies and tables that assemble a concatenation compute some of its channels
 * each; rows that no operator reads are not computed; channels may be in another order.
 */
typedef struct hf_image_op_output {
    int32_t node;
    int32_t first_channel, channels;
    int32_t shuffle_groups; /**< channels are stored as after a channel shuffle of this many groups; 1: in the
                               node's order */
    int32_t rows;
} hf_image_op_output;

/** A part of the arena that is in use while some operators run, as planned. */
typedef struct hf_image_place {
    int32_t node; /**< whose output it is; -1: the input, -2: scratch space */
    uint32_t offset, bytes;
    int32_t first_op, last_op; /**< image operators during which it is in use */
} hf_image_place;

/** A compiled model. */
typedef struct hf_image {
    uint8_t *bytes; /**< owned */
    size_t size;
    uint32_t crc32; /**< as the engine and the firmware report it */
    uint32_t arena_bytes;
    uint32_t input_bytes;
    uint32_t output_bytes;
    hf_image_op_output *ops; /**< owned, op_count elements, in order of execution */
    uint32_t op_count;
    hf_image_place *places; /**< owned, place_count elements */
    uint32_t place_count;
} hf_image;

/**
 * Who occupies the arena when, as text: node, offset, bytes, first and last operator of each place, all separated by commas.
 * @return to be freed; NULL = there is no place, or no memory
 */
char *hf_image_arena_map(const hf_image *image);
/** Size in bytes of the output of image operator `op`. */
int64_t hf_image_op_bytes(const hf_graph *graph, const hf_image *image, uint32_t op);
/**
 * The output that the reference requires of image operator `op`, in [rows,W,channels] order.
 * @param outputs of hf_reference, for this graph
 * @param to      receives hf_image_op_bytes() bytes
 */
void hf_image_op_expect(const hf_graph *graph, const hf_image *image, uint32_t op, int8_t *const *outputs,
                        int8_t *to);

/** What the planner minimises. */
typedef enum hf_objective {
    HF_OBJECTIVE_TIME,  /**< an arena may grow a little where that saves cycles: fewer chains, larger tiles */
    HF_OBJECTIVE_RAM,   /**< the smallest arena that the search finds */
    HF_OBJECTIVE_SPEED, /**< an arena may grow up to the limit where that saves cycles */
} hf_objective;

typedef struct hf_compile_options {
    hf_objective objective;
    uint32_t arena_limit_bytes; /**< up to which an arena may grow to save time; 0: no limit */
} hf_compile_options;

/**
 * Compiles a graph. The memory plan is verified by replaying every access of the kernels before the image is
 * returned.
 * @param graph with weights and quantisation
 * @param out owned by the caller; hf_image_free(); written on HF_OK only
 * Errors: HF_EINVALID for missing weights or quantisation, HF_EUNSUPPORTED and HF_ELIMIT for what an image
 * cannot hold, HF_EMISMATCH if the result fails a check, HF_ENOMEM. Fault class: job.
 */
hf_status hf_compile_for(const hf_graph *graph, const hf_compile_options *options, hf_image *out,
                         hf_error *err);
/** The same with HF_OBJECTIVE_TIME and no limit. */
hf_status hf_compile(const hf_graph *graph, hf_image *out, hf_error *err);
void hf_image_free(hf_image *image);

/** Arena size in bytes that hf_compile() would plan. Needs no weights. Errors as hf_forecast(). */
hf_status hf_plan_arena_bytes(const hf_graph *graph, uint32_t *out, hf_error *err);

/** The sizes of the image that hf_compile_for() would produce, as far as they are known without weights. */
typedef struct hf_image_forecast {
    uint32_t arena_bytes;     /**< the planned size; from a quick forecast an upper bound of it */
    uint32_t arena_bytes_min; /**< lower bound of the planned size; exact if equal to arena_bytes */
    uint64_t image_bytes_min; /**< lower bound: all parameters compact, data without weights shared */
    uint64_t image_bytes;     /**< if all parameters are stored compactly, as in most networks, and no two
                                 tables are equal */
    uint64_t image_bytes_max; /**< upper bound: no parameters compact */
} hf_image_forecast;

/**
 * Forecasts sizes from the graph's shapes alone. Needs neither weights nor quantisation.
 * @param quick use a first memory plan instead of searching for the one that hf_compile_for() will find;
 * about ten times as fast
 * Errors: HF_EINVALID and HF_EUNSUPPORTED for nodes that cannot be compiled, HF_ELIMIT, HF_ENOMEM. Fault
 * class: job.
 */
hf_status hf_forecast(const hf_graph *graph, const hf_compile_options *options, bool quick,
                      hf_image_forecast *out, hf_error *err);

/** The operators of an image and their places in the arena. Needs no weights. Finding the plan takes much of
 * the time of compiling. */
typedef struct hf_image_plan hf_image_plan;

/**
 * Finds the plan that hf_compile_for() uses.
 * @param out owned by the caller; hf_image_plan_free(); written on HF_OK only
 * @param forecast set to the sizes that hf_forecast() gives
 * Errors as hf_forecast().
 */
hf_status hf_image_plan_make(const hf_graph *graph, const hf_compile_options *options, hf_image_plan **out,
                             hf_image_forecast *forecast, hf_error *err);
void hf_image_plan_free(hf_image_plan *plan);
/**
 * hf_compile_for() with a plan, which gives the same image.
 * @param graph the one that was planned; it may have got its weights since. If its quantisation now requires
 * other operators than were planned, it is planned again
 */
hf_status hf_compile_planned(const hf_graph *graph, const hf_image_plan *plan, hf_image *out, hf_error *err);

#endif
