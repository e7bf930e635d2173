/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_SAMPLES_H
#define API_SAMPLES_H

#include "api/api.h"

/**
 * @file samples.h
 * One structure of every type of the API, every member of which differs from the default.
 */

typedef struct api_sample {
    const char *name;
    const hf_api_type *type;
    const void *object;
    size_t size_bytes;
} api_sample;

extern const api_sample api_samples[];
extern const size_t api_sample_count;

#endif
