/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_SELECT_PART_H
#define HF_FARM_SELECT_PART_H

#include "farm/partial_run.h"

/**
 * @file select_part.h
 * Which part of a sweep the options --only, --boards and --failed select, and which part an earlier run had.
 */

typedef struct hf_part_options {
    const char *only, *boards; /**< NULL = all */
    const hf_report *failed;   /**< only what failed or was not run in this run; NULL = all */
} hf_part_options;

/**
 * Selects the part, and reduces the boards.
 * @param selection of the spec on the farm; changed
 * @param part hf_partial_run_free()
 * @param spec_text set to the text to record, the caller's to free(); NULL = the whole sweep is selected
 */
hf_status hf_part_select(const hf_part_options *options, const hf_spec *spec, const hf_farm *farm,
                         hf_selection *selection, hf_partial_run *part, char **spec_text, hf_error *err);

/** Selects the part that an earlier run of the spec had. @param recorded hf_run_row.spec_text of the run */
hf_status hf_part_restore(const char *recorded, const hf_spec *spec, const hf_farm *farm,
                          hf_selection *selection, hf_partial_run *part, hf_error *err);

#endif
