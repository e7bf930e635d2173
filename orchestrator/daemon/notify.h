/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_NOTIFY_H
#define HF_DAEMON_NOTIFY_H

#include "daemon_state.h"

/**
 * @file notify.h
 * Telling the lab that a run is over, by a command of theirs.
 */

/**
 * Runs the command of --notify, with the end of the run as JSON on its standard input, and HILFARM_RUN, HILFARM_KEY,
 * HILFARM_NAME, HILFARM_OWNER, HILFARM_STATE and HILFARM_SUBJECT (a line for a mail) in its environment. Waits for it;
 * a failure is logged. On a thread of the pool.
 */
void hf_notify(const hf_daemon *daemon, const hf_daemon_run *run, const hf_report *report,
               const hf_api_run_end *end);

#endif
