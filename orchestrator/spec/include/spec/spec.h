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
 * The job spec: what a person asks to be measured (configs/FORMAT.md), read from YAML, checked completely and
 * expanded to the list of variations. Trusts nothing in the file: size, nesting, anchors and the number of
 * variations are bounded.
 */

#define HF_SPEC_MAX_BYTES      (1u << 20) /* a larger file is refused */
#define HF_SPEC_MAX_DEPTH      32         /* nested lists and mappings */
#define HF_SPEC_MAX_NODES      100000     /* values after following every alias */
#define HF_SPEC_MAX_VARIATIONS 10000
#define HF_SPEC_NAME_MAX       64 /* characters in the spec's name */

typedef enum hf_spec_kind {
    HF_SPEC_FAMILY, /**< generated from a family: `variation` holds its factors */
    HF_SPEC_TFLITE, /**< read from a file: `path` names it */
} hf_spec_kind;

/** One model to measure. */
typedef struct hf_spec_variation {
    hf_spec_kind kind;
    const char *name; /**< unique in the spec: the canonical name, or the file's name without ".tflite" */
    hf_variation variation; /**< HF_SPEC_FAMILY: checked, and known to build a graph; zeroed otherwise */
    const char *path; /**< HF_SPEC_TFLITE: the file, relative to the working directory; NULL otherwise */
    double accuracy_percent; /**< as the spec gives it, from training elsewhere; NAN = not given */
    const char *data_path; /**< labelled data set to evaluate it with, relative to the working directory; NULL
                              = none */
    uint32_t item;         /**< index in the spec's list of models */
    uint32_t line, column; /**< where that item stands in the spec */
} hf_spec_variation;

/** What models are compiled for. */
typedef enum hf_spec_objective {
    HF_SPEC_OBJECTIVE_TIME, /**< an arena may grow a little where that saves cycles, not beyond the limits */
    HF_SPEC_OBJECTIVE_RAM,  /**< the smallest arena */
} hf_spec_objective;

typedef struct hf_spec_measure {
    uint32_t warmup;        /**< inferences before the timed ones, 0 .. 1000 (1) */
    uint32_t runs;          /**< timed inferences, 1 .. 10000 (10) */
    bool layers;            /**< time one further inference layer by layer (true) */
    uint32_t input_seed;    /**< of the generator in firmware/proto/SPEC.md, when input_path is NULL (1) */
    const char *input_path; /**< raw int8 input tensor, relative to the working directory, or NULL */
} hf_spec_measure;

typedef struct hf_spec_retries {
    uint32_t attempts;        /**< per variation and chip, 1 .. 20 (3) */
    uint64_t delay_ms;        /**< before an attempt is repeated (0) */
    uint32_t strikes;         /**< failures in a row that put a board into quarantine, 1 .. 100 (3) */
    uint64_t quarantine_ms;   /**< first stay there, doubled each time; 0 = given up for the run (30000) */
    uint32_t max_quarantines; /**< stays before the board is given up for the run, 0 = at once (3) */
} hf_spec_retries;

/** Everything a spec says, defaults filled in. Owns all its strings. */
typedef struct hf_spec {
    const char *name; /**< letters, digits, '_', '-', '.': fit for a folder name */
    const char *path; /**< the file, as the caller named it */
    const char *text; /**< its content, for the record; NUL-terminated */
    size_t text_bytes;
    hf_limits constraints;         /**< each variation is held against them */
    hf_spec_objective objective;   /**< (time) */
    hf_spec_variation *variations; /**< in the order of the file; factors crossed, the last one fastest */
    uint32_t variation_count;      /**< at least 1 */
    const char *const *tags;       /**< boards wanted have all of these; none = every board of the farm */
    uint32_t tag_count;
    const uint32_t *tag_lines, *tag_columns; /**< where each tag stands */
    uint32_t boards_line, boards_column;     /**< where `boards` stands; 0 when the spec has none */
    hf_spec_measure measure;
    hf_board_deadlines deadlines; /**< as the spec gives them; 0 = not given */
    uint64_t run_deadline_ms;     /**< the whole run; 0 = no limit */
    hf_spec_retries retries;
    uint32_t weights_seed; /**< for hf_weights_generate() (1) */
} hf_spec;

/**
 * Reads a spec file and everything it refers to: models are built (without weights), .tflite files are read.
 * @param diagnostics receives every mistake; required
 * @param out set on HF_OK; hf_spec_free()
 * @return HF_OK; HF_EINVALID when there were mistakes, an unreadable file among them; HF_ENOMEM
 */
hf_status hf_spec_load(const char *path, hf_spec **out, hf_diagnostics *diagnostics, hf_error *err);

/**
 * The same from memory.
 * @param path name of the text in messages; files that the text names are looked up beside it
 * @param look_at_files false: files that the text names are not touched, only their names taken
 */
hf_status hf_spec_parse(const char *path, const char *text, size_t text_bytes, bool look_at_files,
                        hf_spec **out, hf_diagnostics *diagnostics, hf_error *err);

void hf_spec_free(hf_spec *spec);

/** Where a variation's model comes from, with the spec's seed. Strings are borrowed from the spec. */
hf_source hf_spec_source(const hf_spec *spec, const hf_spec_variation *variation);

#endif
