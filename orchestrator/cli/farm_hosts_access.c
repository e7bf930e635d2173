/* SPDX-License-Identifier: Apache-2.0 */
#include "farm_hosts_access.h"

#include <stdio.h>
#include <stdlib.h>

/* Agents answer within a tenth of a second, and a long link. */
#define LEAST_MS 1000
#define MOST_MS  4000

static hf_hosts *hosts;

static void close_connection(void)
{
    hf_hosts_free(hosts);
    hosts = NULL;
}

static hf_status open_connection(const hf_farm *farm, hf_error *err)
{
    if (hosts)
        return HF_OK;
    const hf_broker_watch watch = {0}; /* a run outlives a server that is started again */
    hf_status status = hf_farm_hosts_open(farm, "hilfarm", &watch, &hosts, err);
    if (status == HF_OK)
        atexit(close_connection);
    return status;
}

hf_status hf_cli_find_hosts(void *unused, hf_farm *farm, hf_error *err)
{
    (void)unused;
    if (!farm->broker.url)
        return HF_OK;
    hf_status status = open_connection(farm, err);
    if (status == HF_OK)
        status = hf_farm_hosts_find(hosts, farm, LEAST_MS, MOST_MS, NULL, err);
    if (status != HF_OK)
        return status;
    hf_buffer problems = HF_BUFFER_INIT;
    hf_farm_hosts_problems(hosts, farm, &problems);
    fputs(hf_buffer_text(&problems), stderr);
    hf_buffer_free(&problems);
    if (farm->board_count > 0)
        return HF_OK;
    return HF_FAIL_AS(err, HF_FAULT_AGENT, HF_ETIMEOUT,
                      "no agent of %s has announced a board: is hilfarm-agent running on its hosts?",
                      farm->path);
}

hf_controller_remote hf_cli_remote(void)
{
    return hosts ? (hf_controller_remote){.user = hosts, .make = hf_farm_hosts_backend}
                 : (hf_controller_remote){0};
}

hf_hosts *hf_cli_hosts(void)
{
    return hosts;
}
