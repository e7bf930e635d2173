/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/work_dir.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define PARENT "/tmp"
#define PREFIX "hilfarm-run-"

/* "hilfarm-run-<pid>-XXXXXX": whether its process is gone. */
static bool is_stale(const char *name)
{
    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
        return false;
    char *end = NULL;
    errno = 0;
    long pid = strtol(name + strlen(PREFIX), &end, 10);
    return errno == 0 && *end == '-' && pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static void remove_stale(void)
{
    DIR *parent = opendir(PARENT);
    if (!parent)
        return;
    for (struct dirent *entry; (entry = readdir(parent)) != NULL;) {
        char path[sizeof PARENT + sizeof entry->d_name];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", PARENT, entry->d_name);
        if (is_stale(entry->d_name) && lstat(path, &info) == 0 && S_ISDIR(info.st_mode) &&
            info.st_uid == geteuid())
            hf_remove_tree(path, NULL);
    }
    closedir(parent);
}

hf_status hf_work_dir_make(char path[HF_WORK_DIR_SIZE], hf_error *err)
{
    remove_stale();
    snprintf(path, HF_WORK_DIR_SIZE, PARENT "/" PREFIX "%ld-XXXXXX", (long)getpid());
    if (!mkdtemp(path)) {
        path[0] = '\0';
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot make a folder in " PARENT ": %s",
                          strerror(errno));
    }
    return HF_OK;
}

void hf_work_dir_remove(const char *path)
{
    if (path[0])
        hf_remove_tree(path, NULL);
}
