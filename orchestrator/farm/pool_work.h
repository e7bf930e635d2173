/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_POOL_WORK_H
#define HF_FARM_POOL_WORK_H

#include <uv.h>

/**
 * As uv_queue_work(), which starts the threads of libuv's pool. They stay until the process ends: with a signal mask of their own they
 * would die of a signal that the process waits for after the run.
 */
void hf_pool_queue(uv_loop_t *loop, uv_work_t *request, uv_work_cb work, uv_after_work_cb done);

#endif
