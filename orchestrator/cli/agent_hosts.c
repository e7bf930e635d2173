/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm agent init`, `token`, `list` and `revoke`: on the farm's machine. */
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent_forms.h"
#include "authority/authority.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/secret_file.h"
#include "locations.h"
#include "output.h"
#include "signals.h"

#define SYSTEM_FOLDER "/var/lib/hilfarm/broker"
#define NAMES_MAX     32
#define POLL_MS       200
#define RELOAD_MS     10000
#define VALID_MS      UINT64_C(3600000)
#define SOON_S        (30 * INT64_C(86400)) /* when to think of renewal */

const char *hf_agent_authority_folder(const char *given)
{
    static char path[PATH_MAX];
    if (given)
        return given;
    if (geteuid() == 0 || access(SYSTEM_FOLDER, F_OK) == 0 || !hf_cli_state_path("broker", path))
        return SYSTEM_FOLDER;
    return path;
}

static int64_t now_s(void)
{
    return (int64_t)time(NULL);
}

static hf_exit fail_to(const char *form, hf_error *err)
{
    hf_error_context(err, HF_FAULT_NONE, "agent %s", form);
    if (err->status == HF_ENOTFOUND || err->status == HF_EMISMATCH)
        err->status = HF_EINVALID;
    return hf_cli_fail(err);
}

/* ---- init ---- */

static void print_next_steps(const char *folder, const char *url)
{
    printf("The authority of the farm, and the configuration of its NATS server, are in %s.\n"
           "1. Start the server: nats-server -c %s/" HF_AUTHORITY_CONFIG "\n",
           folder, folder);
    if (strcmp(folder, SYSTEM_FOLDER) == 0)
        puts("   or as a service: sudo systemctl enable --now hilfarm-broker");
    printf("   If it runs already, restart it: it has new certificates.\n"
           "2. Put this into the farm file:\n\n"
           "broker:\n"
           "  url: \"%s\"\n"
           "  ca: %s/" HF_AUTHORITY_CA "\n"
           "  certificate: %s/" HF_AUTHORITY_FARM "\n"
           "  key: %s/" HF_AUTHORITY_KEY "\n\n"
           "3. For each host: hilfarm agent token HOST\n",
           url, folder, folder, folder);
}

hf_exit hf_agent_init(const hf_agent_values *v)
{
    const char *folder = hf_agent_authority_folder(v->directory), *names[NAMES_MAX];
    char copy[1024], url[320], *rest = copy, *name, *real;
    hf_authority_setup setup = {.listen = v->listen, .names = names};
    hf_authority *authority = NULL;
    hf_error err = {0};
    if ((size_t)snprintf(copy, sizeof copy, "%s", v->names ? v->names : "") >= sizeof copy)
        (void)HF_FAIL(&err, HF_EINVALID, "--name: at most %zu characters are expected", sizeof copy - 1);
    while (err.status == HF_OK && (name = strsep(&rest, ",")) && setup.name_count < NAMES_MAX)
        if (*name)
            names[setup.name_count++] = name;
    if (err.status != HF_OK || hf_authority_init(folder, &setup, now_s(), &err) != HF_OK ||
        hf_authority_open(folder, &authority, &err) != HF_OK ||
        hf_authority_url(authority, url, sizeof url, &err) != HF_OK) {
        hf_authority_close(authority);
        return fail_to("init", &err);
    }
    real = realpath(folder, NULL);
    print_next_steps(real ? real : folder, url);
    free(real);
    hf_authority_close(authority);
    return HF_EXIT_OK;
}

/* ---- token ---- */

static hf_exit put_token(const hf_agent_values *v, hf_buffer *token, hf_error *err)
{
    hf_buffer_putc(token, '\n');
    if (!v->output)
        return hf_cli_write(token, NULL);
    return hf_secret_write(v->output, token->data, token->size, err) == HF_OK ? HF_EXIT_OK
                                                                              : fail_to("token", err);
}

static void tell(void *user, const char *line)
{
    (void)user;
    fprintf(stderr, "%s\n", line);
}

/* Until the host has joined, whoever signed. */
static hf_exit wait_until_used(hf_authority *authority, const char *id, uint64_t valid_ms, hf_error *err)
{
    const uint64_t until_ns = hf_now_ns() + valid_ms * HF_NS_PER_MS;
    bool used = false;
    hf_cli_signals signals;
    hf_cli_signals_catch(&signals);
    struct pollfd interrupted = {.fd = signals.fd, .events = POLLIN};
    hf_status status = hf_authority_is_used(authority, id, &used, err);
    while (status == HF_OK && !used && hf_now_ns() < until_ns && poll(&interrupted, 1, POLL_MS) <= 0)
        status = hf_authority_is_used(authority, id, &used, err);
    if (hf_cli_signals_release(&signals)) {
        fputs("hilfarm: nobody signs for the token now; it can be used while another `hilfarm agent token` "
              "waits\n",
              stderr);
        return HF_EXIT_INTERRUPTED;
    }
    if (status == HF_OK && !used)
        status = HF_FAIL(err, HF_ETIMEOUT, "the host did not join in time; the token has expired");
    return status == HF_OK ? HF_EXIT_OK : fail_to("token", err);
}

static hf_exit serve(hf_authority *authority, const char *host, const char *id, uint64_t valid_ms,
                     hf_error *err)
{
    hf_broker *broker = NULL;
    hf_responder *responder = NULL;
    hf_exit exit_status;
    if (hf_authority_connect(authority, "hilfarm-token", &broker, err) != HF_OK)
        return fail_to("token", err);
    if (hf_responder_start(authority, broker, tell, NULL, &responder, err) == HF_OK) {
        fprintf(
            stderr,
            "Run on %s, as root or as the user of the agent: hilfarm agent join TOKEN\nwaiting for it ...\n",
            host);
        exit_status = wait_until_used(authority, id, valid_ms, err);
    } else {
        exit_status = fail_to("token", err);
    }
    hf_broker_close(broker);
    hf_responder_free(responder);
    return exit_status;
}

static hf_exit make_token(hf_authority *authority, const hf_agent_values *v, const char *host, hf_error *err)
{
    hf_buffer token = HF_BUFFER_INIT;
    char id[HF_CREDENTIAL_ID_SIZE];
    const int64_t from_s = now_s(), valid_s = (int64_t)((v->valid_ms + 999) / 1000);
    hf_status status =
        hf_authority_invite(authority, host, v->url, from_s, from_s + valid_s, &token, id, err);
    if (status == HF_OK)
        status = hf_authority_reload(authority, err);
    if (status == HF_ENOTFOUND)
        hf_error_context(err, HF_FAULT_FARM, "start it first (`hilfarm agent init` says how)");
    else if (status == HF_OK)
        status = hf_authority_await(authority, hf_buffer_text(&token), hf_deadline_in_ms(RELOAD_MS), err);
    hf_exit exit_status = status == HF_OK ? put_token(v, &token, err) : fail_to("token", err);
    hf_secret_free(&token);
    fflush(stdout);
    return exit_status == HF_EXIT_OK ? serve(authority, host, id, v->valid_ms, err) : exit_status;
}

hf_exit hf_agent_token(const hf_agent_values *given, const char *host)
{
    hf_authority *authority = NULL;
    hf_error err = {0};
    hf_agent_values values = *given, *v = &values;
    if (!v->valid_ms)
        v->valid_ms = VALID_MS;
    if (hf_authority_open(hf_agent_authority_folder(v->directory), &authority, &err) != HF_OK)
        return fail_to("token", &err);
    const hf_exit exit_status = make_token(authority, v, host, &err);
    hf_authority_close(authority);
    return exit_status;
}

/* ---- list ---- */

static void render_member(const hf_member *member, int64_t now, hf_buffer *out)
{
    static const char *const states[] = {[HF_MEMBER_INVITED] = "token made",
                                         [HF_MEMBER_JOINED] = "joined",
                                         [HF_MEMBER_EXPIRED] = "expired",
                                         [HF_MEMBER_REVOKED] = "revoked"};
    char since[HF_CLI_TIME_SIZE], until[HF_CLI_TIME_SIZE];
    hf_cli_format_time(member->since_s * 1000, since, sizeof since);
    hf_cli_format_time(member->until_s * 1000, until, sizeof until);
    hf_buffer_printf(out, "%-24s  %-10s  %-16s  %s%s\n", member->host, states[member->state], since,
                     member->state == HF_MEMBER_REVOKED ? "-" : until,
                     member->state == HF_MEMBER_JOINED && member->until_s - now < SOON_S
                         ? "  renew it: `hilfarm agent renew`"
                         : "");
}

hf_exit hf_agent_list(const hf_agent_values *v)
{
    hf_authority *authority = NULL;
    hf_member *members = NULL;
    uint32_t count = 0;
    hf_error err = {0};
    hf_buffer text = HF_BUFFER_INIT;
    const int64_t now = now_s();
    if (hf_authority_open(hf_agent_authority_folder(v->directory), &authority, &err) != HF_OK ||
        hf_authority_list(authority, now, &members, &count, &err) != HF_OK) {
        hf_authority_close(authority);
        return fail_to("list", &err);
    }
    hf_buffer_printf(&text, "%-24s  %-10s  %-16s  %s\n", "host", "state", "since", "valid until");
    for (uint32_t i = 0; i < count; i++)
        render_member(&members[i], now, &text);
    const hf_exit exit_status = hf_cli_write(&text, NULL);
    hf_buffer_free(&text);
    free(members);
    hf_authority_close(authority);
    return exit_status;
}

/* ---- revoke ---- */

hf_exit hf_agent_revoke(const hf_agent_values *v, const char *host)
{
    hf_authority *authority = NULL;
    hf_error err = {0};
    hf_status status = hf_authority_open(hf_agent_authority_folder(v->directory), &authority, &err);
    if (status == HF_OK)
        status = hf_authority_revoke(authority, host, now_s(), &err);
    if (status != HF_OK) {
        hf_authority_close(authority);
        return fail_to("revoke", &err);
    }
    status = hf_authority_reload(authority, &err);
    hf_authority_close(authority);
    if (status == HF_ENOTFOUND) {
        printf("%s is revoked. %s\n", host, err.message);
        return HF_EXIT_OK;
    }
    if (status != HF_OK) /* it would go on working */
        return fail_to("revoke", &err);
    printf("%s is revoked and cut off\n", host);
    return HF_EXIT_OK;
}
