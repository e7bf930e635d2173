/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PROCESS_FIND_PROGRAM_H
#define HF_PROCESS_FIND_PROGRAM_H

#include <stddef.h>

/**
 * The file that execvp(3) would execute for a program's name, found before fork(): execvp() itself is not
 * among the calls that are safe after it (signal-safety(7)).
 * @param name a path, or a name to be looked up in PATH
 * @param path set to the file; what was found last if none can be executed
 * @return 0, or an errno: ENOENT, EACCES, ENAMETOOLONG
 */
int hf_program_find(const char *name, char *path, size_t size);

#endif
