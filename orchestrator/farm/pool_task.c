/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of variations in libuv's pool. */
#include <stdlib.h>

#include "pool_work.h"
#include "run_state.h"

bool hf_run_start_task(hf_controller_run *run, uint32_t variation, uv_work_cb work, uv_after_work_cb done)
{
    const hf_controller_request *request = &run->request;
    hf_pool_task *task = calloc(1, sizeof *task);
    hf_prepared *prepared = calloc(1, sizeof *prepared);
    if (!task || !prepared) {
        free(task);
        free(prepared);
        return false;
    }
    task->work.data = task;
    task->run = run;
    task->variation = variation;
    task->prepared = prepared;
    task->request = hf_prepare_request_make(request->spec, &request->spec->variations[variation],
                                            request->selection, run->firmwares);
    task->request.cache = run->controller->cache;
    hf_pool_queue(run->controller->options.loop, &task->work, work, done);
    return true;
}

static void free_prepared(hf_prepared *prepared)
{
    hf_prepared_free(prepared);
    free(prepared);
}

void hf_pool_task_free(hf_pool_task *task)
{
    free_prepared(task->prepared);
    free(task);
}

void hf_run_release(hf_controller_run *run, uint32_t variation)
{
    free_prepared(run->variations[variation].prepared);
    run->variations[variation].prepared = NULL;
}
