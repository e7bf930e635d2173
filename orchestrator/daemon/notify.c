/* SPDX-License-Identifier: Apache-2.0 */
#include "notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "log.h"
#include "process/shell_command.h"

#define LIMIT_MS 60000

/* The command reads the JSON from a file, which stays only as long as it runs. */
static void run_command(const hf_daemon *daemon, const hf_daemon_run *run, const char *path,
                        const char *const *variables)
{
    hf_error err = {0};
    char *text = NULL;
    if (asprintf(&text, "exec <'%s'\n%s", path, daemon->options->notify_command) < 0)
        return;
    const hf_shell_command command = {.name = "--notify",
                                      .text = text,
                                      .variables = variables,
                                      .limit_ms = LIMIT_MS,
                                      .fault = HF_FAULT_FARM};
    hf_status status = hf_file_write(path, hf_buffer_text(&run->end_json), run->end_json.size, &err);
    if (status == HF_OK)
        status = hf_shell_command_run(&command, &err);
    if (status != HF_OK)
        hf_log_error("the notification of a run", &err);
    unlink(path);
    free(text);
}

void hf_notify(const hf_daemon *daemon, const hf_daemon_run *run, const hf_report *report,
               const hf_api_run_end *end)
{
    char *path = NULL, *texts[6] = {NULL};
    const hf_run_summary *summary = &end->summary;
    const int made =
        asprintf(&path, "%s/notify-%s.json", daemon->options->state_dir, run->submitted.spool_key) >= 0 &&
        asprintf(&texts[0], "HILFARM_RUN=%lld", (long long)run->run_id) >= 0 &&
        asprintf(&texts[1], "HILFARM_KEY=%s", run->submitted.key) >= 0 &&
        asprintf(&texts[2], "HILFARM_NAME=%s", end->name) >= 0 &&
        asprintf(&texts[3], "HILFARM_OWNER=%s", run->submitted.owner) >= 0 &&
        asprintf(&texts[4], "HILFARM_STATE=%s", hf_run_state_name(summary->state)) >= 0 &&
        asprintf(&texts[5], "HILFARM_SUBJECT=%s: %u measured, %u failed, %u not run, %u regressed", end->name,
                 summary->measured, summary->failed, summary->not_run, end->regressed) >= 0;
    const char *variables[7] = {texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], NULL};
    (void)report;
    if (made)
        run_command(daemon, run, path, variables);
    for (int i = 0; i < 6; i++)
        free(texts[i]);
    free(path);
}
