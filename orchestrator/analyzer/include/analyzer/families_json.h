/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ANALYZER_FAMILIES_JSON_H
#define HF_ANALYZER_FAMILIES_JSON_H

#include <jansson.h>

/**
 * @file families_json.h
 * The model families, their scaling factors and the permitted values, for programs that let people choose.
 */

/** An array of families; the caller's. NULL if out of memory. The API's API.md shows it. */
json_t *hf_families_json(void);

#endif
