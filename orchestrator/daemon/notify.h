/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_NOTIFY_H
#define HF_DAEMON_NOTIFY_H

#include "daemon_state.h"

/**
 * @file notify.h
 * Telling the lab that a run is over: --notify and --webhook.
 */

/**
 * Sends the summary of a run, with the variables of hf_night_make_variables() for the command. Waits for the command and
 * the server; failures are logged. On a thread of the pool.
 * @param store the thread's
 * @param baseline_id run that it was compared with; 0 = none
 */
void hf_notify_run(const hf_daemon *daemon, hf_store *store, const hf_report *report, int64_t baseline_id);

#endif
