/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_LOG_LINE_H
#define HF_DAEMON_LOG_LINE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file log_line.h
 * One line of the log, and how it is written in a file: "NUMBER TIME LEVEL TEXT", the time in UTC.
 */

#define HF_LOG_LINE_SIZE      2048 /**< bytes of a text with its end; what is longer is cut off */
#define HF_LOG_FILE_LINE_SIZE (HF_LOG_LINE_SIZE + 64) /**< bytes of a line in a file */

typedef enum hf_log_level {
    HF_LOG_ERROR = 3, /**< as in syslog(3): something does not work until somebody acts */
    HF_LOG_WARNING = 4,
    HF_LOG_NOTICE = 5, /**< a board needs attention, the daemon starts or stops */
    HF_LOG_INFO = 6,   /**< runs */
    HF_LOG_DEBUG = 7,  /**< for the journal only */
} hf_log_level;

typedef struct hf_log_line {
    int64_t number; /**< from 1; that of a later line is larger, also after a restart */
    int64_t at_ms;  /**< wall clock */
    hf_log_level level;
    char *text;
} hf_log_line;

/** "error", "warning", "notice", "info". */
const char *hf_log_level_name(hf_log_level level);

/** @return its bytes, with the newline */
int hf_log_line_write(const hf_log_line *line, char text[HF_LOG_FILE_LINE_SIZE]);
/**
 * @param text one line of a file, without its newline
 * @param line its text is the caller's to free()
 * @return false = the line is damaged
 */
bool hf_log_line_read(const char *text, hf_log_line *line);

#endif
