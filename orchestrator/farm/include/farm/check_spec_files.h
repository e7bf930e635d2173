/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_CHECK_SPEC_FILES_H
#define HF_FARM_CHECK_SPEC_FILES_H

#include "spec/diagnostics.h"
#include "spec/spec.h"

/**
 * @file check_spec_files.h
 * Mistakes in the files of a spec that show without a run or a training: data sets to train on that are not there, which reading the
 * spec leaves to the training, and files with inputs that do not fit a model, which reading leaves to the run.
 */

/**
 * Checks the files. Takes milliseconds: no data set is read, and the files with inputs are read once for all models with the same inputs
 * in a row. A model that cannot be loaded, such as one that is still to be trained, is left out.
 * @param spec read without mistakes
 * @param diagnostics receives the mistakes, at the spec's path
 * @return HF_OK, also with mistakes; HF_ENOMEM
 */
hf_status hf_check_spec_files(const hf_spec *spec, hf_diagnostics *diagnostics, hf_error *err);

#endif
