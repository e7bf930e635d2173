/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_DAYTIME_H
#define HF_DAEMON_DAYTIME_H

#include "daemon/daemon.h"

/**
 * @file daytime.h
 * Things to do every day at a time of the wall clock.
 */

/** Parses "HH:MM", 00:00 to 23:59. */
hf_status hf_daytime_parse(const char *text, hf_daytime *out, hf_error *err);

/**
 * Whether a time of the day has come since the last call that returned true. A clock that jumps over it, or a host that
 * slept, delays it; it comes at most once a day.
 * @param now_ms wall clock
 * @param last_day kept by the caller between calls; set it with hf_daytime_start() first
 */
bool hf_daytime_due(const hf_daytime *time, int64_t now_ms, int *last_day);
/** The day of the last time that is past when the daemon starts: nothing is due at once. */
int hf_daytime_start(const hf_daytime *time, int64_t now_ms);

#endif
