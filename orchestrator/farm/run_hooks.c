/* SPDX-License-Identifier: Apache-2.0 */
/* The farm file's hooks before and after a run. */
#include <stdio.h>
#include <unistd.h>

#include "process/shell_command.h"
#include "run_state.h"

/* Thread of its own. */
static void run_hook(hf_controller_run *run, const char *name, const char *text, const char *state)
{
    char id[48];
    snprintf(id, sizeof id, "HILFARM_RUN=%lld", (long long)run->summary.run_id);
    const char *const variables[] = {id, state, NULL};
    hf_watch watch = HF_WATCH_INIT;
    watch.cancel_fd = run->cancel_fd;
    const hf_shell_command command = {.name = name,
                                      .text = text,
                                      .variables = variables,
                                      .limit_ms = run->controller->options.farm->hooks.limit_ms,
                                      .fault = HF_FAULT_FARM,
                                      .watch = &watch};
    (void)hf_shell_command_run(&command, &run->background_error); /* the error has the status */
    if (run->background_error.status != HF_ECANCELLED)
        return;
    hf_error_clear(&run->background_error);
    (void)HF_FAIL_AS(&run->background_error, HF_FAULT_FARM, HF_ECANCELLED, "%s: '%s' was interrupted", name,
                     text);
}

static void run_before(void *user)
{
    hf_controller_run *run = user;
    run_hook(run, "hooks.before_run", run->controller->options.farm->hooks.before_run, NULL);
}

static void run_after(void *user)
{
    static const char *const states[] = {[HF_RUN_DONE] = "HILFARM_STATE=done",
                                         [HF_RUN_INTERRUPTED] = "HILFARM_STATE=interrupted",
                                         [HF_RUN_ABORTED] = "HILFARM_STATE=aborted"};
    hf_controller_run *run = user;
    run_hook(run, "hooks.after_run", run->controller->options.farm->hooks.after_run,
             states[run->summary.state]);
}

void hf_run_start_hook(hf_controller_run *run, bool before, void (*done)(void *run))
{
    const hf_hooks *hooks = &run->controller->options.farm->hooks;
    hf_error_clear(&run->background_error);
    if (!(before ? hooks->before_run : hooks->after_run)) {
        done(run);
        return;
    }
    /* What stopped the run must not reach the hook after it. */
    uint64_t drained;
    ssize_t got = read(run->cancel_fd, &drained, sizeof drained);
    (void)got; /* EAGAIN: nothing was cancelled, the usual case */
    hf_background_start(run->controller, &run->background, before ? run_before : run_after, done, run);
}

void hf_run_cancel_hook(hf_controller_run *run)
{
    const uint64_t one = 1;
    ssize_t put = write(run->cancel_fd, &one, sizeof one);
    (void)put; /* EAGAIN: the counter is full, so the descriptor is readable, as it should be */
}
