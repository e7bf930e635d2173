/* SPDX-License-Identifier: Apache-2.0 */
#include "restart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "log.h"
#include "notices.h"
#include "run_begin.h"
#include "run_list.h"

static hf_daemon_run *read_run(hf_daemon *daemon, const char *spool_key, hf_error *err)
{
    char *text = NULL;
    size_t size = 0;
    hf_submitted submitted;
    hf_status status = hf_spool_read(daemon->spool, spool_key, &text, &size, err);
    if (status == HF_OK)
        status = hf_submitted_read(spool_key, text, size, &submitted, err);
    free(text);
    if (status != HF_OK)
        return NULL;
    hf_daemon_run *run = hf_daemon_run_new(daemon, &submitted);
    if (!run) {
        hf_submitted_clear(&submitted);
        (void)HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the run");
    }
    return run;
}

static hf_status take_up(hf_daemon *daemon, hf_daemon_run *run, hf_error *err)
{
    hf_changes changes;
    if (hf_changes_load(daemon, run->submitted.spool_key, &changes)) {
        run->priority = changes.priority;
        run->stop_requested = changes.stop;
        snprintf(run->stop_reason, sizeof run->stop_reason, "%s", changes.stop_reason);
    }
    if (hf_run_list_add(daemon, run) != HF_OK)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the queue");
    hf_log(HF_LOG_INFO, "run %s of %s is taken up again", run->submitted.key, run->submitted.owner);
    hf_run_begin_soon(run);
    return HF_OK;
}

/* Gives the runs that had begun their numbers in the store. Without them, a run asked for by its name or number would
 * be taken for one that was interrupted and is over, until it has begun again. */
static hf_status number_runs(hf_daemon *daemon, hf_error *err)
{
    hf_store *store = NULL;
    hf_status status = daemon->first ? hf_store_open(daemon->store_path, &store, err) : HF_OK;
    for (hf_daemon_run *run = daemon->first; status == HF_OK && run; run = run->next) {
        hf_error none = {0};
        int64_t run_id = 0;
        if (hf_store_find_run(store, run->submitted.key, &run_id, &none) == HF_OK)
            run->shown_run_id = run_id;
    }
    hf_store_close(store);
    return status;
}

hf_status hf_restart_runs(hf_daemon *daemon, hf_error *err)
{
    hf_spool_entry *entries = NULL;
    uint32_t count = 0;
    hf_status status = hf_spool_list(daemon->spool, &entries, &count, err);
    for (uint32_t i = 0; status == HF_OK && i < count; i++) {
        if (entries[i].is_over)
            continue;
        hf_error cause = {0};
        hf_daemon_run *run = read_run(daemon, entries[i].key, &cause);
        if (run)
            status = take_up(daemon, run, err);
        else /* one damaged entry keeps no other run from going on */
            hf_log(HF_LOG_ERROR, "submission %s cannot be taken up: %s", entries[i].key, cause.message);
    }
    free(entries);
    if (status == HF_OK)
        hf_notices_send_left(daemon);
    return status == HF_OK ? number_runs(daemon, err) : status;
}
