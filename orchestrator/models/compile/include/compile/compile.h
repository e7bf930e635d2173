/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_COMPILE_H
#define HF_COMPILE_COMPILE_H

#include "graph/graph.h"

/**
 * @file compile.h
 * From a graph with weights to the image the firmware executes (firmware/engine/FORMAT.md).
 */

/**
 * What an image operator leaves behind: channels `first_channel` .. + `channels` - 1 of the output of graph
 * node `node`, in rows 0 .. `rows` - 1. Most operators make a node's whole output; copies and tables that
 * bring the parts of a concatenation together make some of its channels each, rows that are not needed are not
 * computed, and channels may come in another order.
 */
typedef struct hf_image_op_output {
    int32_t node;
    int32_t first_channel, channels;
    int32_t shuffle_groups; /**< channels are in the order of a channel shuffle of so many groups; 1: as they
                               are */
    int32_t rows;
} hf_image_op_output;

typedef struct hf_image {
    uint8_t *bytes; /**< owned */
    size_t size;
    uint32_t crc32; /**< as the engine and the firmware report it */
    uint32_t arena_bytes;
    uint32_t input_bytes;
    uint32_t output_bytes;
    hf_image_op_output *ops; /**< owned, op_count */
    uint32_t op_count;
} hf_image;

/** Bytes an image operator leaves behind. */
int64_t hf_image_op_bytes(const hf_graph *graph, const hf_image *image, uint32_t op);
/**
 * What these bytes must be according to the reference, in [rows,W,channels] order.
 * @param outputs hf_reference's, of this graph
 * @param to      hf_image_op_bytes()
 */
void hf_image_op_expect(const hf_graph *graph, const hf_image *image, uint32_t op, int8_t *const *outputs,
                        int8_t *to);

/** What the planner minimises. */
typedef enum hf_objective {
    HF_OBJECTIVE_TIME, /**< an arena may grow a little where that saves cycles: fewer chains, larger tiles */
    HF_OBJECTIVE_RAM,  /**< the smallest arena that is found */
} hf_objective;

typedef struct hf_compile_options {
    hf_objective objective;
    uint32_t arena_limit_bytes; /**< beyond which no arena grows for time; 0: no such limit */
} hf_compile_options;

/** Compiles; the plan is checked by replaying it (no two live tensors overlap) before the image is handed
 * out. */
hf_status hf_compile_for(const hf_graph *graph, const hf_compile_options *options, hf_image *out,
                         hf_error *err);
/** The same for time, without a limit. */
hf_status hf_compile(const hf_graph *graph, hf_image *out, hf_error *err);
void hf_image_free(hf_image *image);

/** Arena bytes that hf_compile() would plan, without weights. */
hf_status hf_plan_arena_bytes(const hf_graph *graph, uint32_t *out, hf_error *err);

/** What hf_compile_for() would make of a graph, as far as that can be said without weights. */
typedef struct hf_image_forecast {
    uint32_t arena_bytes;     /**< what is planned; after a quick look not less than that */
    uint32_t arena_bytes_min; /**< not more than what is planned; equal to arena_bytes: both are exact */
    uint64_t image_bytes_min; /**< no image is smaller: everything compact, tables and the like all equal */
    uint64_t image_bytes; /**< if all parameters can be stored compactly, as those of most networks can, and
                             no two tables are equal */
    uint64_t image_bytes_max; /**< if none can: no image is larger */
} hf_image_forecast;

/**
 * Geometry only: needs neither weights nor quantisation.
 * @param quick take a first plan of the memory instead of searching for the one that hf_compile_for() will
 * find; ten times as fast
 */
hf_status hf_forecast(const hf_graph *graph, const hf_compile_options *options, bool quick,
                      hf_image_forecast *out, hf_error *err);

#endif
