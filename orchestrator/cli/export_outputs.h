/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_EXPORT_OUTPUTS_H
#define HF_CLI_EXPORT_OUTPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "exit_status.h"

/**
 * @file export_outputs.h
 * `hilfarm export outputs`: the outputs of a run that were stored.
 */

typedef struct hf_cli_export_outputs_options {
    const char *db, *file;   /**< NULL = the default; standard output, as CSV */
    const char *run, *model; /**< NULL = the latest; all models */
    const char *chip;        /**< NULL = all */
    uint32_t output;         /**< of a model with several, from 1; 0 = all */
    bool real, local;
} hf_cli_export_outputs_options;

/** A file whose name ends in .npy is an array; one that ends in .csv or in nothing is CSV; others are refused. Prints
 * failures. */
hf_exit hf_cli_export_outputs(const hf_cli_export_outputs_options *options);

#endif
