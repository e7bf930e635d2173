/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_RANDOM_TEXT_H
#define HF_DAEMON_RANDOM_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/** @file random_text.h Names that nobody can guess. */

/** Draws random bytes, as hexadecimal digits. @param text room for 2 * bytes + 1 characters @param bytes 1 .. 64 @return false: none can be had */
bool hf_random_text(char *text, size_t bytes);

#endif
