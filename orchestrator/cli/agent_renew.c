/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm agent renew`: by hand, or every day by hilfarm-renew.timer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent_forms.h"
#include "authority/authority.h"
#include "output.h"

/* Long before doctor warns, so that a host that is away for weeks is renewed too. */
#define BEFORE_S (INT64_C(60) * 86400)

static hf_exit fail(hf_error *err)
{
    hf_error_context(err, HF_FAULT_NONE, "agent renew");
    return hf_cli_fail(err);
}

static hf_status renew_own(hf_authority *authority, hf_error *err)
{
    bool renewed = false;
    hf_status status = hf_authority_renew_own(authority, (int64_t)time(NULL), BEFORE_S, &renewed, err);
    if (status != HF_OK || !renewed)
        return status;
    printf("the certificates of the server and the farm are renewed\n");
    status = hf_authority_reload(authority, err);
    return status == HF_ENOTFOUND ? HF_OK : status; /* it reads them when it starts */
}

static hf_status renew_host(hf_authority *authority, hf_broker *broker, const char *host, hf_error *err)
{
    int64_t until_s;
    char until[HF_CLI_TIME_SIZE];
    hf_status status = hf_authority_renew(authority, broker, host, (int64_t)time(NULL), &until_s, err);
    if (status != HF_OK)
        return status;
    hf_cli_format_time(until_s * 1000, until, sizeof until);
    printf("%s: renewed until %s\n", host, until);
    return HF_OK;
}

/* A host that is away now is tried again the next time; the others are renewed. */
static hf_exit renew_due(hf_authority *authority, hf_broker *broker, const hf_member *members, uint32_t count)
{
    const int64_t now = (int64_t)time(NULL);
    hf_exit worst = HF_EXIT_OK;
    uint32_t due = 0;
    for (uint32_t i = 0; i < count; i++) {
        hf_error err = {0};
        if (members[i].state != HF_MEMBER_JOINED || members[i].until_s - now >= BEFORE_S)
            continue;
        due++;
        if (renew_host(authority, broker, members[i].host, &err) != HF_OK)
            worst = fail(&err);
    }
    if (due == 0)
        printf("no certificate of a host ends within %d days\n", (int)(BEFORE_S / 86400));
    return worst;
}

static hf_exit renew_hosts(hf_authority *authority, const char *host)
{
    hf_broker *broker = NULL;
    hf_member *members = NULL;
    uint32_t count = 0;
    hf_error err = {0};
    hf_exit exit_status = HF_EXIT_OK;
    hf_status status = hf_authority_list(authority, (int64_t)time(NULL), &members, &count, &err);
    if (status == HF_OK)
        status = hf_authority_connect(authority, "hilfarm-renew", &broker, &err);
    if (status == HF_OK && host)
        status = renew_host(authority, broker, host, &err);
    else if (status == HF_OK)
        exit_status = renew_due(authority, broker, members, count);
    hf_broker_close(broker);
    free(members);
    return status == HF_OK ? exit_status : fail(&err);
}

hf_exit hf_agent_renew(const hf_agent_values *v, const char *host)
{
    hf_authority *authority = NULL;
    hf_error err = {0};
    hf_status status = hf_authority_open(hf_agent_authority_folder(v->directory), &authority, &err);
    if (status == HF_OK && !host)
        status = renew_own(authority, &err);
    const hf_exit exit_status = status == HF_OK ? renew_hosts(authority, host) : fail(&err);
    hf_authority_close(authority);
    return exit_status;
}
