/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_RUN_CONFIG_H
#define HF_SPEC_RUN_CONFIG_H

#include "base/error.h"
#include "spec/diagnostics.h"
#include "spec/farm_file.h"
#include "spec/spec.h"

/**
 * @file run_config.h
 * The complete input of a run: spec, farm and the boards selected. Even if the spec has mistakes, the farm is
 * read and the spec's tags are looked up in it, so that one run reports every mistake.
 */

typedef struct hf_run_config {
    hf_spec *spec;
    hf_farm *farm;
    hf_selection selection;
} hf_run_config;

/** Completes a farm whose file was read, with boards of other hosts. */
typedef hf_status hf_farm_complete(void *user, hf_farm *farm, hf_error *err);

/**
 * @param farm_path NULL = the default farm
 * @param complete called before boards are selected; NULL = the file says all
 * @param out written on HF_OK only; hf_run_config_free()
 * @return HF_OK, HF_EINVALID (all mistakes are in diagnostics), HF_ENOMEM, or what complete() returned
 */
hf_status hf_run_config_load(const char *spec_path, const char *farm_path, hf_farm_complete *complete,
                             void *user, hf_run_config *out, hf_diagnostics *diagnostics, hf_error *err);
void hf_run_config_free(hf_run_config *input);

#endif
