/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_NOTICES_H
#define HF_DAEMON_NOTICES_H

#include "daemon_state.h"

/**
 * @file notices.h
 * Notifications that are due, one small file each in the state folder, so that a run whose end was recorded is told of even
 * if the daemon dies first: at least once. It is told of twice if the daemon dies while the command or the server is told,
 * or before the file is gone.
 */

/** Notes that a run has to be told of, durably; before its end is. Without --notify and --webhook, nothing. Failures are
 * logged. On a thread of the pool. */
void hf_notices_add(const hf_daemon_run *run);
/** Notifies, and forgets the notice. On a thread of the pool. @param run that has a notice and is over */
void hf_notices_send(const hf_daemon_run *run, hf_store *store);
/** Sends what the daemon before left, in the background. */
void hf_notices_send_left(hf_daemon *daemon);

#endif
