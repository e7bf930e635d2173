/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_LOG_H
#define HF_DAEMON_LOG_H

#include <stdint.h>

#include "base/error.h"

/**
 * @file log.h
 * The log: lines on standard error. If that is the journal, each begins with its level as sd-daemon(3) says;
 * otherwise with the time.
 */

#define HF_LOG_KEPT 500 /**< lines */

typedef enum hf_log_level {
    HF_LOG_ERROR = 3, /**< as in syslog(3): something does not work until somebody acts */
    HF_LOG_WARNING = 4,
    HF_LOG_NOTICE = 5, /**< a board needs attention, the daemon starts or stops */
    HF_LOG_INFO = 6,   /**< runs */
    HF_LOG_DEBUG = 7,  /**< for the journal only */
} hf_log_level;

/** Writes one line; control characters become '?'. Any thread. */
void hf_log(hf_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/**
 * The lines written last, at most HF_LOG_KEPT, without those of HF_LOG_DEBUG.
 * @param take called for each, oldest first, while no other thread can write to the log. @param at_ms wall clock
 */
void hf_log_recent(void (*take)(void *user, int64_t at_ms, hf_log_level level, const char *text), void *user);
/** Writes "what: message" of a failure, at HF_LOG_ERROR. */
void hf_log_error(const char *what, const hf_error *err);

#endif
