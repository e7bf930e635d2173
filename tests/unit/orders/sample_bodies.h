/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_ORDERS_SAMPLE_BODIES_H
#define HF_TEST_ORDERS_SAMPLE_BODIES_H

#include "orders/bodies.h"

/** @file sample_bodies.h
 * Bodies with something in every member. They point to static data. */

void sample_open(hf_open_body *out);
/** A sequence of three inferences, the second of which continues the first. */
void sample_attempt(hf_attempt_request *request, hf_board_deadlines *deadlines, hf_blob_ref *image);
/** A successful answer to sample_attempt(). */
void sample_answer(hf_worker_reply *out);

#endif
