/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_TRAIN_MODELS_H
#define HF_CLI_TRAIN_MODELS_H

#include "exit_status.h"
#include "options.h"
#include "run_options.h"
#include "spec/spec.h"
#include "train/train.h"

/**
 * @file train_models.h
 * Trains the models of a spec and shows it, for `train` and `run`.
 */

typedef struct hf_cli_training {
    const char *trainer;      /**< hilfarm-train; NULL = the default */
    const char *only;         /**< patterns of names; NULL = all */
    uint32_t jobs;            /**< 0 = one per processor */
    const char *firmware_dir; /**< whose footprint counts in limits; NULL = the default */
    bool quiet;               /**< print failures only */
    bool plain;               /**< no live display */
    bool no_cache;            /**< neither use nor keep trained models of other specs */
} hf_cli_training;

/** Options of commands that train: how many at once, and with which program. @param JOBS, TRAINER offsets */
#define HF_CLI_OPTIONS_TRAINING(JOBS, TRAINER)                                                               \
    {.name = "jobs",                                                                                         \
     .placeholder = "N",                                                                                     \
     .help = "trainings at once, each with one thread (default: one per processor)",                         \
     .read = hf_cli_read_count,                                                                              \
     .offset = (JOBS),                                                                                       \
     .min = 1,                                                                                               \
     .max = 64},                                                                                             \
    {                                                                                                        \
        .name = "trainer", .placeholder = "PROGRAM",                                                         \
        .help = "hilfarm-train (default: the one beside hilfarm, or in PATH)", .read = hf_cli_read_text,     \
        .offset = (TRAINER)                                                                                  \
    }

/** What is on the screen: lines of events, and below them on a terminal a line per training under way. */
#define HF_CLI_TRAINING_LINES 64
typedef struct hf_cli_training_screen {
    bool live, quiet;
    uint32_t drawn; /**< live lines on the screen */
    char lines[HF_CLI_TRAINING_LINES][160];
} hf_cli_training_screen;

/** Shows an event; for hf_training_options.progress. @param user hf_cli_training_screen, zeroed but for live and quiet */
void hf_cli_show_training(void *user, const hf_training_progress *p);

/** Whether a spec trains any of its models. */
bool hf_cli_is_trained(const hf_spec *spec);

/**
 * Trains what has to be trained, and prints the progress.
 * @param spec with a training
 * @return HF_EXIT_OK; HF_EXIT_SOME_FAILED if a training failed; HF_EXIT_BAD_INPUT; HF_EXIT_FARM; HF_EXIT_INTERRUPTED
 */
hf_exit hf_cli_train(const hf_spec *spec, const hf_cli_training *how);

/**
 * The same for a run, if its spec trains anything, after a check of the classes. A dry run is only checked.
 * @param spec_path mistakes in the spec are left to the run
 */
hf_exit hf_cli_train_first(const char *spec_path, const hf_cli_run_options *options);

#endif
