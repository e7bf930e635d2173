/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_CHANGES_H
#define HF_DAEMON_CHANGES_H

#include "daemon_state.h"

/**
 * @file changes.h
 * What people have changed of a run since they submitted it, on disk, so that the next daemon knows: its priority, and
 * that it is to be stopped. One small file per run that was changed: changes/SPOOL_KEY.json in the state folder.
 */

typedef struct hf_changes {
    int32_t priority;
    bool stop;
    char stop_reason[64];
} hf_changes;

/** Any thread. */
hf_status hf_changes_save(const hf_daemon *daemon, const char *spool_key, const hf_changes *changes,
                          hf_error *err);
/** Takes over what is on disk for a run, if anything. @return false if there is nothing, or it is damaged */
bool hf_changes_load(const hf_daemon *daemon, const char *spool_key, hf_changes *out);
/** The run is over. */
void hf_changes_remove(const hf_daemon *daemon, const char *spool_key);

#endif
