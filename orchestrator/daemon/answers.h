/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_ANSWERS_H
#define HF_DAEMON_ANSWERS_H

#include <jansson.h>

#include "api/failure.h"
#include "http/request.h"
#include "spec/diagnostics.h"

/**
 * @file answers.h
 * Answers in JSON.
 */

/** Answers with an object of the API. */
void hf_answer_object(hf_http_request *request, unsigned status, const hf_api_type *type, const void *object);
/** Answers with a JSON value. @param json released; NULL = there was no memory for it */
void hf_answer_json(hf_http_request *request, unsigned status, json_t *json);
/** Answers with a failure; the status of HTTP is that of hf_http_status_of(). */
void hf_answer_failure(hf_http_request *request, const hf_error *err);
/** The same with another status of HTTP, such as 403. */
void hf_answer_failure_as(hf_http_request *request, unsigned status, const hf_error *err);
/** Answers with the mistakes found in a spec, status 422. @param err used if there are no mistakes in the list */
void hf_answer_mistakes(hf_http_request *request, const hf_diagnostics *diagnostics, const hf_error *err);
/** Answers with the SHA-256 of files that must be uploaded first, status 409. @param missing borrowed */
void hf_answer_missing(hf_http_request *request, char **missing, size_t count);
/** The body of an error for the server: hf_http_options.render_error. */
void hf_answer_render_error(void *user, unsigned status, const char *message, hf_buffer *out);

#endif
