/* SPDX-License-Identifier: Apache-2.0 */
#include "find_program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* @return 0 if the file exists and is executable, else an errno */
static int check(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return errno == EACCES ? EACCES : ENOENT;
    return S_ISREG(about.st_mode) && access(path, X_OK) == 0 ? 0 : EACCES;
}

int hf_program_find(const char *name, char *path, size_t size)
{
    if (!name[0])
        return ENOENT;
    if (strchr(name, '/')) {
        int length = snprintf(path, size, "%s", name);
        return length < 0 || (size_t)length >= size ? ENAMETOOLONG : check(path);
    }
    int cause = ENOENT;
    const char *folder = getenv("PATH");
    if (!folder)
        folder = "/bin:/usr/bin"; /* as execvp(3) without PATH */
    for (;;) {
        size_t length = strcspn(folder, ":");
        /* An empty entry is the current folder. */
        int needed = snprintf(path, size, "%.*s%s%s", (int)length, folder, length ? "/" : "", name);
        int status = needed < 0 || (size_t)needed >= size ? ENAMETOOLONG : check(path);
        if (status == 0)
            return 0;
        if (cause == ENOENT)
            cause = status;
        if (folder[length] == '\0')
            return cause;
        folder += length + 1;
    }
}
