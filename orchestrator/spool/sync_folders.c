/* SPDX-License-Identifier: Apache-2.0 */
/* Syncing folders: what was created, renamed or removed in them survives a power failure. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <unistd.h>

#include "spool_state.h"

#define WALK_DESCRIPTORS 16

static int sync_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int result = fsync(fd);
    if (result < 0 && (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP))
        result = 0; /* some network and FUSE file systems cannot sync folders */
    int failure = errno;
    close(fd);
    errno = failure;
    return result;
}

hf_status spool_sync_folder(const char *path, hf_error *err)
{
    return sync_path(path) == 0
               ? HF_OK
               : HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot sync %s: %s", path, strerror(errno));
}

static int sync_if_folder(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)place;
    return type == FTW_DP ? sync_path(path) : 0;
}

hf_status spool_sync_folders(const char *path, hf_error *err)
{
    return nftw(path, sync_if_folder, WALK_DESCRIPTORS, FTW_DEPTH | FTW_PHYS) == 0
               ? HF_OK
               : HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot sync %s: %s", path, strerror(errno));
}
