/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_SERVICE_H
#define HF_DAEMON_SERVICE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file service.h
 * The daemon as a service of systemd: sockets that it passes, and what it is told. Without systemd nothing happens.
 */

/** Up to `most` listening sockets that systemd passes (sd_listen_fds(3)). @return how many; HF_EINVALID for one that
 * does not listen */
hf_status hf_service_sockets(int *fds, size_t most, size_t *count, hf_error *err);
/** Tells systemd: "READY=1", "STOPPING=1", "STATUS=...". */
void hf_service_tell(const char *state);
/** How often the daemon must say that it lives, in ms; 0 = never (sd_watchdog_enabled(3)). */
uint64_t hf_service_watchdog_ms(void);

#endif
