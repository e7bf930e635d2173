/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SERIAL_TTY_H
#define HF_SERIAL_TTY_H

#include "serial/serial.h"

/* Reading and writing a non-blocking terminal descriptor. Contracts as in serial.h; `path` is for
 * messages. */
hf_status hf_fd_read(int fd, const char *path, void *bytes, size_t capacity, hf_deadline deadline,
                     const hf_watch *watch, size_t *got, hf_error *err);
hf_status hf_fd_write(int fd, const char *path, const void *bytes, size_t size, hf_deadline deadline,
                      const hf_watch *watch, hf_error *err);
/* Takes exclusive use of the terminal for this process; children do not inherit it. */
hf_status hf_fd_claim(int fd, const char *path, hf_error *err);
/* Ends exclusive use; close the terminal next. */
void hf_fd_release(int fd);

#endif
