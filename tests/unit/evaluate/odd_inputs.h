/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_ODD_INPUTS_H
#define HF_TEST_ODD_INPUTS_H

#include "hf_test.h"

#include "datasets/dataset.h"

/**
 * @file odd_inputs.h
 * What a data set should not be, reader by reader: each is refused with where and what was expected, or read as it is.
 */

extern char odd_folder[64]; /**< of the running test */

int odd_set_up(void **state);
int odd_tear_down(void **state);

/** A path in the folder, valid until the next call. @param name "." is the folder itself */
const char *odd_path(const char *name);
/** Opens a data set that is to be refused. @param where the file in the message */
void odd_refuse(const char *name, const char *where, const char *says);
/** Opens a data set. @param classes it must have @param samples it must have */
void odd_accept(const char *name, uint32_t classes, uint32_t samples, hf_dataset *dataset);

#define ODD_TEST(name) cmocka_unit_test_setup_teardown(name, odd_set_up, odd_tear_down)

#endif
