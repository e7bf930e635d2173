/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SERIAL_TTY_H
#define HF_SERIAL_TTY_H

#include "serial/serial.h"

/* Reading and writing a non-blocking terminal descriptor; contracts as in serial.h. `path`
 * is for messages. */
hf_status hf_fd_read(int fd, const char *path, void *bytes, size_t capacity, hf_deadline deadline,
                     const hf_watch *watch, size_t *got, hf_error *err);
hf_status hf_fd_write(int fd, const char *path, const void *bytes, size_t size, hf_deadline deadline,
                      const hf_watch *watch, hf_error *err);
/* Claims the terminal for this process, and keeps it from children. */
hf_status hf_fd_claim(int fd, const char *path, hf_error *err);
/* Gives a claimed terminal back; to be closed next. */
void hf_fd_release(int fd);

#endif
