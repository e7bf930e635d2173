/* SPDX-License-Identifier: Apache-2.0 */
#include "farm_hosts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosts/farm_hosts.h"
#include "log.h"

#define LEAST_MS 1000
#define MOST_MS  4000

static void log_problems(hf_daemon *daemon)
{
    hf_buffer problems = HF_BUFFER_INIT;
    hf_farm_hosts_problems(daemon->hosts, daemon->farm, &problems);
    char *rest = NULL;
    for (char *line = problems.data ? strtok_r(problems.data, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        hf_log(HF_LOG_WARNING, "%s", line);
    hf_buffer_free(&problems);
}

/* Boards that were known once stay known: runs that are taken up may have selected them, and their host may only be away. */
hf_status hf_daemon_find_hosts(hf_daemon *daemon, hf_error *err)
{
    hf_error forgotten = {0};
    if (!daemon->farm->broker.url)
        return HF_OK;
    hf_status status = hf_farm_hosts_open(daemon->farm, "hilfarmd", &daemon->hosts, err);
    if (status != HF_OK)
        return status;
    if (hf_hosts_recall(daemon->hosts, daemon->hosts_path, &forgotten) != HF_OK)
        hf_log_error("hosts that were known are forgotten", &forgotten);
    status = hf_farm_hosts_find(daemon->hosts, daemon->farm, LEAST_MS, MOST_MS, NULL, err);
    if (status != HF_OK)
        return status;
    log_problems(daemon);
    if (hf_hosts_remember(daemon->hosts, daemon->hosts_path, &forgotten) != HF_OK)
        hf_log_error("the hosts of the farm are not remembered", &forgotten);
    return HF_OK;
}

void hf_daemon_leave_hosts(hf_daemon *daemon)
{
    hf_hosts_free(daemon->hosts);
    daemon->hosts = NULL;
}
