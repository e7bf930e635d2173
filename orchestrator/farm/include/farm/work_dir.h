/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_WORK_DIR_H
#define HF_FARM_WORK_DIR_H

#include "base/error.h"

/**
 * @file work_dir.h
 * The folder in /tmp for a process's sockets, ptys and flash files. Its name is short, because a socket's
 * path has at most 107 bytes, and holds the process's number, so that folders of processes that were killed
 * can be told.
 */
#define HF_WORK_DIR_SIZE 40

/**
 * Makes the folder, after removing those of the same user whose process is gone.
 * @param path written on success
 */
hf_status hf_work_dir_make(char path[HF_WORK_DIR_SIZE], hf_error *err);
/** Removes it with everything in it. */
void hf_work_dir_remove(const char *path);

#endif
