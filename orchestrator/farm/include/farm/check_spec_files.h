/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_CHECK_SPEC_FILES_H
#define HF_FARM_CHECK_SPEC_FILES_H

#include "spec/diagnostics.h"
#include "spec/spec.h"

/**
 * @file check_spec_files.h
 * Mistakes in the files of a spec that show without a run or a training: data sets that cannot be opened or whose classes are not those
 * of a model, models to learn from that are not there, and files with inputs that do not fit a model. Reading the spec leaves them to others.
 */

/**
 * Does hf_check_spec_classes(), and checks that models to learn from are there, and that files with inputs fit the models. Those files
 * are read once for all models with the same inputs in a row. A model that cannot be loaded, such as one that is still to be trained, is left out.
 * @param spec read without mistakes
 * @param diagnostics receives the mistakes, at the spec's path
 * @return HF_OK, also with mistakes; HF_ENOMEM
 */
hf_status hf_check_spec_files(const hf_spec *spec, hf_diagnostics *diagnostics, hf_error *err);

#endif
