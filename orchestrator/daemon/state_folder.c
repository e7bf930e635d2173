/* SPDX-License-Identifier: Apache-2.0 */
#include "state_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define LOCK_MS      3000
#define LOCK_STEP_MS 20

/* A daemon that was killed a moment ago may still hold the lock while the kernel ends its threads. */
static bool lock_within(int fd, hf_deadline deadline)
{
    const struct timespec step = {.tv_nsec = LOCK_STEP_MS * (long)HF_NS_PER_MS};
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK || hf_deadline_passed(deadline))
            return false;
        nanosleep(&step, NULL);
    }
    return true;
}

static hf_status lock_folder(hf_daemon *daemon, hf_error *err)
{
    const char *folder = daemon->options->state_dir;
    char *path = NULL;
    if (asprintf(&path, "%s/lock", folder) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the state folder");
    hf_status status = HF_OK;
    daemon->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (daemon->lock_fd < 0)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot open %s: %s", path, strerror(errno));
    else if (!lock_within(daemon->lock_fd, hf_deadline_in_ms(LOCK_MS)))
        status = errno == EWOULDBLOCK
                     ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_EBUSY, "another hilfarmd uses the state folder %s",
                                  folder)
                     : HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot lock %s: %s", path, strerror(errno));
    free(path);
    return status;
}

/* The store's path is absolute: clients are told where it is. */
hf_status hf_state_folder_open(hf_daemon *daemon, hf_error *err)
{
    const hf_daemon_options *options = daemon->options;
    hf_status status = hf_make_dirs(options->state_dir, err);
    char *folder = status == HF_OK ? realpath(options->state_dir, NULL) : NULL;
    if (status == HF_OK && (!folder || asprintf(&daemon->store_path, "%s/hilfarm.db", folder) < 0 ||
                            asprintf(&daemon->spool_path, "%s/spool", folder) < 0 ||
                            asprintf(&daemon->changes_path, "%s/changes", folder) < 0 ||
                            asprintf(&daemon->notices_path, "%s/notices", folder) < 0 ||
                            asprintf(&daemon->hosts_path, "%s/hosts", folder) < 0 ||
                            (options->cache_dir ? asprintf(&daemon->cache_path, "%s", options->cache_dir)
                                                : asprintf(&daemon->cache_path, "%s/cache", folder)) < 0))
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the state folder");
    if (status == HF_OK)
        status = lock_folder(daemon, err);
    if (status == HF_OK)
        status = hf_make_dirs(daemon->cache_path, err);
    free(folder);
    return status;
}

void hf_state_folder_close(hf_daemon *daemon)
{
    if (daemon->lock_fd >= 0)
        close(daemon->lock_fd);
    free(daemon->store_path);
    free(daemon->spool_path);
    free(daemon->changes_path);
    free(daemon->notices_path);
    free(daemon->hosts_path);
    free(daemon->cache_path);
}
