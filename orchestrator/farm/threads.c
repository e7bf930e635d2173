/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/threads.h"

#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define POOL_SIZE "UV_THREADPOOL_SIZE"

/* libuv's own default and limit. */
#define DEFAULT_THREADS 4
#define MOST_THREADS    1024

/* The C library gives threads heaps of their own (malloc(3), mallopt(3)), up to eight per processor, and what a heap has
 * used once stays in it. With a thread per board, and for months, that is most of the process's memory. Larger blocks,
 * such as images, go back to the system when they are freed. */
#define ARENAS     2
#define MMAP_BYTES (64 * 1024)
#define TRIM_BYTES (256 * 1024)

void hf_threads_prepare(void)
{
    cpu_set_t cpus;
    char threads[16];
    (void)mallopt(M_ARENA_MAX, ARENAS); /* without it the process is larger, and works */
    (void)mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
    if (sched_getaffinity(0, sizeof cpus, &cpus) != 0)
        return; /* more processors than the set has room for: libuv's default remains */
    snprintf(threads, sizeof threads, "%d", CPU_COUNT(&cpus));
    setenv(POOL_SIZE, threads, 0); /* what the user has set stays */
}

unsigned hf_threads_in_pool(void)
{
    const char *text = getenv(POOL_SIZE);
    const long threads = text ? strtol(text, NULL, 10) : DEFAULT_THREADS;
    if (threads < 1)
        return 1;
    return threads > MOST_THREADS ? MOST_THREADS : (unsigned)threads;
}
