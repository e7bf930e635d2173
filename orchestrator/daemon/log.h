/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_LOG_H
#define HF_DAEMON_LOG_H

#include <stddef.h>

#include "base/error.h"
#include "log_line.h"

/**
 * @file log.h
 * The log: lines on standard error. If that is the journal, each begins with its level as sd-daemon(3) says;
 * otherwise with the time. Lines are also kept for people who look at the daemon from elsewhere: the last ones in memory, more of
 * them in a file.
 */

#define HF_LOG_KEPT 500 /**< lines in memory */

/** Writes one line; control characters become '?'. Any thread. */
void hf_log(hf_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Writes "what: message" of a failure, at HF_LOG_ERROR. */
void hf_log_error(const char *what, const hf_error *err);

/** Keeps the lines in files of a folder (log_file.h) from now on, and those written before too. */
hf_status hf_log_keep(const char *folder, hf_error *err);
/** Ends that; without hf_log_keep() it does nothing. */
void hf_log_keep_end(void);
/**
 * The last lines before a number, oldest first, without those of HF_LOG_DEBUG. Any thread.
 * @param lines room for `most`; the texts are the caller's to free()
 * @return how many there are
 */
size_t hf_log_page(int64_t before, size_t most, hf_log_line *lines);

#endif
