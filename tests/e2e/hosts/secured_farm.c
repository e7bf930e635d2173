/* SPDX-License-Identifier: Apache-2.0 */
#include "secured_farm.h"

#include "authority/authority.h"
#include "base/clock.h"
#include "base/file.h"
#include "needs_server.h"
#include "recording_proxy.h"

secured_farm farm;

/* ---- Programs ---- */

static bool start_server(void)
{
    static char config[160];
    snprintf(config, sizeof config, "%s/" HF_AUTHORITY_CONFIG, farm.folder);
    const char *const argv[] = {"/usr/sbin/nats-server", "-c", config, NULL};
    return process_start(&farm.server, argv) &&
           process_wait_output(&farm.server, "Server is ready", DEADLINE_MS);
}

int run_agent(process *child, const char *const *words)
{
    const char *argv[12] = {farm.program, "agent", "--directory", farm.folder};
    for (size_t i = 0; words[i]; i++)
        argv[4 + i] = words[i];
    return process_start(child, argv) ? process_wait_exit(child, DEADLINE_MS) : -1;
}

void start_token(process *child, const char *host, const char *url)
{
    char file[64];
    snprintf(file, sizeof file, "%s.token", host);
    const char *const argv[] = {farm.program, "agent",      "--directory",        farm.folder, "token", host,
                                "--output",   in_dir(file), url ? "--url" : NULL, url,         NULL};
    assert_true(process_start(child, argv));
    if (!process_wait_output(child, "waiting for it", DEADLINE_MS))
        fail_msg("%s", child->output);
}

int join_with(process *child, const char *token_file, const char *keys)
{
    const char *const argv[] = {farm.program,  "agent", "join",     "--token-file",       token_file,
                                "--directory", keys,    "--config", in_dir("agent.yaml"), NULL};
    return process_start(child, argv) ? process_wait_exit(child, DEADLINE_MS) : -1;
}

const char *in_dir(const char *name)
{
    static char paths[16][160];
    static unsigned at;
    char *path = paths[at++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", farm.dir, name);
    return path;
}

hf_broker *connect_farm(void)
{
    hf_authority *authority = NULL;
    hf_broker *broker = NULL;
    if (hf_authority_open(farm.folder, &authority, NULL) != HF_OK)
        return NULL;
    hf_status status = hf_authority_connect(authority, "farm", &broker, NULL);
    hf_authority_close(authority);
    return status == HF_OK ? broker : NULL;
}

int secured_farm_set_up(void **state)
{
    (void)state;
    if (!hf_test_has_server())
        return 0;
    const char *bin = getenv("HILFARM_BIN_DIR");
    char listen_at[32];
    process child = {0};
    strcpy(farm.dir, "/tmp/hf-security-XXXXXX");
    farm.port = free_port();
    if (!bin || !farm.port || !mkdtemp(farm.dir))
        return 1;
    snprintf(farm.program, sizeof farm.program, "%s/hilfarm", bin);
    snprintf(farm.folder, sizeof farm.folder, "%s/broker", farm.dir);
    snprintf(listen_at, sizeof listen_at, "127.0.0.1:%d", farm.port);
    snprintf(farm.url, sizeof farm.url, "tls://127.0.0.1:%d", farm.port);
    if (AGENT(&child, "init", "--listen", listen_at, "--name", "127.0.0.1") != 0 ||
        strstr(child.output, "systemctl")) { /* the service has a folder of its own */
        fprintf(stderr, "%s\n", child.output);
        return 1;
    }
    return !start_server() || !(farm.broker = connect_farm());
}

int secured_farm_tear_down(void **state)
{
    (void)state;
    hf_broker_close(farm.broker);
    if (farm.server.pid)
        (void)process_stop(&farm.server, DEADLINE_MS);
    if (farm.dir[0])
        (void)hf_remove_tree(farm.dir, NULL); /* a folder in /tmp stays */
    farm = (secured_farm){0};
    return 0;
}

/* ---- Hosts ---- */

void join_host(const char *host)
{
    process token = {0}, join = {0};
    char file[64];
    snprintf(file, sizeof file, "%s.token", host);
    start_token(&token, host, NULL);
    if (join_with(&join, in_dir(file), in_dir(host)) != 0)
        fail_msg("%s", join.output);
    if (process_wait_exit(&token, DEADLINE_MS) != 0)
        fail_msg("%s", token.output);
    assert_non_null(strstr(token.output, "has joined"));
}

hf_status connect_host(const char *host, const char *at, hf_broker **out, hf_error *err)
{
    char ca[200], certificate[200], key[200];
    snprintf(ca, sizeof ca, "%s/ca.pem", in_dir(host));
    snprintf(certificate, sizeof certificate, "%s/agent.pem", in_dir(host));
    snprintf(key, sizeof key, "%s/agent.key", in_dir(host));
    const hf_broker_options options = {.url = at,
                                       .name = host,
                                       .ca_path = ca,
                                       .cert_path = certificate,
                                       .key_path = key,
                                       .timeout_ms = 5000};
    return hf_broker_open(&options, out, err);
}

/* ---- Messages ---- */

void receive(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    box *b = user;
    pthread_mutex_lock(&b->mutex);
    b->count++;
    const size_t at = strlen(b->subjects);
    snprintf(b->subjects + at, sizeof b->subjects - at, "%s ", subject);
    pthread_mutex_unlock(&b->mutex);
    if (reply)
        hf_buffer_append(reply, bytes, size);
}

unsigned count_of(box *b)
{
    pthread_mutex_lock(&b->mutex);
    const unsigned count = b->count;
    pthread_mutex_unlock(&b->mutex);
    return count;
}

static void ask_until(hf_broker *from, const char *subject, hf_status status)
{
    hf_buffer reply = HF_BUFFER_INIT;
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (hf_broker_request(from, subject, MARKER, sizeof MARKER, 1000, &reply, NULL) != status)
        assert_false(hf_deadline_passed(deadline));
    hf_buffer_free(&reply);
}

void ask(hf_broker *from, const char *subject)
{
    ask_until(from, subject, HF_OK);
}

void ask_until_gone(hf_broker *from, const char *subject)
{
    ask_until(from, subject, HF_ENOTFOUND);
}
