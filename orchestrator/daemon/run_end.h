/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_RUN_END_H
#define HF_DAEMON_RUN_END_H

#include "daemon_state.h"

/**
 * @file run_end.h
 * What happens when a run is over: it is compared with its baseline and tagged, the spool learns how it ended, the
 * notification is sent, and clients are told.
 */

/** On the loop's thread. run->summary and run->failure say how it ended. The run is freed in the end. */
void hf_run_end(hf_daemon_run *run);

/**
 * How a run in the store ended, as its event stream says. For runs that the spool does not know any more.
 * @param out appended to
 */
hf_status hf_run_end_render(const hf_report *report, hf_buffer *out, hf_error *err);

#endif
