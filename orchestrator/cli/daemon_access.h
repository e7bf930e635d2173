/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_DAEMON_ACCESS_H
#define HF_CLI_DAEMON_ACCESS_H

#include "client/client.h"
#include "exit_status.h"

/**
 * @file daemon_access.h
 * Finding the daemon. Where nothing else is said, failures are printed.
 */

/**
 * Connects to the daemon if there is one.
 * @param alternative option that does without one, for the message if it cannot be used
 * @param client set on HF_EXIT_OK; NULL = there is no daemon
 */
hf_exit hf_cli_find_daemon(const char *alternative, hf_client **client);

/** The same for a command that needs a daemon. */
hf_exit hf_cli_need_daemon(hf_client **client);

/** Prints that a daemon is up and not used because of an option; nothing if there is none. */
void hf_cli_note_unused_daemon(const char *option);

/** The daemon's store if this process can read it, else NULL. Valid as long as the client. */
const char *hf_cli_daemon_store(const hf_client *client);
/** The same if this process can write it. */
const char *hf_cli_writable_daemon_store(const hf_client *client);

#endif
