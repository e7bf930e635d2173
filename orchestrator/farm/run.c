/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "process/shell_command.h"
#include "run_state.h"

/* Runs a hook of the farm file around the run. In the loop's thread: no board is in use then. */
static hf_status run_hook(const hf_runner *runner, const char *name, const char *text, hf_error *err)
{
    static const char *const states[] = {
        [HF_RUN_DONE] = "done", [HF_RUN_INTERRUPTED] = "interrupted", [HF_RUN_ABORTED] = "aborted"};
    char run[48], state[48];
    snprintf(run, sizeof run, "HILFARM_RUN=%lld", (long long)runner->summary->run_id);
    snprintf(state, sizeof state, "HILFARM_STATE=%s", states[runner->summary->state]);
    const hf_hooks *hooks = &runner->options->farm->hooks;
    const char *const variables[] = {run, text == hooks->after_run ? state : NULL, NULL};
    const hf_shell_command command = {.name = name,
                                      .text = text,
                                      .variables = variables,
                                      .limit_ms = hooks->limit_ms,
                                      .fault = HF_FAULT_FARM};
    return text ? hf_shell_command_run(&command, err) : HF_OK;
}

static void run_jobs(hf_runner *runner)
{
    hf_runner_start_tick(runner);
    hf_runner_prune_all(runner);
    uv_run(&runner->loop, UV_RUN_DEFAULT);
    if (runner->farm_error.status != HF_OK)
        return;
    /* Jobs whose boards others used do not make a run incomplete: it came to its end without them. */
    bool ended_early = runner->summary->not_run > runner->summary->in_use;
    runner->summary->state = ended_early ? HF_RUN_INTERRUPTED : HF_RUN_DONE;
    runner->summary->interrupted = runner->signal && runner->summary->not_run;
}

hf_status hf_run(const hf_run_options *options, hf_run_summary *summary, hf_error *err)
{
    *summary = (hf_run_summary){.state = HF_RUN_ABORTED};
    hf_runner runner = {.options = options, .summary = summary, .started_ns = hf_now_ns()};
    pthread_mutex_init(&runner.mutex, NULL);
    uv_loop_init(&runner.loop);
    hf_error cause = {0};
    hf_runner_start_handles(&runner); /* first: signals and the write queue's thread need them */
    hf_status status = hf_runner_set_up(&runner, &cause);
    const hf_hooks *hooks = &options->farm->hooks;
    if (status == HF_OK)
        status = run_hook(&runner, "hooks.before_run", hooks->before_run, &cause);
    if (status == HF_OK) {
        run_jobs(&runner);
        cause = runner.farm_error;
        status = cause.status;
        hf_error hook_error = {0};
        if (run_hook(&runner, "hooks.after_run", hooks->after_run, &hook_error) != HF_OK && status == HF_OK) {
            cause = hook_error;
            status = cause.status;
        }
    } else {
        hf_runner_record_nothing_run(&runner, &cause);
    }
    hf_runner_close_handles(&runner);
    hf_error end_error = {0};
    hf_status ended = hf_runner_record_end(&runner, &end_error);
    if (status == HF_OK && ended != HF_OK) {
        cause = end_error;
        status = ended;
        summary->state = HF_RUN_ABORTED;
    }
    if (uv_loop_close(&runner.loop) != 0)
        abort(); /* a defect: a handle is still open */
    hf_runner_tear_down(&runner);
    if (status != HF_OK && err && err->status == HF_OK)
        *err = cause;
    return status;
}
