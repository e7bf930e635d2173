/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_EVALUATE_EVALUATE_H
#define HF_EVALUATE_EVALUATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "compile/compile.h"
#include "evaluate/dataset.h"
#include "evaluate/metrics.h"
#include "graph/graph.h"

/**
 * @file evaluate.h
 * How good a model is on a labelled data set, by the engine that runs on the boards, compiled for the host.
 */

/** A model ready to run. */
typedef struct hf_evaluated_model {
    char name[96];
    bool seeded; /**< generated weights: no accuracy to be expected */
    hf_graph *graph;
    hf_image image;
    struct hf_evaluated_engine *engine; /**< owned; the image, opened, and its arena */
} hf_evaluated_model;

/**
 * @param argument a path ending in .tflite, or a variation's name
 * @param weights_seed for a variation
 * @param out hf_evaluated_model_free()
 */
hf_status hf_evaluated_model_load(const char *argument, uint32_t weights_seed, hf_evaluated_model *out,
                                  hf_error *err);
/** The same for a graph with weights. @param graph taken over, on failure too */
hf_status hf_evaluated_model_take(const char *name, hf_graph *graph, hf_evaluated_model *out, hf_error *err);
void hf_evaluated_model_free(hf_evaluated_model *model);

/**
 * One inference with the int8 engine.
 * @param input  the input tensor's bytes
 * @param output receives the output tensor's, model->image.output_bytes
 */
hf_status hf_evaluated_model_run(const hf_evaluated_model *model, const int8_t *input, int8_t *output,
                                 hf_error *err);

typedef enum hf_evaluation_kind {
    HF_EVALUATION_CLASSES, /**< an output per class, the highest is the answer */
    HF_EVALUATION_ANOMALY, /**< an autoencoder: the worse it reproduces its input, the less normal that is */
} hf_evaluation_kind;

typedef struct hf_evaluate_options {
    hf_sample_reading reading; /**< `input` is filled in from the model */
    uint32_t limit;            /**< samples at most, spread evenly over the classes and each class; 0 = all */
    uint32_t top_k;            /**< 2 .. classes: also top-K; 0 = only top-1 */
    void (*progress)(void *user, uint32_t done, uint32_t of); /**< NULL = none */
    void *progress_user;
} hf_evaluate_options;

#define HF_EVALUATION_CONFUSION_MAX 20 /* classes up to which there is a confusion matrix */
#define HF_EVALUATION_MESSAGES      10 /* unreadable samples that are named */

typedef struct hf_evaluation {
    hf_evaluation_kind kind;
    uint32_t class_count;
    uint32_t positive_class; /**< whose score the AUC of two classes is of; the anomaly's */
    uint32_t available;      /**< samples in the data set */
    uint32_t chosen;         /**< of them, after the limit */
    uint32_t *scored;        /**< owned; indices of those that could be read, by class */
    uint32_t scored_count;
    uint32_t unreadable;
    char messages[HF_EVALUATION_MESSAGES][512]; /**< of the first unreadable ones; "" behind the last */
    uint64_t inferences;
    hf_estimate top1, top_k; /**< HF_EVALUATION_CLASSES */
    uint32_t k;              /**< of top_k, 0 = not asked for */
    hf_estimate auc;
    uint32_t auc_classes;               /**< classes averaged in the AUC; 1 for two classes and anomalies */
    uint64_t *confusion;                /**< owned; [true][predicted], or NULL */
    double error_normal, error_anomaly; /**< HF_EVALUATION_ANOMALY: mean squared errors */
} hf_evaluation;

/**
 * Scores a data set. Samples that cannot be read are counted and left out; it fails when none can be read, or
 * when model and data set do not belong together.
 * @param out filled on HF_OK; hf_evaluation_free()
 */
hf_status hf_evaluate(const hf_evaluated_model *model, const hf_dataset *dataset,
                      const hf_evaluate_options *options, hf_evaluation *out, hf_error *err);
void hf_evaluation_free(hf_evaluation *evaluation);

struct hf_on_board_result;

/** For people. @param board NULL = nothing was run on a board */
void hf_evaluation_text(const hf_evaluated_model *model, const hf_dataset *dataset, const char *data_path,
                        const hf_evaluation *evaluation, const struct hf_on_board_result *board,
                        hf_buffer *out);
/** For programs: one JSON object (FORMATS.md). */
hf_status hf_evaluation_json(const hf_evaluated_model *model, const hf_dataset *dataset,
                             const char *data_path, const hf_evaluation *evaluation,
                             const struct hf_on_board_result *board, hf_buffer *out, hf_error *err);

#endif
