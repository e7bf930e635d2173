/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_THREADS_H
#define HF_FARM_THREADS_H

/**
 * @file threads.h
 * Threads of a process with a controller: one for each board, and libuv's pool, in which variations are prepared.
 */

/**
 * Prepares the process. Call it first in main(): there must be no threads yet. libuv's pool gets a thread for every
 * processor, unless the user has set UV_THREADPOOL_SIZE. The threads of the boards share two arenas of malloc(), which
 * would otherwise keep an arena of unused memory for nearly each of them.
 */
void hf_threads_prepare(void);

/** Number of threads of libuv's pool. */
unsigned hf_threads_in_pool(void);

#endif
