/* SPDX-License-Identifier: Apache-2.0 */
#include "write_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

hf_status hf_openocd_write_file(const char *path, const void *bytes, size_t size, hf_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot create '%s': %s", path, strerror(errno));
    hf_status status = HF_OK;
    for (size_t done = 0; done < size && status == HF_OK;) {
        ssize_t some = write(fd, (const uint8_t *)bytes + done, size - done);
        if (some > 0)
            done += (size_t)some;
        else if (some == 0 || errno != EINTR)
            status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot write '%s': %s", path, strerror(errno));
    }
    if (close(fd) != 0 && status == HF_OK)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot write '%s': %s", path, strerror(errno));
    return status;
}
