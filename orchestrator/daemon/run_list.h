/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_RUN_LIST_H
#define HF_DAEMON_RUN_LIST_H

#include "daemon_state.h"

/**
 * @file run_list.h
 * The runs that wait or are under way.
 */

/** @param submitted moved into the run. @return hf_daemon_run_free(); NULL when out of memory, *submitted is unchanged */
hf_daemon_run *hf_daemon_run_new(hf_daemon *daemon, hf_submitted *submitted);
/** It must not be in the list. NULL allowed. Any thread. */
void hf_daemon_run_free(hf_daemon_run *run);

/** Appends a run, and numbers its owner. @return HF_ENOMEM */
hf_status hf_run_list_add(hf_daemon *daemon, hf_daemon_run *run);
void hf_run_list_remove(hf_daemon *daemon, hf_daemon_run *run);

/**
 * Finds a run by its number, its key, or a beginning of at least four characters of its key or of the key's random
 * part, as hf_store_find_run() does.
 * @return NULL = none
 */
hf_daemon_run *hf_run_list_find(hf_daemon *daemon, const char *text);
/** @param run_id in the store */
hf_daemon_run *hf_run_list_find_id(hf_daemon *daemon, int64_t run_id);

/** Takes over name and number, once the spec is read or the run is in the store. On the loop's thread, while no other
 * thread works on the run. */
void hf_daemon_run_update(hf_daemon_run *run);
/** Fills in what clients are told of a run that is not over. Borrows from the run. */
void hf_daemon_run_entry(hf_daemon_run *run, hf_api_queue_entry *out);

#endif
