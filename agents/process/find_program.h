/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PROCESS_FIND_PROGRAM_H
#define HF_PROCESS_FIND_PROGRAM_H

#include <stddef.h>

/**
 * Finds the file that execvp(3) would execute. Call it before fork(): execvp() is not async-signal-safe
 * (signal-safety(7)), so the child cannot search PATH itself.
 * @param name a path, or a name to look up in PATH
 * @param path receives the file; on failure the last candidate
 * @return 0, or an errno: ENOENT, EACCES, ENAMETOOLONG
 */
int hf_program_find(const char *name, char *path, size_t size);

#endif
