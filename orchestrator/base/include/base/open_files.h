/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_OPEN_FILES_H
#define HF_BASE_OPEN_FILES_H

#include <stdint.h>

#include "base/error.h"

/**
 * @file open_files.h
 * How many files this process may have open (RLIMIT_NOFILE, setrlimit(2)).
 */

/**
 * Raises the limit as far as necessary and allowed. Child processes inherit it.
 * @param needed descriptors that the process will have open at once
 * @return HF_ELIMIT (class farm, permanent) if the hard limit is below that; then nothing is changed
 */
hf_status hf_open_files_allow(uint64_t needed, hf_error *err);

/** The hard limit. UINT64_MAX = none, or unknown. */
uint64_t hf_open_files_limit(void);

#endif
