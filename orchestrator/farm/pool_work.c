/* SPDX-License-Identifier: Apache-2.0 */
#include "pool_work.h"

#include <signal.h>

void hf_pool_queue(uv_loop_t *loop, uv_work_t *request, uv_work_cb work, uv_after_work_cb done)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    uv_queue_work(loop, request, work, done);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}
