/* SPDX-License-Identifier: Apache-2.0 */
#include "notify.h"

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

static void send_night(const hf_daemon *daemon, const hf_night *night)
{
    hf_buffer json = HF_BUFFER_INIT;
    char *variables[HF_NIGHT_VARIABLES + 1];
    hf_night_render_json(night, &json);
    const bool made = hf_night_make_variables(night, variables);
    const hf_notice notice = {
        .json = hf_buffer_text(&json), .size_bytes = json.size, .variables = (const char *const *)variables};
    if (made && !json.failed)
        send_notice(daemon->options, &notice);
    else
        hf_log(HF_LOG_ERROR, "no memory for the notification of run %s", night->report->run.key);
    hf_night_free_variables(variables);
    hf_buffer_free(&json);
}

void hf_notify_run(const hf_daemon *daemon, hf_store *store, const hf_report *report, int64_t baseline_id)
{
    hf_report baseline = {0};
    hf_run_comparison comparison = {0};
    hf_night night = {.report = report};
    hf_board_state_row *states = NULL;
    hf_error err = {0};
    if (baseline_id && hf_store_load_parts(store, baseline_id, 0, &baseline, &err) == HF_OK &&
        hf_run_compare(&baseline, report, &comparison, &err) == HF_OK)
        night.comparison = &comparison;
    if (hf_store_list_board_states(store, &states, &night.state_count, &err) == HF_OK)
        night.states = states;
    send_night(daemon, &night);
    hf_rows_free(&hf_board_state_row_type, states, night.state_count);
    hf_run_comparison_free(&comparison);
    hf_report_free(&baseline);
}
