/* SPDX-License-Identifier: Apache-2.0 */
#include "notify.h"

#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "notify/notify.h"
#include "report/night_report.h"
#include "store/board_health.h"

static void send_notice(const hf_daemon_options *options, const hf_notice *notice)
{
    hf_error err = {0};
    if (options->notify_command &&
        hf_notify_command(options->notify_command, notice, HF_NOTIFY_LIMIT_MS, &err) != HF_OK)
        hf_log_error("the notification of a run", &err);
    hf_error_clear(&err);
    if (options->webhook && hf_notify_webhook(options->webhook, notice, HF_NOTIFY_LIMIT_MS, &err) != HF_OK)
        hf_log_error("the notification of a run", &err);
}

#define VARIABLES 6

static void send_night(const hf_daemon_run *run, const hf_night *night)
{
    hf_buffer json = HF_BUFFER_INIT, subject = HF_BUFFER_INIT;
    char *texts[VARIABLES] = {NULL};
    hf_night_render_json(night, &json);
    hf_night_render_subject(night, &subject);
    const bool made = !json.failed && !subject.failed &&
                      asprintf(&texts[0], "HILFARM_RUN=%lld", (long long)run->run_id) >= 0 &&
                      asprintf(&texts[1], "HILFARM_KEY=%s", run->submitted.key) >= 0 &&
                      asprintf(&texts[2], "HILFARM_NAME=%s", run->name) >= 0 &&
                      asprintf(&texts[3], "HILFARM_OWNER=%s", run->submitted.owner) >= 0 &&
                      asprintf(&texts[4], "HILFARM_STATE=%s", hf_run_state_name(run->summary.state)) >= 0 &&
                      asprintf(&texts[5], "HILFARM_SUBJECT=%s", hf_buffer_text(&subject)) >= 0;
    const char *variables[VARIABLES + 1] = {texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], NULL};
    const hf_notice notice = {.json = hf_buffer_text(&json), .size_bytes = json.size, .variables = variables};
    if (made)
        send_notice(run->daemon->options, &notice);
    else
        hf_log(HF_LOG_ERROR, "no memory for the notification of run %s", run->submitted.key);
    for (int i = 0; i < VARIABLES; i++)
        free(texts[i]);
    hf_buffer_free(&json);
    hf_buffer_free(&subject);
}

void hf_notify_run(hf_daemon_run *run, hf_store *store, const hf_report *report)
{
    hf_report baseline = {0};
    hf_run_comparison comparison = {0};
    hf_night night = {.report = report};
    hf_board_state_row *states = NULL;
    hf_error err = {0};
    const int64_t baseline_id = run->plan.baseline_id;
    if (baseline_id && hf_store_load_report(store, baseline_id, &baseline, &err) == HF_OK &&
        hf_run_compare(&baseline, report, &comparison, &err) == HF_OK)
        night.comparison = &comparison;
    if (hf_store_list_board_states(store, &states, &night.state_count, &err) == HF_OK)
        night.states = states;
    send_night(run, &night);
    hf_rows_free(&hf_board_state_row_type, states, night.state_count);
    hf_run_comparison_free(&comparison);
    hf_report_free(&baseline);
}
