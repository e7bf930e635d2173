/* SPDX-License-Identifier: Apache-2.0 */
#include "requested_baseline.h"

#include <string.h>

hf_status hf_find_requested_baseline(const hf_dispatched *task, const hf_run_row *run, int64_t *run_id,
                                     hf_error *err)
{
    const char *text = hf_http_request_query(task->request, "baseline");
    *run_id = 0;
    if (!text)
        return hf_store_find_baseline(task->store, run, run_id, err);
    if (strcmp(text, "last-green") == 0)
        return hf_store_find_last_green(task->store, run->name, run->owner, run->id, run_id, err);
    return hf_store_find_run(task->store, text, run_id, err);
}
