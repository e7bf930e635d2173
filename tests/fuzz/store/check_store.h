/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECK_STORE_H
#define CHECK_STORE_H

#include <stdbool.h>

/**
 * Reads all of a store that may be damaged, renders each run in every format, then opens it for writing. Sanitizers find
 * memory errors; the function checks that failures have a message and that reports contain only values in range.
 * @return whether the whole store could be read
 */
bool check_store(const char *path);

#endif
