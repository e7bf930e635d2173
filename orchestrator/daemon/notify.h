/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_NOTIFY_H
#define HF_DAEMON_NOTIFY_H

#include "daemon_state.h"

/**
 * @file notify.h
 * Telling the lab that a run is over: --notify and --webhook.
 */

/**
 * Sends the summary of a run (report/night_report.h). The command finds HILFARM_RUN, HILFARM_KEY, HILFARM_NAME,
 * HILFARM_OWNER, HILFARM_STATE and HILFARM_SUBJECT in its environment. Waits for the command and the server; failures are
 * logged. On a thread of the pool.
 * @param store the thread's
 */
void hf_notify_run(hf_daemon_run *run, hf_store *store, const hf_report *report);

#endif
