/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"

hf_status hf_service_sockets(int *fds, size_t most, size_t *count, hf_error *err)
{
    const int passed = sd_listen_fds(1); /* also clears the variables, so that children do not see them */
    *count = 0;
    for (int i = 0; i < passed && *count < most; i++) {
        const int fd = SD_LISTEN_FDS_START + i;
        if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EINVALID,
                              "descriptor %d, passed by systemd, is not a listening stream socket", fd);
        fds[(*count)++] = fd;
    }
    return HF_OK;
}

void hf_service_tell(const char *state)
{
    (void)sd_notify(0, state); /* a failure could only be reported to systemd itself */
}

uint64_t hf_service_watchdog_ms(void)
{
    uint64_t period_us = 0;
    return sd_watchdog_enabled(0, &period_us) > 0 ? period_us / 1000 / 2 : 0;
}
