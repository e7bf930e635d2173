/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's program. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "farm/threads.h"
#include "options.h"

#define EXIT_BAD_INPUT 2
#define EXIT_FARM      3

/* A closed standard descriptor would be reused by a socket, to which messages would then go. */
static void open_standard_descriptors(void)
{
    int fd;
    while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO) /* NOLINT(android-cloexec-open) */
        continue;
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    hf_daemon_options options = {.version = HILFARM_VERSION};
    hf_error err = {0};
    int exit_status;
    open_standard_descriptors();
    hf_threads_prepare();
    if (!hilfarmd_options(argc, argv, &options, &exit_status))
        return exit_status;
    signal(SIGPIPE, SIG_IGN); /* a client that leaves is seen when writing fails */
    if (hf_daemon_serve(&options, &err) == HF_OK)
        return 0;
    fprintf(stderr, "hilfarmd: %s\n", err.message);
    return err.status == HF_EINVALID ? EXIT_BAD_INPUT : EXIT_FARM;
}
