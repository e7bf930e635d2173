/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_STATE_FOLDER_H
#define HF_DAEMON_STATE_FOLDER_H

#include "daemon_state.h"

/**
 * @file state_folder.h
 * The daemon's folder: hilfarm.db, spool/, changes/ and, without --cache, cache/.
 */

/** Creates the folder and locks it, so that it has one daemon. @return HF_EBUSY: another daemon uses it */
hf_status hf_state_folder_open(hf_daemon *daemon, hf_error *err);
void hf_state_folder_close(hf_daemon *daemon);

#endif
