/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "board_internal.h"
#include "checksum/crc.h"
#include "proto/frame.h"

#define NAME_KEPT 32u /* characters of a name that are kept readable */

void hf_file_name(const char *text, char *out, size_t size)
{
    char kept[NAME_KEPT + 1];
    size_t used = 0;
    bool same = true;
    for (const char *at = text; *at; at++) {
        bool plain = isalnum((unsigned char)*at) || *at == '-' || *at == '_';
        same = same && plain && used < NAME_KEPT;
        if (used >= NAME_KEPT)
            continue;
        kept[used] = '_';
        if (plain)
            kept[used] = *at;
        used++;
    }
    kept[used] = '\0';
    if (same && used > 0)
        snprintf(out, size, "%s", kept);
    else
        snprintf(out, size, "%s.%08x", kept, (unsigned)hf_crc32(0, text, strlen(text)));
}

hf_status hf_board_lock(const char *path, const char *board_id, int *fd, hf_error *err)
{
    /* The file stays behind on purpose: removing it would let two programs lock two files of that name. */
    int file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "board %s: cannot open its lock file '%s': %s",
                          board_id, path, strerror(errno));
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        int cause = errno;
        char owner[24] = "";
        ssize_t got = pread(file, owner, sizeof owner - 1, 0);
        owner[got > 0 ? strcspn(owner, "\n") : 0] = '\0';
        close(file);
        if (cause != EWOULDBLOCK)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "board %s: cannot lock '%s': %s", board_id, path,
                              strerror(cause));
        /* Not the farm's fault as a whole: other boards may be free, and this one later. */
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EBUSY,
                          "board %s is in use by another farm (process %s holds '%s')", board_id,
                          owner[0] ? owner : "unknown", path);
    }
    char owner[24];
    int length = snprintf(owner, sizeof owner, "%ld\n", (long)getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, owner, (size_t)length, 0) != length) {
        close(file);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "board %s: cannot write '%s': %s", board_id, path,
                          strerror(errno));
    }
    *fd = file;
    return HF_OK;
}
