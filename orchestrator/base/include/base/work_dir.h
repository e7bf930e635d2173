/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_WORK_DIR_H
#define HF_BASE_WORK_DIR_H

#include "base/error.h"

/**
 * @file work_dir.h
 * The folder for a process's sockets, ptys and flash files. It is in $TMPDIR if that is an absolute path of at
 * most HF_WORK_DIR_PARENT_MAX bytes to a writable folder, else in /tmp: a socket's path has at most 107 bytes
 * (unix(7)), of which the sockets' own names need nearly half. Folders of killed processes are recognised by the process ID
 * in their name and by the lock that their process no longer holds: in another PID namespace, processes are not seen.
 */
#define HF_WORK_DIR_SIZE       64
#define HF_WORK_DIR_PARENT_MAX 32

typedef struct hf_work_dir {
    char path[HF_WORK_DIR_SIZE];
    int lock_fd; /**< the folder, locked as long as it is in use */
} hf_work_dir;

/**
 * Creates the folder, after removing those of the same user whose process has ended.
 * @param out written on success; hf_work_dir_remove()
 */
hf_status hf_work_dir_make(hf_work_dir *out, hf_error *err);
/** Removes it with everything in it. Nothing happens if it is zeroed or was removed. */
void hf_work_dir_remove(hf_work_dir *dir);

#endif
