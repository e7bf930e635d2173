/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_RESULTS_SOURCE_H
#define HF_CLI_RESULTS_SOURCE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "client/client.h"
#include "exit_status.h"

/**
 * @file results_source.h
 * Where the commands that show or change results find them: in a store that this process can use, or at the daemon.
 */

typedef struct hf_cli_results_source {
    const char *db;    /**< store to use; NULL = ask the daemon */
    hf_client *client; /**< NULL = there is no daemon, or it is not wanted */
} hf_cli_results_source;

/**
 * The store that --db names; else, unless `local`, that of the daemon if one is up; else that of the current folder.
 * Says on a terminal's stderr that it is the daemon's.
 * @param out hf_cli_results_source_close(), also after a failure
 * @return HF_EXIT_OK; HF_EXIT_FARM if there should be a daemon and it cannot be used, which is printed
 */
hf_exit hf_cli_results_source_open(const char *given, bool local, hf_cli_results_source *out);
/** The same for a command that writes: `db` is NULL also if the daemon's store can only be read here. */
hf_exit hf_cli_results_source_open_writable(const char *given, bool local, hf_cli_results_source *out);
void hf_cli_results_source_close(hf_cli_results_source *source);

/**
 * Fetches a text that the daemon renders of a run, such as "results.csv". Prints failures.
 * @param run key, number, tag or name; NULL = the latest
 */
hf_exit hf_cli_fetch_rendered(hf_client *client, const char *run, const char *what, hf_buffer *text);
/** Appends "&name=value" to what is fetched, escaped; nothing if the value is NULL. */
void hf_cli_put_query(hf_buffer *what, const char *name, const char *value);

/** Prints that something needs a store that can be read here. @return HF_EXIT_FARM */
hf_exit hf_cli_needs_store(const hf_cli_results_source *source, const char *what);
/** The same for one that can be written here. */
hf_exit hf_cli_needs_writable_store(const hf_cli_results_source *source, const char *what);

#endif
