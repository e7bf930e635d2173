/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_FARM_HOSTS_H
#define HF_DAEMON_FARM_HOSTS_H

#include "daemon_state.h"

/**
 * @file farm_hosts.h
 * The other hosts of the farm.
 */

/** Connects, and completes the farm with the boards that agents announce now or have announced before. Without a broker, nothing. */
hf_status hf_daemon_find_hosts(hf_daemon *daemon, hf_error *err);
/** Every second: logs hosts that go and come, and takes up boards that are new. */
void hf_daemon_watch_hosts(hf_daemon *daemon);
/** Closes the connection; after the controller was freed. */
void hf_daemon_leave_hosts(hf_daemon *daemon);

#endif
