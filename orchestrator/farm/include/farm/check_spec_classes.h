/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_CHECK_SPEC_CLASSES_H
#define HF_FARM_CHECK_SPEC_CLASSES_H

#include "spec/spec.h"

/** @file check_spec_classes.h Whether models have the classes of the data sets that they are trained on and scored with. */

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

#endif
