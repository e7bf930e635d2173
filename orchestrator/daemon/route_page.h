/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_ROUTE_PAGE_H
#define HF_DAEMON_ROUTE_PAGE_H

#include "dispatch.h"

/**
 * @file route_page.h
 * The page of a run, and its data for the dashboard.
 */

/** Whether a request for a report of a run wants one of these. */
bool hf_is_page(const hf_http_request *request);
/** Answers it. */
void hf_answer_page(const hf_dispatched *task);

#endif
