/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_HEALTH_H
#define HF_DAEMON_HEALTH_H

#include "daemon_state.h"

/**
 * @file health.h
 * The health of boards: the monitor records what the controller reports (health/monitor.h); here it is logged, and shown
 * to clients.
 */

/** The controller's observer: `user` is the daemon. */
void hf_health_on_board(void *user, const hf_board_event *event);
void hf_health_on_checked(void *user, const hf_board_check *check);

/** Requests a check of every board that is in service, before its next job. */
void hf_health_check_all(hf_daemon *daemon);

#endif
