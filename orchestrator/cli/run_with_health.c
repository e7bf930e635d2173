/* SPDX-License-Identifier: Apache-2.0 */
#include "run_with_health.h"

#include "farm_hosts_access.h"
#include "health/monitor.h"

hf_status hf_cli_run_with_health(const hf_run_options *options, const char *db, hf_run_summary *summary,
                                 hf_error *err)
{
    hf_health_monitor *monitor = NULL;
    hf_run_options watched = *options;
    hf_error closing = {0};
    *summary = (hf_run_summary){.state = HF_RUN_ABORTED};
    hf_status status = hf_health_monitor_open(options->farm, db, HF_HEALTH_CHECK_READMISSION, &monitor, err);
    if (status != HF_OK)
        return status;
    hf_health_monitor_end_quarantines(monitor);
    watched.health = (hf_run_health){.boards = hf_health_monitor_standings(monitor),
                                     .checks = hf_health_monitor_checks(monitor),
                                     .user = monitor,
                                     .board = hf_health_monitor_board,
                                     .checked = hf_health_monitor_checked};
    watched.remote = hf_cli_remote();
    status = hf_run(&watched, summary, err);
    if (hf_health_monitor_close(monitor, &closing) != HF_OK && status == HF_OK)
        status = hf_error_pass(err, &closing);
    return status;
}
