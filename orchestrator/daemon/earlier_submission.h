/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_EARLIER_SUBMISSION_H
#define HF_DAEMON_EARLIER_SUBMISSION_H

#include "daemon_state.h"

/**
 * @file earlier_submission.h
 * The submission of a run that is over, to continue the run.
 */

/**
 * The newest submission of a run in the spool.
 * @param key of the run
 * @param newest its key in the spool; "" = there is none
 * @param count how many have been made of the run, at least
 */
hf_status hf_newest_submission(hf_daemon *daemon, const char *key, char newest[HF_SPOOL_KEY_SIZE],
                               unsigned *count, hf_error *err);

/**
 * Makes a submission that continues a run: with spec and files of the newest submission of the run that the spool
 * still has, else with the spec as the store has it and without files.
 * @param options of the request: priority, baseline, tag and title are taken from them
 * @param out hf_submitted_clear(); key and spool_key are set
 */
hf_status hf_earlier_submission(hf_daemon *daemon, const hf_report *earlier, const hf_api_options *options,
                                hf_submitted *out, hf_error *err);

#endif
