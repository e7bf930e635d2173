/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_PARSE_WORDS_H
#define HF_OPENOCD_PARSE_WORDS_H

#include <stdint.h>

#include "base/error.h"

/** Reads the first `count` numbers of a Tcl list, as read_memory returns it. @return HF_EPROTOCOL if there are
 * fewer, or larger ones than 32 bits; then no word is written */
hf_status hf_openocd_parse_words(const char *list, uint32_t *words, uint32_t count, hf_error *err);

#endif
