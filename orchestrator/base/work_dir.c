/* SPDX-License-Identifier: Apache-2.0 */
#include "base/work_dir.h"

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

#define PREFIX "hilfarm-run-"

static const char *parent_folder(void)
{
    const char *wanted = getenv("TMPDIR");
    struct stat info;
    if (wanted && wanted[0] == '/' && strlen(wanted) <= HF_WORK_DIR_PARENT_MAX && stat(wanted, &info) == 0 &&
        S_ISDIR(info.st_mode) && access(wanted, W_OK | X_OK) == 0)
        return wanted;
    return "/tmp";
}

/* Whether a folder is "hilfarm-run-<pid>-XXXXXX" of a process that has ended. */
static bool is_stale(const char *name)
{
    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
        return false;
    char *end = NULL;
    errno = 0;
    long pid = strtol(name + strlen(PREFIX), &end, 10);
    return errno == 0 && *end == '-' && pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static void remove_stale(const char *folder)
{
    DIR *parent = opendir(folder);
    if (!parent)
        return;
    for (struct dirent *entry; (entry = readdir(parent)) != NULL;) {
        char path[HF_WORK_DIR_PARENT_MAX + 2 + sizeof entry->d_name];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (is_stale(entry->d_name) && lstat(path, &info) == 0 && S_ISDIR(info.st_mode) &&
            info.st_uid == geteuid())
            (void)hf_remove_tree(path, NULL); /* the next run tries again */
    }
    closedir(parent);
}

hf_status hf_work_dir_make(char path[HF_WORK_DIR_SIZE], hf_error *err)
{
    const char *parent = parent_folder();
    remove_stale(parent);
    snprintf(path, HF_WORK_DIR_SIZE, "%.*s/" PREFIX "%d-XXXXXX", HF_WORK_DIR_PARENT_MAX, parent, getpid());
    if (!mkdtemp(path)) {
        path[0] = '\0';
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot make a folder in %s: %s", parent,
                          strerror(errno));
    }
    return HF_OK;
}

void hf_work_dir_remove(const char *path)
{
    if (path[0])
        (void)hf_remove_tree(path, NULL); /* a later process removes what is left */
}
