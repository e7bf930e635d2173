/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_RESTART_H
#define HF_DAEMON_RESTART_H

#include "daemon_state.h"

/**
 * @file restart.h
 * Taking up the runs that the daemon before left: every submission in the spool that is not over.
 */

/** Puts them into the queue and begins them, and sends the notifications that are due. To be called before the server listens. */
hf_status hf_restart_runs(hf_daemon *daemon, hf_error *err);

#endif
