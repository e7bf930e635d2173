/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_POOL_SIZE_H
#define HF_FARM_POOL_SIZE_H

/**
 * @file pool_size.h
 * The size of libuv's thread pool, in which variations are prepared.
 */

/**
 * Lets the pool use every processor, unless the user has set UV_THREADPOOL_SIZE. Call it first in main(): the size is
 * read once, and there must be no threads yet.
 */
void hf_pool_use_all_processors(void);

/** Number of threads of the pool. */
unsigned hf_pool_size(void);

#endif
