/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_ROWS_H
#define HF_REPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "figures/figures.h"

/**
 * @file rows.h
 * The record of a run as plain rows. The store writes and reads them, the report renders them; neither depends on
 * the other. A structure owns its strings. A string is NULL only where its comment allows it.
 */

/** One scaling factor of a variation. */
typedef struct hf_factor_row {
    char *name; /**< "alpha" */
    double value;
} hf_factor_row;

/** A board as it took part in a run. */
typedef struct hf_board_row {
    char *id;
    char *chip;
    char *core;
    bool modelled;    /**< virtual: its timing is a model's */
    int64_t clock_hz; /**< 0 = unknown: the board was never opened */
} hf_board_row;

/** The history of a board over all runs. */
typedef struct hf_board_history_row {
    char *id;
    char *chip;
    bool modelled;
    int32_t runs;       /**< in which it took part */
    int32_t succeeded;  /**< attempts */
    int32_t failed;     /**< failed attempts, and failures to bring it up */
    int64_t last_ms;    /**< wall clock of the last of them; 0 = none */
    char *last_fault;   /**< of the last failure; NULL = never failed */
    char *last_message; /**< of the last failure; NULL = never failed */
} hf_board_history_row;

/** One attempt to measure a variation on a board, successful or not. */
typedef struct hf_attempt_row {
    int32_t number; /**< 1 = first */
    char *board_id;
    int64_t started_ms;                 /**< wall clock, Unix milliseconds */
    int64_t duration_ns;                /**< total */
    int64_t flash_ns, reset_ns, run_ns; /**< parts of the total; the rest is overhead of the farm */
    bool succeeded;
    char *fault;      /**< "job", "board", "probe", "serial", "farm"; NULL if it succeeded */
    char *message;    /**< what was being done and what went wrong; NULL if it succeeded */
    char *transcript; /**< OpenOCD and serial text; may be NULL */
} hf_attempt_row;

/** A failure to bring up a board, which belongs to no variation. */
typedef struct hf_failure_row {
    bool dead; /**< not another failure: the board was unusable at the end of the run, see hf_failure_end() */
    char *board_id;
    int64_t at_ms; /**< wall clock, Unix milliseconds */
    char *fault;
    char *message;
    char *transcript; /**< may be NULL */
} hf_failure_row;

typedef enum hf_result_outcome {
    HF_RESULT_MEASURED, /**< an attempt succeeded */
    HF_RESULT_FAILED,   /**< all attempts, or the preparation, failed */
    HF_RESULT_NOT_RUN,  /**< the run ended first */
    HF_RESULT_PRUNED,   /**< cannot fit by analysis, so it was never flashed; the message says why */
} hf_result_outcome;

const char *
hf_result_outcome_name(hf_result_outcome outcome); /**< "measured", "failed", "not_run", "pruned" */

/** What remains of samples that were deleted; all 0 = none were. Quantiles as in hf_latency. */
typedef struct hf_sample_summary {
    int64_t deleted; /**< number of samples */
    int64_t min_cycles, max_cycles;
    double p05_cycles, median_cycles, p95_cycles;
    double median_instructions; /**< 0 = unknown */
} hf_sample_summary;

/** Source of an accuracy that nobody evaluated. */
#define HF_ACCURACY_GIVEN "given in the spec"

/** An input, an output or a state of a model. */
typedef struct hf_port_row {
    char *kind;                      /**< "input", "output", "state" */
    char *type;                      /**< of the model's tensor: "int8", "uint8", "int16", "float32" */
    int32_t height, width, channels; /**< all at least 1 */
    /** real = scale * (value - zero_point); of float32, of the quantised values behind it. 0 = unknown */
    double scale;
    int32_t zero_point;
    char *
        float_tail; /**< of an output: the float operator behind it, which the board does not compute; NULL = none */
} hf_port_row;

/** An output of an inference, as the board sent it. */
typedef struct hf_output_row {
    int32_t inference;  /**< from 0, in order */
    int32_t input;      /**< which input or sequence it belongs to, from 0 */
    int32_t step;       /**< which inference of the sequence it is, from 0 */
    int32_t port;       /**< index of the result's ports */
    uint8_t *values;    /**< of the port's type, little-endian */
    size_t value_bytes; /**< of all of them */
} hf_output_row;

/** An epoch of a training. */
typedef struct hf_epoch_row {
    int32_t epoch;             /**< from 1 */
    double loss;               /**< mean over the training samples; negative = unknown */
    double training_percent;   /**< accuracy on the training samples; negative = unknown */
    double validation_percent; /**< likewise, on those that were set aside for validation */
    double seconds;            /**< from the beginning of the training to the end of the epoch */
} hf_epoch_row;

/** How the weights of a variation were trained; all 0 or NULL if they were not, or nothing is known of it. */
typedef struct hf_training_row {
    char *key;           /**< SHA-256 of graph, data and recipe (train/FORMAT.md); NULL = not known */
    bool complete;       /**< false: it was paused or stopped before its last epoch */
    int32_t epochs;      /**< trained */
    double seconds;      /**< that it took */
    char *warning;       /**< such as that it has learnt nothing; NULL = none */
    hf_epoch_row *curve; /**< in order; may be fewer than `epochs` */
    size_t curve_count;
} hf_training_row;

/** A variation on a chip: its analysis, and its measurement if there is one. One line of the final table. */
typedef struct hf_result_row {
    int32_t position; /**< in the run's order, from 0; a run in progress may have gaps */
    char *name;       /**< canonical name, or the file's stem */
    char *family;     /**< "mobilenetv1"; "tflite" for a file */
    char *source;     /**< path of the .tflite file; NULL for a generated variation */
    hf_factor_row *factors;
    size_t factor_count;
    char *chip;

    /* Analysed figures are all 0 when the variation could not even be built, measured ones unless outcome is
     * HF_RESULT_MEASURED. */
    HF_RESULT_FIGURES(HF_FIGURE_MEMBER)

    char *image_sha256; /**< may be NULL */
    /** Who occupies the arena when, as planned: for each buffer layer (-1: the input, -2: scratch space), offset, bytes, first and
     * last operator, all separated by commas; NULL = not known */
    char *arena_map;
    uint32_t image_crc32;
    uint32_t
        output_crc32; /**< as measured: equal to the host reference's, or the attempt would have failed */

    /* Accuracy of the model, if known; percent, 0 .. 100. */
    bool has_accuracy;
    double accuracy_percent;
    double accuracy_low_percent, accuracy_high_percent; /**< 95 % confidence interval; equal = unknown */
    char *accuracy_source; /**< HF_ACCURACY_GIVEN, or the metric and the data set; NULL = not known */

    hf_result_outcome outcome;
    int32_t attempt_count;
    int64_t
        attempted_ms; /**< wall clock: start of the attempt that succeeded, or else of the last; filled by the store when
                             read; 0 = none */
    char *fault;   /**< of the last failure; NULL when measured */
    char *message; /**< of the last failure, or why it was pruned; NULL when measured */

    /* Measured; all 0 or NULL unless outcome is HF_RESULT_MEASURED. */
    char *board_id;
    bool modelled;
    char *clock_source; /**< what the core clock is derived from, as the firmware reported it; may be NULL */
    char *firmware_id;
    hf_sample *samples;
    size_t sample_count;
    hf_sample_summary summary; /**< of the samples that were deleted since */

    hf_layer *layers; /**< by analysis, and as measured where an attempt measured layers */
    size_t layer_count;

    hf_port_row *
        ports; /**< inputs first; none if the variation could not be built, or an earlier version measured it */
    size_t port_count;
    hf_training_row training; /**< of its weights */
    hf_output_row *outputs;   /**< if they were stored, and hf_store_load_outputs() has read them */
    size_t output_count;
} hf_result_row;

typedef enum hf_run_state {
    HF_RUN_RUNNING,
    HF_RUN_DONE,        /**< all variations were tried; some may have failed */
    HF_RUN_INTERRUPTED, /**< stopped by the user, or its process died */
    HF_RUN_ABORTED,     /**< the farm became unusable */
} hf_run_state;

const char *hf_run_state_name(hf_run_state state); /**< "running", "done", "interrupted", "aborted" */

/** Begins the comments that follow the spec's text of a run of a part of a sweep (farm/partial_run.h). */
#define HF_PARTIAL_RUN_COMMENT "# hilfarm run: part of the sweep:"

typedef struct hf_run_row {
    int64_t id;
    char *key;   /**< "20261130-9f0c21ab": day of its start and a random number (hf_store_make_key()) */
    char *name;  /**< the spec's */
    char *owner; /**< name of the user who submitted it; NULL = unknown */
    char *spec_path;
    char *spec_text;     /**< as read; after it HF_PARTIAL_RUN_COMMENT if only a part was run */
    char *farm_path;     /**< NULL: the built-in virtual boards, or unknown */
    char *farm_text;     /**< NULL: the built-in virtual boards */
    int64_t started_ms;  /**< wall clock, Unix milliseconds */
    int64_t finished_ms; /**< wall clock; 0 while running */
    int64_t duration_ns; /**< monotonic, resumptions included; 0 = unknown, as for a process that died */
    char *baseline; /**< key of the run it was compared with; NULL = not compared, or by an earlier version */
    int64_t
        trimmed_ms; /**< when its samples, layer times and transcripts were deleted (store/retention.h); 0 = not */
    int32_t regressed;   /**< results that were worse than in the baseline; 0 unless compared */
    bool compared;       /**< with a baseline, when it ended */
    int32_t resumptions; /**< number of resumptions */
    int32_t dead_boards; /**< boards that were unusable at its end, filled by the store when read */
    int32_t priority;    /**< among its owner's runs, as for the scheduler; 0 = normal */
    hf_run_state state;
    char *hilfarm_version;
    char *openocd_version; /**< may be NULL */
    char *host;            /**< uname-like text */
    int64_t pid;           /**< process id of the run */
    int32_t warmup, runs;
    hf_limits limits;
    char *tags; /**< names separated by blanks, filled by the store when read; NULL = none */
    int32_t measured, failed, not_run; /**< counts of results, filled by the store when read */
    int32_t pruned;                    /**< likewise */
} hf_run_row;

/** A tag of a run. */
typedef struct hf_tag_row {
    char *name;
    int64_t run_id;
    char *run_key;
    char *run_name;    /**< name of its spec */
    int64_t tagged_ms; /**< wall clock, Unix milliseconds */
} hf_tag_row;

#define HF_TRIMMED_NOTE_SIZE 160
/** What is missing from a run whose details were deleted, and since when; "" if nothing is. */
void hf_trimmed_note(const hf_run_row *run, char text[HF_TRIMMED_NOTE_SIZE]);

/** A whole run, as the report needs it. */
typedef struct hf_report {
    bool analysed; /**< nothing was run: latencies are estimates (`hilfarm analyze`) */
    hf_run_row run;
    hf_board_row *boards;
    size_t board_count;
    hf_result_row *results; /**< in the spec's order, then by chip */
    size_t result_count;
    hf_attempt_row *attempts; /**< all, with the index of the result they belong to in attempt_results */
    size_t *attempt_results;
    size_t attempt_count;
    hf_failure_row *failures; /**< in order of time */
    size_t failure_count;
} hf_report;

/** What a type of row owns: which of its members are texts and arrays of other rows. */
typedef struct hf_row_type hf_row_type;
extern const hf_row_type hf_run_row_type, hf_result_row_type, hf_attempt_row_type, hf_failure_row_type,
    hf_board_history_row_type, hf_tag_row_type;

/** Frees what a row owns and zeroes it; NULL is allowed. The row itself is the caller's. */
void hf_row_clear(const hf_row_type *type, void *row);
/** Frees an array of rows with all that they own; NULL is allowed. */
void hf_rows_free(const hf_row_type *type, void *rows, size_t count);
/** Frees what a report owns and zeroes it; NULL is allowed. */
void hf_report_free(hf_report *report);

/* ---- Tables of figures ---- */

/** HF_RESULT_FIGURES, of hf_result_row. */
extern const hf_figure_table hf_result_figures;

/* ---- Boards that were unusable at the end ---- */

/** How a board became unusable by the end of a run. The message of a dead board's row begins with the text. */
#define HF_BOARD_END_MAP(X)                                                                                  \
    X(QUARANTINED, "quarantined")   /* it failed too often in a row, and its time was not over */            \
    X(GIVEN_UP, "given up")         /* it failed for good, or came back from quarantine too often */         \
    X(NEVER_OPENED, "never opened") /* it was tried, but could not be opened */

typedef enum hf_board_end {
#define HF_BOARD_END_ENUM(name, text) HF_BOARD_END_##name,
    HF_BOARD_END_MAP(HF_BOARD_END_ENUM)
#undef HF_BOARD_END_ENUM
} hf_board_end;

/** "quarantined". Static string. */
const char *hf_board_end_text(hf_board_end end);
/**
 * Splits the message of a dead board's row ("quarantined: no answer").
 * @param cause what follows the text of the end, in the row's message
 * @return text of the end; "unusable at the end" for a row that an earlier version recorded without it
 */
const char *hf_failure_end(const hf_failure_row *row, const char **cause);

/** How and why a board was unusable at the end of the run ("quarantined: no answer"); NULL = it was usable. Valid
 * as long as the report. */
const char *hf_report_dead_board(const hf_report *report, const char *board_id);

/* ---- Sums ---- */

/** RAM in use: arena + static + stack. */
int64_t hf_result_ram_bytes(const hf_result_row *row);
/** Flash in use: image + firmware. */
int64_t hf_result_rom_bytes(const hf_result_row *row);

/* ---- Exactness of figures that are not always of the same kind ---- */

/** "exact": size of a compiled image; "lower_bound": of one that was not compiled because it cannot fit; NULL = unknown. Static. */
const char *hf_image_exactness(const hf_result_row *row);
/** "given" in the spec, or "evaluated" on a data set; NULL = unknown. Static. */
const char *hf_accuracy_exactness(const hf_result_row *row);
/** Whether there is a confidence interval. */
bool hf_result_has_accuracy_interval(const hf_result_row *row);

/** Whether no result before this one is on the same chip. @param result index in the report */
bool hf_report_first_of_chip(const hf_report *report, size_t result);

#endif
