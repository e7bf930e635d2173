/* SPDX-License-Identifier: Apache-2.0 */
#include "signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

void hf_cli_signals_catch(hf_cli_signals *signals)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, &signals->before);
    signals->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool hf_cli_signals_release(hf_cli_signals *signals)
{
    struct signalfd_siginfo caught;
    bool came = signals->fd >= 0 && read(signals->fd, &caught, sizeof caught) == (ssize_t)sizeof caught;
    if (signals->fd >= 0)
        close(signals->fd);
    sigprocmask(SIG_SETMASK, &signals->before, NULL);
    return came;
}
