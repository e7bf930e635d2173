/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_API_SUBMISSION_H
#define HF_API_SUBMISSION_H

#include <stdint.h>

#include "api/api.h"

/**
 * @file submission.h
 * A run that a client asks for, and the answer. POST /api/v1/runs.
 */

typedef struct hf_api_spec {
    char *path; /**< as the user named it; file names in the text are relative to its folder */
    char *text;
} hf_api_spec;

/** A file that the spec names. Its content is uploaded on its own, unless the daemon has it. */
typedef struct hf_api_file {
    char *path;   /**< as the spec resolves it */
    char *sha256; /**< of its content, 64 lower-case hexadecimal digits */
    uint64_t size_bytes;
} hf_api_file;

/** As the options of `hilfarm run`. A text is NULL if the option is not given. */
typedef struct hf_api_options {
    char *only;       /**< patterns of names */
    char *boards;     /**< ids */
    char *failed;     /**< what failed in this run */
    char *resume;     /**< the run to continue; then the submission has no spec */
    char *baseline;   /**< run to compare with */
    char *tag;        /**< for the run */
    char *title;      /**< for people */
    int32_t priority; /**< -8 .. 8 */
    uint64_t wait_ms; /**< for boards that other programs use */
} hf_api_options;

typedef struct hf_api_submission {
    hf_api_spec spec; /**< both NULL when a run is resumed */
    hf_api_file *files;
    size_t file_count;
    hf_api_options options;
} hf_api_submission;

/** Answer 201: the run is in the queue, and stays there if the daemon is restarted. */
typedef struct hf_api_accepted {
    char *key;  /**< of the run */
    char *name; /**< of the spec */
    uint32_t model_count, chip_count, board_count;
    uint32_t job_count, selected; /**< measurements of the sweep; those that are to be made */
    uint32_t ahead;               /**< runs that were in the queue before */
    int64_t resumed_id;           /**< number of the run that is continued; 0 = a new run */
    uint32_t measured, pruned;    /**< before, in that run */
    char *baseline; /**< run that it will be compared with: its key, or "last-green"; NULL = none */
} hf_api_accepted;

extern const hf_api_type hf_api_submission_type, hf_api_accepted_type;

#endif
