/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_CHECK_SPEC_FILES_H
#define HF_FARM_CHECK_SPEC_FILES_H

#include "spec/diagnostics.h"
#include "spec/spec.h"

/**
 * @file check_spec_files.h
 * Mistakes in the files of a spec that show without a run or a training: data sets and models to learn from that are not there or do not
 * fit, which reading the spec leaves to the training, and files with inputs that do not fit a model, which reading leaves to the run.
 */

/**
 * Checks the files. Of a data set to train on, the samples are listed; the files with inputs are read once for all models with the same inputs
 * in a row. A model that cannot be loaded, such as one that is still to be trained, is left out.
 * @param spec read without mistakes
 * @param diagnostics receives the mistakes, at the spec's path
 * @return HF_OK, also with mistakes; HF_ENOMEM
 */
hf_status hf_check_spec_files(const hf_spec *spec, hf_diagnostics *diagnostics, hf_error *err);

/**
 * Reports variations with another number of classes than the data set that they are trained on, one of each item. Data sets that cannot be
 * read are left out: what was trained before does not need them.
 */
void hf_check_training_classes(const hf_spec *spec, hf_diagnostics *diagnostics);

#endif
