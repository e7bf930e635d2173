/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HTTP_LISTEN_H
#define HF_HTTP_LISTEN_H

#include <sys/types.h>

#include "base/error.h"

/**
 * @file listen.h
 * Listening sockets.
 */

#define HF_UNIX_PATH_MAX 107 /**< bytes of a Unix socket's path, unix(7) */

/**
 * Listens on a Unix socket. A socket file that nothing listens on is replaced; its folder is created.
 * @param group whose members may connect (mode 0660), if such a group exists and this process may give it the file;
 * otherwise only the user may (mode 0600). NULL = none
 * @param fd set on success, close-on-exec; the caller's
 * @return HF_EBUSY: a process listens there; HF_EINVALID: something else than a socket is there, or the path is
 * too long
 */
hf_status hf_listen_unix(const char *path, const char *group, int *fd, hf_error *err);

/**
 * Listens on a TCP port.
 * @param address "HOST:PORT", "[IPV6]:PORT"; host names are resolved
 * @param fd as for hf_listen_unix()
 */
hf_status hf_listen_tcp(const char *address, int *fd, hf_error *err);

#endif
