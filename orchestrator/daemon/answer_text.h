/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_ANSWER_TEXT_H
#define HF_DAEMON_ANSWER_TEXT_H

#include "dispatch.h"
#include "report/results_format.h"

/**
 * @file answer_text.h
 * Answers of any size: they are written into a temporary file, which is then sent.
 */

/** Writes the answer to a request. */
typedef hf_status hf_text_producer(const hf_dispatched *task, const void *user, const hf_text_sink *sink,
                                   hf_error *err);

/** Answers with what `produce` writes, or with its failure. @param type of the content @param user passed on */
void hf_answer_text(const hf_dispatched *task, const char *type, hf_text_producer *produce, const void *user);

/** The part of the results that a request wants (`offset`, `limit`; all if they are not given); 422 if they are no numbers. */
hf_status hf_requested_range(const hf_http_request *request, hf_result_range *range, hf_error *err);

#endif
