/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_TRAIN_H
#define HF_TRAIN_TRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "cache/cache.h"
#include "families/families.h"
#include "spec/spec.h"

/**
 * @file train.h
 * Trains variations of families with the program hilfarm-train, and keeps the results as int8 .tflite files with a record beside each
 * (FORMAT.md). A variation whose record matches its graph, data and recipe is not trained again.
 */

typedef enum hf_training_event {
    HF_TRAINING_KEPT,    /**< trained before, from the same graph, data and recipe */
    HF_TRAINING_WARNING, /**< message: something that does not stop it, such as samples that cannot be read */
    HF_TRAINING_STARTED, /**< `epoch` of `epochs` are done already, if it continues an earlier one */
    HF_TRAINING_BATCH,   /**< within an epoch, at most twice a second */
    HF_TRAINING_EPOCH,   /**< an epoch ended */
    HF_TRAINING_DONE,    /**< the file is there; `epoch` is less than `epochs` if it has paused */
    HF_TRAINING_STOPPED, /**< by a signal: the best so far is kept, or nothing if no epoch has ended */
    HF_TRAINING_FAILED,  /**< message says why */
} hf_training_event;

/** What is known of one training. Percentages are negative if unknown. */
typedef struct hf_training_progress {
    hf_training_event event;
    uint32_t item;          /**< index in the list of trainings */
    const char *name;       /**< of the variation */
    uint32_t number, count; /**< the number-th of the trainings, from 1 */
    uint32_t slot;          /**< 0 .. jobs - 1: those under way at once */
    uint32_t epoch, epochs;
    double loss, training_percent, validation_percent;
    double seconds_left;
    double float_percent, int8_percent; /**< HF_TRAINING_DONE, KEPT: on the test set */
    const char
        *message; /**< NULL if the event needs none; of HF_TRAINING_DONE and KEPT: it has learnt nothing */
} hf_training_progress;

/** One training. Everything is borrowed during the call. */
typedef struct hf_training_item {
    const char *name;               /**< of the variation, for progress and messages */
    const hf_variation *variation;  /**< valid */
    const hf_spec_training *recipe; /**< with data; its models_dir also holds what is not complete yet */
    const char *tflite_path;        /**< the file to make; its folder is created */
    /** Pause after so many epochs, with a file and a record that is not complete; a later call continues it. The learning rate follows
     * the schedule of all the recipe's epochs, so a training that was paused ends with the same file as one that was not. 0 = train
     * to the end */
    uint32_t until_epoch;
} hf_training_item;

typedef struct hf_training_options {
    const char *program; /**< hilfarm-train; NULL = it is not installed */
    uint32_t jobs;       /**< trainings at once, each with one thread; 0 = one per processor */
    const char *only; /**< hf_train(): patterns of names as in fnmatch(3), with commas between; NULL = all */
    /** hf_train(): whether to train a variation; NULL = all. It gets `user`. */
    bool (*is_wanted)(void *user, const hf_spec_variation *variation);
    uint32_t until_epoch; /**< hf_train(): of each training, as in hf_training_item */
    hf_cache *cache;      /**< complete trainings of all specs; NULL = none */
    int cancel_fd;        /**< readable = end: trainings under way keep their best; -1 = none */
    void (*progress)(void *user, const hf_training_progress *progress); /**< NULL = none */
    void *user;
} hf_training_options;

/** How many trainings ended how. */
typedef struct hf_training_summary {
    uint32_t kept, trained, stopped, failed; /**< trained: also those that have paused */
    bool cancelled;
} hf_training_summary;

/** The recipe as JSON text: what a training depends on beside graph, data and the models that it learns from. NULL without memory;
 * the caller's to free(). */
char *hf_training_recipe_text(const hf_spec_training *recipe);

#define HF_TRAINING_NO_TRAINER                                                                               \
    "hilfarm-train is not there: it is built where Debian's torch is installed (apt install libtorch-dev, "  \
    "then build again)"

/**
 * Trains what has to be trained, several at once. Trainings that were paused or stopped are continued.
 * @param items in the order in which they begin
 * @param out   written on HF_OK
 * @return HF_OK even if trainings failed or were stopped; HF_EUNSUPPORTED if something has to be trained and there is no
 * trainer; errors of the data sets; HF_EIO; HF_ENOMEM
 */
hf_status hf_train_items(const hf_training_item *items, uint32_t count, const hf_training_options *options,
                         hf_training_summary *out, hf_error *err);

/** The same for those variations of a spec that it trains. `item` of the progress is the index among them. */
hf_status hf_train(const hf_spec *spec, const hf_training_options *options, hf_training_summary *out,
                   hf_error *err);

/** What a record says of a trained file. */
typedef struct hf_training_record {
    bool complete;   /**< trained to the end; otherwise paused or stopped */
    char key[65];    /**< of graph, data and recipe */
    char torch[32];  /**< version */
    uint32_t epochs; /**< trained */
    double seconds;  /**< of training */
    double
        validation_percent; /**< the largest accuracy on the validation samples; its epoch's weights are in the
                            file. Negative: unknown, as all percentages */
    double float_percent, int8_percent; /**< on the test set; unknown if it was paused */
    char warning[200];                  /**< if a complete training has learnt nothing; "" = none */
} hf_training_record;

/**
 * Reads the record of a trained file, NAME.tflite.json.
 * @return HF_OK; HF_ENOTFOUND if there is none, or if the file is not the one that it describes; HF_EFORMAT
 */
hf_status hf_training_record_read(const char *tflite_path, hf_training_record *out, hf_error *err);

/** The figures of an epoch. */
typedef struct hf_training_epoch {
    uint32_t epoch; /**< from 1 */
    double loss, training_percent;
    double validation_percent; /**< negative: there are no validation samples */
    double seconds;            /**< of training, from its beginning to the end of this epoch */
} hf_training_epoch;

/**
 * Reads the epochs of a trained file's record, in order.
 * @param epochs owned by the caller; NULL if there are none
 * @return as hf_training_record_read()
 */
hf_status hf_training_curve_read(const char *tflite_path, hf_training_epoch **epochs, uint32_t *count,
                                 hf_error *err);

#endif
