/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_TRAIN_H
#define HF_TRAIN_TRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "spec/spec.h"

/**
 * @file train.h
 * Trains the variations of a spec with the program hilfarm-train, and keeps the results as int8 .tflite files with a record beside each
 * (FORMAT.md). A variation whose record matches its graph, data and recipe is not trained again.
 */

typedef enum hf_training_event {
    HF_TRAINING_KEPT,    /**< trained before, from the same graph, data and recipe */
    HF_TRAINING_STARTED, /**< `epoch` of `epochs` are done already, if it continues an earlier one */
    HF_TRAINING_BATCH,   /**< within an epoch, at most twice a second */
    HF_TRAINING_EPOCH,   /**< an epoch ended */
    HF_TRAINING_DONE,    /**< the file is there */
    HF_TRAINING_STOPPED, /**< by a signal: the best so far is kept, or nothing if no epoch has ended */
    HF_TRAINING_FAILED,  /**< message says why */
} hf_training_event;

/** What is known of one training. Percentages are negative if unknown. */
typedef struct hf_training_progress {
    hf_training_event event;
    uint32_t variation;     /**< index in the spec */
    const char *name;       /**< of the variation */
    uint32_t number, count; /**< the number-th of the spec's trainings, from 1 */
    uint32_t slot;          /**< 0 .. jobs - 1: those under way at once */
    uint32_t epoch, epochs;
    double loss, training_percent, validation_percent;
    double seconds_left;
    double float_percent, int8_percent; /**< HF_TRAINING_DONE, KEPT: on the test set */
    const char *message;
} hf_training_progress;

typedef struct hf_training_options {
    const char *program; /**< hilfarm-train; NULL = it is not installed */
    uint32_t jobs;       /**< trainings at once, each with one thread; 0 = one per processor */
    const char *only;    /**< patterns of names as in fnmatch(3), with commas between; NULL = all */
    uint32_t
        until_epoch; /**< pause each after so many epochs of its schedule, with a result and a record that is not
                             complete; a later call continues it. 0 = train to the end */
    int cancel_fd; /**< readable = end: trainings under way keep their best; -1 = none */
    void (*progress)(void *user, const hf_training_progress *progress); /**< NULL = none */
    void *user;
} hf_training_options;

/** How many trainings ended how. */
typedef struct hf_training_summary {
    uint32_t kept, trained, stopped, failed;
    bool cancelled;
} hf_training_summary;

#define HF_TRAINING_NO_TRAINER                                                                               \
    "hilfarm-train is not there: it is built where Debian's torch is installed (apt install libtorch-dev, "  \
    "then build again)"

/**
 * Trains what has to be trained.
 * @param spec with a training
 * @param out  written on HF_OK
 * @return HF_OK even if trainings failed or were stopped; HF_EUNSUPPORTED if something has to be trained and there is no
 * trainer; errors of the data sets; HF_EIO; HF_ENOMEM
 */
hf_status hf_train(const hf_spec *spec, const hf_training_options *options, hf_training_summary *out,
                   hf_error *err);

/** What a record says of a trained file. */
typedef struct hf_training_record {
    bool complete;                                          /**< trained to the end */
    char key[65];                                           /**< of graph, data and recipe */
    char torch[32];                                         /**< version */
    uint32_t epochs;                                        /**< trained */
    double validation_percent, float_percent, int8_percent; /**< negative: unknown */
    double seconds;
} hf_training_record;

/**
 * Reads the record of a trained file, NAME.tflite.json.
 * @return HF_OK; HF_ENOTFOUND if there is none, or if the file is not the one that it describes; HF_EFORMAT
 */
hf_status hf_training_record_read(const char *tflite_path, hf_training_record *out, hf_error *err);

#endif
