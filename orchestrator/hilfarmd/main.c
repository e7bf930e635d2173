/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's program. */
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "farm/pool_size.h"
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

/* The C library gives threads heaps of their own (malloc(3), mallopt(3)), up to eight per processor, and what a heap has
 * used once stays in it. With a thread per board, and for months, that is most of the daemon's memory. Blocks of 64 KiB
 * and more, such as images, go back to the system when they are freed. */
static void save_memory(void)
{
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 64 * 1024);
    mallopt(M_TRIM_THRESHOLD, 256 * 1024);
}

int main(int argc, char **argv)
{
    hf_daemon_options options = {.version = HILFARM_VERSION};
    hf_error err = {0};
    int exit_status;
    open_standard_descriptors();
    hf_pool_use_all_processors();
    save_memory();
    if (!hilfarmd_options(argc, argv, &options, &exit_status))
        return exit_status;
    signal(SIGPIPE, SIG_IGN); /* a client that leaves is seen when writing fails */
    if (hf_daemon_serve(&options, &err) == HF_OK)
        return 0;
    fprintf(stderr, "hilfarmd: %s\n", err.message);
    return err.status == HF_EINVALID ? EXIT_BAD_INPUT : EXIT_FARM;
}
