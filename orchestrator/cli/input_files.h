/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_INPUT_FILES_H
#define HF_CLI_INPUT_FILES_H

#include "exit_status.h"
#include "spec/run_config.h"

/**
 * @file input_files.h
 * Reading specs and farm files: every mistake in them goes to stderr with file, line and column.
 */

/** @param path NULL = the default farm, two virtual boards. @param farm set on HF_EXIT_OK; hf_farm_free() */
hf_exit hf_cli_load_farm(const char *path, hf_farm **farm);
/** The same without looking for the boards of other hosts. */
hf_exit hf_cli_load_farm_file(const char *path, hf_farm **farm);

/** A spec alone. @param spec set on HF_EXIT_OK; hf_spec_free() */
hf_exit hf_cli_load_spec(const char *path, hf_spec **spec);

/**
 * A spec with the farm it is to run on.
 * @param farm_path NULL = the default farm
 * @param consequence ends the line that counts the mistakes: "nothing was run"
 * @param config filled on HF_EXIT_OK; hf_run_config_free()
 */
hf_exit hf_cli_load_run_config(const char *spec_path, const char *farm_path, const char *consequence,
                               hf_run_config *config);

/** Prints mistakes that were collected. @return HF_EXIT_BAD_INPUT if there are any */
hf_exit hf_cli_print_mistakes(const hf_diagnostics *diagnostics);

/** Prints mistakes that were collected and how many they are, or else the failure, and frees the list. */
hf_exit hf_cli_finish_mistakes(hf_diagnostics *diagnostics, hf_status status, const char *consequence,
                               const hf_error *err);

/** Prints mistakes in the files that a spec names: farm/check_spec_files.h. @param consequence as above */
hf_exit hf_cli_check_spec_files(const hf_spec *spec, const char *consequence);

/** Prints variations whose classes are not those of the data set that they are trained on. @param consequence as above */
hf_exit hf_cli_check_training_classes(const hf_spec *spec, const char *consequence);

#endif
