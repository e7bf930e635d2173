/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_HOST_OF_BOARD_H
#define HF_DAEMON_HOST_OF_BOARD_H

#include "api/board.h"
#include "daemon_state.h"
#include "hosts/hosts.h"

/**
 * @file host_of_board.h
 * What was last known of the other hosts, for those who show boards.
 */

/** Written every second by hf_daemon_watch_hosts(). */
struct hf_daemon_hosts {
    uint32_t count;
    hf_host_state states[HF_HOSTS_MAX];
    bool away[HF_HOSTS_MAX], clock_off[HF_HOSTS_MAX]; /* as last logged */
    hf_host_state now[HF_HOSTS_MAX];
};

/** What is known of a board's host. @param name of the farm's board; texts are borrowed until the next second */
void hf_daemon_describe_host(const hf_daemon *daemon, const char *name, hf_api_board *out);

#endif
