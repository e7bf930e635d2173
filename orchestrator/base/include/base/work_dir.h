/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_WORK_DIR_H
#define HF_BASE_WORK_DIR_H

#include "base/error.h"

/**
 * @file work_dir.h
 * The folder for a process's sockets, ptys and flash files. It is in $TMPDIR if that is an absolute path of at
 * most HF_WORK_DIR_PARENT_MAX bytes to a writable folder, else in /tmp: a socket's path has at most 107 bytes
 * (unix(7)), of which the sockets' own names need nearly half. Its name contains the process ID, so that
 * folders of killed processes can be recognised.
 */
#define HF_WORK_DIR_SIZE       64
#define HF_WORK_DIR_PARENT_MAX 32

/**
 * Creates the folder, after removing those of the same user whose process has ended.
 * @param path written on success
 */
hf_status hf_work_dir_make(char path[HF_WORK_DIR_SIZE], hf_error *err);
/** Removes it with everything in it. */
void hf_work_dir_remove(const char *path);

#endif
