/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECK_STORE_H
#define CHECK_STORE_H

#include <stdbool.h>

/**
 * Reads everything of a store that may be damaged, renders each of its runs in every form, and then opens it
 * as a run would. Sanitizers find what must not happen; what can be checked is checked: a failure has a
 * reason, and a report that was read holds nothing out of range.
 * @return whether all of it could be read
 */
bool check_store(const char *path);

#endif
