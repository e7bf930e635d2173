/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_SPEC_H
#define HF_SPEC_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "config/board_config.h"
#include "families/families.h"
#include "figures/figures.h"
#include "source/source.h"
#include "spec/diagnostics.h"

/**
 * @file spec.h
 * The job spec: the user's description of what to measure (configs/FORMAT.md). It is read from YAML, checked
 * completely and expanded to a list of variations. The file is untrusted: its size, nesting, anchors and
 * number of variations are bounded.
 */

#define HF_SPEC_MAX_BYTES       (1u << 20) /* a larger file is rejected */
#define HF_SPEC_MAX_DEPTH       32         /* nested lists and mappings */
#define HF_SPEC_MAX_NODES       100000     /* values after expanding every alias */
#define HF_SPEC_MAX_VARIATIONS  10000 /* at 5 s each, 14 hours of one board; every graph is built at once */
#define HF_SPEC_MAX_INFERENCES  1000  /* compared of a variation, and so inputs given or steps */
#define HF_SPEC_INPUT_MAX_BYTES (64u << 20) /* of a file with inputs */
#define HF_SPEC_NAME_MAX        64          /* characters in the spec's name */

typedef enum hf_spec_kind {
    HF_SPEC_FAMILY, /**< generated from a family: `variation` holds its factors */
    HF_SPEC_TFLITE, /**< read from a file: `path` names it */
} hf_spec_kind;

/** One model to measure. */
typedef struct hf_spec_variation {
    hf_spec_kind kind;
    const char *name; /**< unique in the spec: the canonical name, or the file's name without ".tflite" */
    hf_variation variation; /**< HF_SPEC_FAMILY: valid, and its graph can be built; zeroed otherwise */
    const char *path; /**< HF_SPEC_TFLITE: the file, relative to the working directory; NULL otherwise */
    double accuracy_percent; /**< from the spec, measured in training; NAN = not given */
    const char *data_path;   /**< labelled data set to evaluate, relative to the working directory, or NULL */
    const char *data_name; /**< the same as its author named it: outside hf_spec_parse_in_tree() data_path */
    const char *weights_path; /**< HF_SPEC_FAMILY: .tflite file with its weights, or NULL: seeded ones */
    const char *weights_name; /**< the same as its author named it */
    const struct hf_spec_training
        *training; /**< how the file of weights_path is made; NULL = it is not trained */
    const char
        *pixels;   /**< real values of the data set's pixels, for hf_pixels_parse(); NULL = the default */
    uint32_t item; /**< index in the spec's list of models */
    uint32_t line, column; /**< position of that item in the spec */
} hf_spec_variation;

/** What the compiler optimises for. */
typedef enum hf_spec_objective {
    HF_SPEC_OBJECTIVE_TIME,  /**< the arena may grow slightly to save cycles, within the limits */
    HF_SPEC_OBJECTIVE_RAM,   /**< the smallest arena */
    HF_SPEC_OBJECTIVE_SPEED, /**< the arena may grow up to the limits to save cycles */
} hf_spec_objective;

/** An input given by the user, or a sequence of them. Paths are relative to the working directory. */
typedef struct hf_spec_input {
    const char *const
        *paths;          /**< a file with all inputs of the model, or one file for each of them, in order */
    uint32_t path_count; /**< at least 1 */
} hf_spec_input;

typedef struct hf_spec_measure {
    uint32_t warmup; /**< inferences before the timed ones, 0 .. 1000 (1) */
    uint32_t runs;   /**< timed inferences of each input, 1 .. 10000 (10) */
    bool layers;     /**< time one further inference layer by layer (true) */
    bool outputs;    /**< store the outputs (false) */
    uint32_t
        steps; /**< inferences of a sequence from a seed, of models with states, 1 .. HF_SPEC_MAX_INFERENCES (8) */
    const uint32_t *seeds; /**< for the generator in firmware/proto/SPEC.md ({1}) */
    uint32_t seed_count;   /**< 0 if there are files */
    const hf_spec_input *inputs;
    uint32_t input_count; /**< 0 if there are seeds */
} hf_spec_measure;

typedef struct hf_spec_retries {
    uint32_t attempts;      /**< per variation and chip, 1 .. 20 (3) */
    uint64_t delay_ms;      /**< before an attempt is repeated (0) */
    uint32_t strikes;       /**< consecutive failures before a board is quarantined, 1 .. 100 (3) */
    uint64_t quarantine_ms; /**< first quarantine, doubled each time; 0 = given up for the run (30000) */
    /** quarantines before the board is given up for the run, 0 = immediately (3) */
    uint32_t max_quarantines;
} hf_spec_retries;

typedef enum hf_spec_schedule {
    HF_SPEC_SCHEDULE_COSINE,
    HF_SPEC_SCHEDULE_LINEAR,
    HF_SPEC_SCHEDULE_CONSTANT
} hf_spec_schedule;

/** How a spec's variations are trained (configs/FORMAT.md). Paths are relative to the working directory. */
typedef struct hf_spec_training {
    const char *data_path;  /**< labelled samples to train on; NULL: there is no training */
    const char *test_path;  /**< labelled samples for the accuracy of the result, or NULL */
    const char *test_name;  /**< the same as its author named it */
    const char *models_dir; /**< where trained models are kept */
    const char *pixels;     /**< real values of pixels, for hf_pixels_parse(); NULL = the default */
    uint32_t epochs;        /**< 1 .. 100000; 0 = as many as fit into the budget (10 without one) */
    uint64_t budget_ms;     /**< of one training; 0 = no limit */
    uint32_t seed;          /**< of weights, order and augmentation (1) */
    uint32_t batch;         /**< samples of a step, 1 .. 4096 (64) */
    double learning_rate;   /**< largest of the schedule */
    bool has_learning_rate; /**< the spec gives it; otherwise it follows from the batch */
    hf_spec_schedule schedule;
    /** The schedule begins again after so many epochs, then after cycle_growth times as many in all, and so on; no key of a spec:
     * `hilfarm optimize` compares trainings at the ends of their cycles. 0 = once */
    uint32_t cycle_epochs;
    uint32_t cycle_growth; /**< at least 2, if there are cycles */
    double weight_decay, label_smoothing;
    double validation_share; /**< of the samples of each class, 0 .. 0.5; the best epoch is chosen by them */
    bool flip;               /**< augment: mirror half of the samples */
    uint32_t crop;           /**< augment: move samples by up to this many pixels; 0 = not */
    bool class_weights;      /**< weight classes by the inverse of their frequency */
    uint32_t qat_epochs;     /**< of quantisation-aware training; 0 = quantised after training only */
    /** A .tflite file whose scores are learnt beside the labels, or NULL; a trained variation of the same spec is trained first. */
    const char *teacher_path;
    double teacher_share; /**< of its scores in the loss, 0 .. 1 (0.5) */
    double temperature;   /**< scores are divided by it before they are compared, 1 .. 100 (4) */
    const char *
        from_path; /**< a .tflite file whose layers of equal shape give the first weights, or NULL; likewise */
    uint32_t line, column; /**< position of the section in the spec */
} hf_spec_training;

typedef enum hf_spec_strategy {
    HF_SPEC_STRATEGY_SEARCH, /**< measure, then train many a little and few to the end */
    HF_SPEC_STRATEGY_PAPER,  /**< the steps of Brockmann & Schlippe (2024), section 6.5.5 */
} hf_spec_strategy;

typedef enum hf_spec_goal {
    HF_SPEC_GOAL_ACCURACY, /**< the most accurate variation within the limits */
    HF_SPEC_GOAL_LATENCY,  /**< the fastest with the accuracy that `constraints` demand */
    HF_SPEC_GOAL_FRONT,    /**< those that no other beats in all weighted figures */
} hf_spec_goal;

/** Which size counts against the ROM limit in the strategy of the paper. */
typedef enum hf_spec_rom {
    HF_SPEC_ROM_IMAGE,  /**< image and firmware, as in every run */
    HF_SPEC_ROM_TFLITE, /**< the .tflite file, as in the paper */
} hf_spec_rom;

/** How important a figure is on a front; 0 = it does not count. */
typedef struct hf_spec_weights {
    double accuracy, latency, rom, ram;
} hf_spec_weights;

/** What `hilfarm optimize` looks for (configs/FORMAT.md). The variations of the spec are the search space. */
typedef struct hf_spec_optimization {
    bool given; /**< the spec has the section */
    hf_spec_strategy strategy;
    hf_spec_goal goal;
    hf_spec_weights weights;
    uint64_t latency_limit_ms;     /**< of `constraints`, on a board; 0 = none */
    double accuracy_floor_percent; /**< of `constraints`; 0 = none */
    const char *folder;            /**< for results; relative to the working directory */
    uint64_t budget_ms;            /**< of all trainings and measurements; 0 = no limit */
    uint32_t budget_epochs;        /**< of all trainings; 0 = a quarter of training everything */
    uint32_t seed;                 /**< (1) */
    uint32_t first_rung_epochs;    /**< at least 3 (3) */
    uint32_t growth;               /**< epochs of a rung by those of the one before, 2 .. 10 (3) */
    uint32_t candidates;           /**< variations that are measured, at most (100) */
    uint32_t winners;              /**< in the result; 0 = 1, of a front 3 */
    hf_spec_rom rom;
    uint32_t line, column; /**< position of the section in the spec */
} hf_spec_optimization;

/** A complete spec, with defaults filled in. Owns all its strings. */
typedef struct hf_spec {
    const char *name; /**< letters, digits, '_', '-', '.': valid as a folder name */
    const char *path; /**< the file, as the caller named it */
    const char *text; /**< its content, stored with the results; NUL-terminated */
    size_t text_bytes;
    hf_limits constraints;       /**< each variation is checked against them */
    hf_spec_objective objective; /**< (time) */
    /** A .tflite file with something unsupported is a mistake in the spec; otherwise its variation fails (false). */
    bool stop_on_unsupported;
    hf_spec_variation *variations; /**< in file order; of crossed factors the last varies fastest */
    uint32_t variation_count;      /**< at least 1 */
    const char *const *tags; /**< selects boards that have all of these; none = every board of the farm */
    uint32_t tag_count;
    const uint32_t *tag_lines, *tag_columns; /**< position of each tag */
    uint32_t boards_line, boards_column;     /**< position of `boards`; 0 if the spec has none */
    hf_spec_measure measure;
    hf_board_deadlines deadlines; /**< from the spec; 0 = not given */
    uint64_t run_deadline_ms;     /**< the whole run; 0 = no limit */
    hf_spec_retries retries;
    uint32_t weights_seed; /**< for hf_weights_generate() (1) */
    hf_spec_training training;
    hf_spec_optimization optimization;
} hf_spec;

/**
 * Reads a spec file and the files it names. Builds each model (without weights) and reads each .tflite file.
 * @param diagnostics receives every mistake; required
 * @param out set on HF_OK; hf_spec_free()
 * @return HF_OK; HF_EINVALID if there were mistakes, including an unreadable file; HF_ENOMEM
 */
hf_status hf_spec_load(const char *path, hf_spec **out, hf_diagnostics *diagnostics, hf_error *err);

/**
 * The same from memory.
 * @param path name of the text in messages; relative file names in the text are relative to its folder
 * @param open_files false: keep the names of files without opening them
 */
hf_status hf_spec_parse(const char *path, const char *text, size_t text_bytes, bool open_files, hf_spec **out,
                        hf_diagnostics *diagnostics, hf_error *err);

/**
 * The same, but the files that the spec names are read from a copy of them: `tree` holds each at
 * hf_path_in_tree() of its path relative to the author's working directory. For a process that cannot read the author's
 * folders.
 * @param path of the spec, as its author named it
 * @param tree borrowed during the call; the paths in the spec begin with it
 */
hf_status hf_spec_parse_in_tree(const char *path, const char *text, size_t text_bytes, const char *tree,
                                hf_spec **out, hf_diagnostics *diagnostics, hf_error *err);

void hf_spec_free(hf_spec *spec);

/** Where a variation's model comes from, with the spec's seed. Strings are borrowed from the spec. */
hf_source hf_spec_source(const hf_spec *spec, const hf_spec_variation *variation);

#endif
