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
 * Checks that each model has the classes of the data sets that it is trained on and scored with, and that those to train on can be
 * opened. Before anything is trained or measured. Takes milliseconds: of data sets only lists and labels are read. One of several
 * variations of an item with the same classes is named. A model or a data set for scoring that cannot be opened is left to the run.
 * @param spec read without mistakes
 * @param trains false: it is not trained here, and data sets for training may be elsewhere
 * @param diagnostics receives the mistakes, at the spec's path
 * @return HF_OK, also with mistakes; HF_ENOMEM
 */
hf_status hf_check_spec_classes(const hf_spec *spec, bool trains, hf_diagnostics *diagnostics, hf_error *err);

/**
 * The same, that models to learn from are there, and that files with inputs fit the models. Those files are read once for all models with the same inputs
 * in a row. A model that cannot be loaded, such as one that is still to be trained, is left out.
 */
hf_status hf_check_spec_files(const hf_spec *spec, hf_diagnostics *diagnostics, hf_error *err);

#endif
