/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPTIMIZE_OPTIMIZE_H
#define HF_OPTIMIZE_OPTIMIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "compile/compile.h"
#include "report/limit_verdicts.h"
#include "search/search.h"
#include "spec/farm_file.h"
#include "spec/spec.h"
#include "train/train.h"

/**
 * @file optimize.h
 * Carries out what a search decides (search/search.h): analyses, has boards measure, trains, and writes down every fact in the
 * journal of the results' folder, so that a search that was stopped or killed goes on where it was.
 */

/** What boards found out of a variation, on the slowest of the chips. Strings are owned by the result. */
typedef struct hf_optimize_result {
    uint32_t variation; /**< index in the spec */
    bool measured;      /**< its output and its layers were those of the reference, bit for bit */
    bool is_final;      /**< it will not be different the next time: measured, or it cannot fit */
    double latency_ns;
    bool modelled;
    int64_t ram_bytes, rom_bytes;
    bool has_accuracy;
    double accuracy_percent, accuracy_low_percent, accuracy_high_percent;
    char board[48], chip[48], run[24]; /**< run: its key */
    char image_sha256[65];
    char message[256]; /**< why it was not measured */
} hf_optimize_result;

/** A set of variations to measure. */
typedef struct hf_optimize_measurement {
    const uint32_t *variations; /**< indices in the spec */
    uint32_t count;
    const char *const *weights; /**< trained .tflite files, of each; NULL = generated weights, no accuracy */
    const char *
        decisions; /**< lines of comments, to be recorded with the spec of the run: what led to this measurement */
} hf_optimize_measurement;

/** Who measures. */
typedef struct hf_optimize_boards {
    void *user;
    /**
     * Measures on the farm's boards. What was measured before in a run that was interrupted is not measured again.
     * @param results of each, in order; filled on HF_OK
     * @return HF_OK even if variations failed; HF_ECANCELLED by a signal; other errors if the farm cannot work
     */
    hf_status (*measure)(void *user, const hf_optimize_measurement *what, hf_optimize_result *results,
                         hf_error *err);
} hf_optimize_boards;

/** All borrowed for the call. */
typedef struct hf_optimize_options {
    const hf_spec *spec; /**< with a section `optimize` */
    const hf_selection *selection;
    const hf_firmware_footprint *firmwares; /**< of the selection's chips */
    hf_objective objective;                 /**< what images are compiled for */
    bool read_only; /**< leave no trace on disk: only hf_optimizer_cost() and what it needs */
    hf_optimize_boards boards;
    hf_cache *cache;      /**< of trainings; NULL = none */
    const char *trainer;  /**< hilfarm-train; NULL = it is not installed */
    uint32_t jobs;        /**< trainings at once; 0 = one per processor */
    const int *cancel_fd; /**< readable = stop, -1 = none; looked at when a step begins */
    void *user;
    void (*say)(void *user, const char *line); /**< a line for people */
    void *training_user;
    void (*training)(void *training_user, const hf_training_progress *progress); /**< NULL = not shown */
} hf_optimize_options;

typedef struct hf_optimizer hf_optimizer;

/**
 * Analyses the search space, reads the journal and decides what comes next. Uses no board and trains nothing.
 * @param out hf_optimizer_close()
 * @return HF_EINVALID if the folder holds a search of other trainings or measurements
 */
hf_status hf_optimizer_open(const hf_optimize_options *options, hf_optimizer **out, hf_error *err);
void hf_optimizer_close(hf_optimizer *optimizer);

/** What a search costs from where it is. */
typedef struct hf_optimize_cost {
    uint32_t variations, possible; /**< in the search space; of them: those that can meet the limits */
    uint32_t measurements_done, measurements; /**< done; still to do, at most */
    uint64_t epochs_done, epochs;             /**< of trainings: done; still to do, at most */
    uint64_t exhaustive_epochs;               /**< what it would take to train all that can be measured */
    double training_seconds; /**< estimate of the epochs to do, with the jobs at once; negative: unknown */
} hf_optimize_cost;
hf_status hf_optimizer_cost(hf_optimizer *optimizer, hf_optimize_cost *out, hf_error *err);
/** The cost, and the first steps, for people. @param measure_seconds of one measurement by experience; 0 = unknown */
void hf_optimizer_print_plan(hf_optimizer *optimizer, const hf_optimize_cost *cost, double measure_seconds,
                             hf_buffer *out);

/**
 * Searches to the end, or until it is stopped or its time is over.
 * @return HF_OK; HF_ECANCELLED: stopped, the same call continues; HF_EUNSUPPORTED: no trainer; others
 */
hf_status hf_optimizer_run(hf_optimizer *optimizer, hf_error *err);

/** A point of the result: trained, evaluated, measured. */
typedef struct hf_optimize_point {
    const hf_spec_variation *variation;
    hf_optimize_result result;
    hf_training_record training;
    char sha256[65];   /**< of the .tflite file */
    char *tflite_path; /**< owned by the optimizer */
    bool on_front;     /**< no other point beats it in accuracy and latency */
} hf_optimize_point;
/** The points, best first; borrowed. */
const hf_optimize_point *hf_optimizer_points(const hf_optimizer *optimizer, uint32_t *count);

/** The result and all decisions: for people, as a page for the browser, and as JSON (FORMAT.md). */
void hf_optimizer_text(const hf_optimizer *optimizer, hf_buffer *out);
void hf_optimizer_page(const hf_optimizer *optimizer, hf_buffer *out);
void hf_optimizer_json(const hf_optimizer *optimizer, hf_buffer *out);

#endif
