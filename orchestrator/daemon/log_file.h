/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_LOG_FILE_H
#define HF_DAEMON_LOG_FILE_H

#include <stddef.h>

#include "base/error.h"
#include "log_line.h"

/**
 * @file log_file.h
 * Lines of the log in a file, so that they outlive the daemon. When the file `log` has
 * grown to HF_LOG_FILE_BYTES it becomes `log.1`, and the one before is removed. Nothing here waits for the disk, and a line that
 * cannot be written is lost here; standard error has it.
 */

#define HF_LOG_FILE_BYTES (1u << 20)

typedef struct hf_log_file hf_log_file;

/** Opens or creates the file in a folder. @return hf_log_file_close() */
hf_status hf_log_file_open(const char *folder, hf_log_file **out, hf_error *err);
void hf_log_file_close(hf_log_file *self);

/** The number of the last line; 0 = there is none. */
int64_t hf_log_file_last(const hf_log_file *self);
/** Appends a line. */
void hf_log_file_add(hf_log_file *self, const hf_log_line *line);
/**
 * Reads the last lines before a number, newest first; lines that are damaged are left out.
 * @param lines room for `most`; the texts are the caller's to free()
 * @return how many there are
 */
size_t hf_log_file_read(const hf_log_file *self, int64_t before, size_t most, hf_log_line *lines);

#endif
