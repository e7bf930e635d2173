/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_POOL_H
#define HF_DAEMON_POOL_H

#include "base/error.h"
#include "store/store.h"

/**
 * @file pool.h
 * Threads for what waits for the disk or computes for long. libuv's own pool is left to the preparation of variations,
 * which can keep it busy for minutes. Each thread has a handle of the store.
 */

typedef struct hf_task_pool hf_task_pool;
typedef struct hf_task_pool_thread hf_task_pool_thread;

typedef void hf_task_pool_job(hf_task_pool_thread *thread, void *argument);

/** @param store_path must stay valid. @param out hf_task_pool_free() */
hf_status hf_task_pool_new(const char *name, unsigned threads, const char *store_path, hf_task_pool **out,
                           hf_error *err);
/** Does what was added before, then ends the threads. NULL allowed. */
void hf_task_pool_free(hf_task_pool *pool);

/** Adds a job; jobs begin in this order. Any thread. @return HF_ENOMEM, or HF_ECANCELLED after hf_task_pool_free() began */
hf_status hf_task_pool_add(hf_task_pool *pool, hf_task_pool_job *run, void *argument);

/** The thread's handle, opened when it is first needed. @param store valid until the thread ends */
hf_status hf_task_pool_store(hf_task_pool_thread *thread, hf_store **store, hf_error *err);

#endif
