/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_RUN_BEGIN_H
#define HF_DAEMON_RUN_BEGIN_H

#include "daemon_state.h"

/**
 * @file run_begin.h
 * From a submission in the spool to a run on the boards, and the run's way through the controller.
 */

/**
 * Begins a run that is in the list: reads its spec unless that is done, records it in the store or finds it there,
 * and gives it to the controller. Returns at once. Whatever fails ends the run.
 */
void hf_run_begin_soon(hf_daemon_run *run);

/**
 * Stops a run, also one that has not begun.
 * @param reason "by ann"; recorded with each job that is not run
 */
void hf_run_stop(hf_daemon_run *run, const char *reason);

#endif
