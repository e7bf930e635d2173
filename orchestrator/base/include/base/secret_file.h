/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_SECRET_FILE_H
#define HF_BASE_SECRET_FILE_H

#include <stddef.h>

#include "base/error.h"

/**
 * @file secret_file.h
 * Files with secrets, such as private keys: only their owner may read them.
 */

/**
 * Writes a file atomically, as hf_file_write() does, with mode 0600 whatever the umask and the mode of an earlier file are. Its owner is
 * this user or, if that is root, the owner of the folder.
 * @param path not a symbolic link: a link is replaced
 */
hf_status hf_secret_write(const char *path, const void *data, size_t size_bytes, hf_error *err);

/**
 * Checks that nobody but its owner can read or change a file, and that its owner is this user or root, unless this
 * user is root.
 * @return HF_OK; HF_ENOTFOUND; HF_EINVALID: its mode or owner; the message says how to mend it
 */
hf_status hf_secret_check(const char *path, hf_error *err);

#endif
