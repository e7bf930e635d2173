/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_QUERY_NUMBERS_H
#define HF_DAEMON_QUERY_NUMBERS_H

#include "http/request.h"

/**
 * @file query_numbers.h
 * Parameters of a request's query. Where one is wrong or missing the request is answered, and must not be used any more.
 */

/**
 * Reads a whole number from 1 to `most`.
 * @param value stays as it is if the parameter is not given
 * @return false if it is not such a number; the request is answered then
 */
bool hf_query_number(hf_http_request *request, const char *name, int64_t most, int64_t *value);
/** A text that must be given. @return NULL if it is not; the request is answered then */
const char *hf_query_needed(hf_http_request *request, const char *name);

#endif
