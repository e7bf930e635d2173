/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_OPTIMIZE_FILES_H
#define HF_CLI_OPTIMIZE_FILES_H

#include "exit_status.h"
#include "optimize/optimize.h"

/**
 * @file optimize_files.h
 * What a search leaves behind in its folder: the result as JSON, and model and flash image of each point.
 */

/**
 * Writes optimize.json and optimize.html, and of each point NAME.tflite and NAME.img, the image that the board was flashed with; the first is
 * also best.tflite and best.img. Prints failures.
 */
hf_exit hf_cli_write_optimized(const hf_optimizer *optimizer, const hf_optimize_options *options);

#endif
