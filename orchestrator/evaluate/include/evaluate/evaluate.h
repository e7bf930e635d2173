/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_EVALUATE_EVALUATE_H
#define HF_EVALUATE_EVALUATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "compile/compile.h"
#include "datasets/dataset.h"
#include "evaluate/metrics.h"
#include "graph/graph.h"

/**
 * @file evaluate.h
 * Accuracy of a model on a labelled data set. Inferences run on the host, in the engine that the boards run.
 */

/** A model ready to run. */
typedef struct hf_evaluated_model {
    char name[96];
    bool seeded; /**< generated weights: the accuracy is meaningless */
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
/** The same for a graph with weights. @param graph ownership passes to the call, also on failure */
hf_status hf_evaluated_model_from_graph(const char *name, hf_graph *graph, hf_evaluated_model *out,
                                        hf_error *err);
void hf_evaluated_model_free(hf_evaluated_model *model);

/**
 * One inference with the int8 engine.
 * @param input  the input tensor's bytes
 * @param output receives the bytes of the output tensor, model->image.output_bytes
 */
hf_status hf_evaluated_model_run(const hf_evaluated_model *model, const int8_t *input, int8_t *output,
                                 hf_error *err);

typedef enum hf_evaluation_kind {
    HF_EVALUATION_CLASSES, /**< one output per class; the highest wins */
    HF_EVALUATION_ANOMALY, /**< an autoencoder: the larger the reconstruction error, the less
                                normal the input */
} hf_evaluation_kind;

/**
 * Decides how to interpret a model's output for a data set.
 * @param name of the model, for the message @param inputs, outputs values of its tensors
 * @param dataset only its layout and classes count
 * @param out written on HF_OK
 * @return HF_EINVALID if they do not match
 */
hf_status hf_evaluation_choose_kind(const char *name, uint64_t inputs, uint64_t outputs,
                                    const hf_dataset *dataset, hf_evaluation_kind *out, hf_error *err);

typedef struct hf_evaluate_options {
    hf_sample_reading reading; /**< `input` is filled in from the model */
    uint32_t limit; /**< maximum number of samples, spread evenly over and within the classes; 0 = all */
    uint32_t top_k; /**< 2 .. classes: also top-K; 0 = only top-1 */
    /** Called on several threads, but one at a time; NULL = none. */
    void (*progress)(void *user, uint32_t done, uint32_t of);
    void *progress_user;
} hf_evaluate_options;

#define HF_EVALUATION_CONFUSION_MAX 20 /* classes, at most, for a confusion matrix */
#define HF_EVALUATION_MESSAGES      10 /* unreadable samples that are listed */

/** Counts of one class. */
typedef struct hf_class_figures {
    uint64_t samples;   /**< that are of this class */
    uint64_t right;     /**< of them recognised */
    uint64_t predicted; /**< samples of any class that were taken for it */
} hf_class_figures;

typedef struct hf_evaluation {
    hf_evaluation_kind kind;
    uint32_t class_count;
    uint32_t positive_class; /**< the positive class of the AUC for two classes; the anomaly class */
    uint32_t available;      /**< samples in the data set */
    uint32_t chosen;         /**< selected, after the limit */
    uint32_t *scored;        /**< owned; indices of the samples that could be read, by class */
    uint32_t scored_count;
    uint32_t unreadable;
    char messages[HF_EVALUATION_MESSAGES][512]; /**< for the first unreadable samples; "" after the last */
    uint64_t inferences;
    hf_estimate top1, top_k; /**< HF_EVALUATION_CLASSES */
    uint32_t k;              /**< of top_k, 0 = not requested */
    hf_estimate auc;
    uint32_t auc_classes;        /**< classes averaged in the AUC; 1 for two classes and anomalies */
    uint64_t *confusion;         /**< owned; [true][predicted], or NULL */
    hf_class_figures *per_class; /**< owned; HF_EVALUATION_CLASSES: class_count entries, else NULL */
    int8_t *outputs; /**< owned; HF_EVALUATION_CLASSES: the output tensors of the scored samples, else NULL */
    double error_normal, error_anomaly; /**< HF_EVALUATION_ANOMALY: mean squared errors */
} hf_evaluation;

/**
 * Scores a data set, on all processors that this process may use. Unreadable samples are counted and skipped. Fails if no sample can be read, or if model
 * and data set do not match.
 * @param out written on HF_OK only; hf_evaluation_free()
 */
hf_status hf_evaluate(const hf_evaluated_model *model, const hf_dataset *dataset,
                      const hf_evaluate_options *options, hf_evaluation *out, hf_error *err);
void hf_evaluation_free(hf_evaluation *evaluation);

/**
 * Appends a line of CSV for each scored sample, after a line of headings: sample, label, predicted, then the real value of
 * each output (FORMATS.md). @return HF_EINVALID for an autoencoder
 */
hf_status hf_predictions_csv(const hf_evaluated_model *model, const hf_dataset *dataset,
                             const hf_evaluation *evaluation, hf_buffer *out, hf_error *err);

/** How often two models agree. */
typedef struct hf_agreement {
    char other[96];    /**< the second model's name */
    uint32_t compared; /**< samples that both scored */
    hf_estimate same;  /**< share of samples with the same class */
    hf_estimate other_top1;
    uint32_t both_right, only_first_right, only_other_right;
} hf_agreement;

/**
 * Compares two classifiers' evaluations of the same data set.
 * @param other_name of the second model
 * @return HF_EINVALID if one is an autoencoder or no sample was scored by both
 */
hf_status hf_agreement_compute(const hf_dataset *dataset, const hf_evaluation *first,
                               const hf_evaluation *other, const char *other_name, hf_agreement *out,
                               hf_error *err);

struct hf_on_board_result;

/** What else was asked for; each may be NULL. */
typedef struct hf_evaluation_extras {
    const struct hf_on_board_result *board;
    const hf_agreement *agreement;
} hf_evaluation_extras;

/** Appends the result as text for the terminal. */
void hf_evaluation_text(const hf_evaluated_model *model, const hf_dataset *dataset, const char *data_path,
                        const hf_evaluation *evaluation, const hf_evaluation_extras *extras, hf_buffer *out);
/** Appends the result as one JSON object (FORMATS.md). */
hf_status hf_evaluation_json(const hf_evaluated_model *model, const hf_dataset *dataset,
                             const char *data_path, const hf_evaluation *evaluation,
                             const hf_evaluation_extras *extras, hf_buffer *out, hf_error *err);

#endif
