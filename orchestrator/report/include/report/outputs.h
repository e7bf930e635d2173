/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_OUTPUTS_H
#define HF_REPORT_OUTPUTS_H

#include "base/buffer.h"
#include "base/error.h"
#include "report/rows.h"

/**
 * @file outputs.h
 * The outputs that boards sent, as CSV or as a NumPy array (FORMATS.md).
 */

/** Which outputs. */
typedef struct hf_outputs_choice {
    const char *model; /**< NULL = all */
    const char *chip;  /**< NULL = all */
    int output;        /**< of a model with several, from 1; 0 = all */
    bool real;         /**< npy: dequantised to float32, not in the model's own type */
} hf_outputs_choice;

/** Whether a result is among those chosen and was measured. */
bool hf_outputs_chosen(const hf_outputs_choice *choice, const hf_result_row *row);

/**
 * outputs.csv: a line for each value.
 * @param report the outputs of the chosen results are loaded
 * @return HF_ENOTFOUND: there are none, and why
 */
hf_status hf_render_outputs_csv(const hf_report *report, const hf_outputs_choice *choice, hf_buffer *out,
                                hf_error *err);

/**
 * A .npy file: an array of inferences x height x width x channels.
 * @return as above; HF_EINVALID: more than one result or output is chosen
 */
hf_status hf_render_outputs_npy(const hf_report *report, const hf_outputs_choice *choice, hf_buffer *out,
                                hf_error *err);

#endif
