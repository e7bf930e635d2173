/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm agent` and what it protects (docs/security.md), over a real nats-server with the configuration that it writes. Skipped where
 * there is none. */
#include "needs_server.h"

#include <sys/stat.h>

#include "authority/authority.h"
#include "base/clock.h"
#include "base/file.h"
#include "broker/blobs.h"
#include "recording_proxy.h"

#define DEADLINE_MS 60000
#define LONG_MS     120000
#define MARKER      "mobilenetv1_0.25_96_c3_o2 nonce 4711 models: [yaml]"

static char dir[48], folder[80], program[512], listen_at[32], url[48];
static int port;
static process server;
static hf_broker *farm;

/* ---- Programs ---- */

static bool start_server(void)
{
    static char config[160];
    snprintf(config, sizeof config, "%s/" HF_AUTHORITY_CONFIG, folder);
    const char *const argv[] = {"/usr/sbin/nats-server", "-c", config, NULL};
    return process_start(&server, argv) && process_wait_output(&server, "Server is ready", DEADLINE_MS);
}

/* Runs `hilfarm agent` with some words. */
static int agent(process *child, const char *a, const char *b, const char *c, const char *d, const char *e,
                 const char *f)
{
    const char *argv[12] = {program, "agent", "--directory", folder, a};
    const char *const more[] = {b, c, d, e, f};
    for (size_t i = 0, at = 5; i < 5 && more[i]; i++)
        argv[at++] = more[i];
    if (!process_start(child, argv))
        return -1;
    return process_wait_exit(child, DEADLINE_MS);
}

static const char *in_dir(const char *name)
{
    static char paths[16][160];
    static unsigned at;
    char *path = paths[at++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

/* On the other machine. */
static int join_with(process *child, const char *token_file, const char *keys)
{
    const char *const argv[] = {program,       "agent", "join",     "--token-file",       token_file,
                                "--directory", keys,    "--config", in_dir("agent.yaml"), NULL};
    return process_start(child, argv) ? process_wait_exit(child, DEADLINE_MS) : -1;
}

static hf_broker *connect_farm(void)
{
    hf_authority *authority = NULL;
    hf_broker *broker = NULL;
    if (hf_authority_open(folder, &authority, NULL) != HF_OK)
        return NULL;
    hf_status status = hf_authority_connect(authority, "farm", &broker, NULL);
    hf_authority_close(authority);
    return status == HF_OK ? broker : NULL;
}

static int set_up(void **state)
{
    (void)state;
    if (!hf_test_has_server())
        return 0;
    const char *bin = getenv("HILFARM_BIN_DIR");
    process child = {0};
    strcpy(dir, "/tmp/hf-security-XXXXXX");
    port = free_port();
    if (!bin || !port || !mkdtemp(dir))
        return 1;
    snprintf(program, sizeof program, "%s/hilfarm", bin);
    snprintf(folder, sizeof folder, "%s/broker", dir);
    snprintf(listen_at, sizeof listen_at, "127.0.0.1:%d", port);
    snprintf(url, sizeof url, "tls://127.0.0.1:%d", port);
    if (agent(&child, "init", "--listen", listen_at, "--name", "127.0.0.1", NULL) != 0 ||
        strstr(child.output, "systemctl")) { /* the service has a folder of its own */
        fprintf(stderr, "%s\n", child.output);
        return 1;
    }
    return !start_server() || !(farm = connect_farm());
}

static int tear_down(void **state)
{
    (void)state;
    hf_broker_close(farm);
    farm = NULL;
    if (server.pid)
        (void)process_stop(&server, DEADLINE_MS);
    server = (process){0};
    if (dir[0])
        (void)hf_remove_tree(dir, NULL); /* a folder in /tmp stays */
    dir[0] = '\0';
    return 0;
}

/* ---- Hosts ---- */

/* Has a host join, as people do; its keys are in a folder of its name. */
static void join_host(const char *host)
{
    process token = {0}, join = {0};
    char file[64];
    snprintf(file, sizeof file, "%s.token", host);
    const char *const argv[] = {program, "agent",    "--directory", folder, "token",
                                host,    "--output", in_dir(file),  NULL};
    assert_true(process_start(&token, argv));
    if (!process_wait_output(&token, "waiting for it", DEADLINE_MS))
        fail_msg("%s", token.output);
    if (join_with(&join, in_dir(file), in_dir(host)) != 0)
        fail_msg("%s", join.output);
    if (process_wait_exit(&token, DEADLINE_MS) != 0)
        fail_msg("%s", token.output);
    assert_non_null(strstr(token.output, "has joined"));
}

static hf_status connect_host(const char *host, const char *at, hf_broker **out, hf_error *err)
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

typedef struct box {
    pthread_mutex_t mutex;
    unsigned count;
    char subjects[4096]; /* all of them */
} box;

static void receive(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
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

static unsigned count_of(box *b)
{
    pthread_mutex_lock(&b->mutex);
    const unsigned count = b->count;
    pthread_mutex_unlock(&b->mutex);
    return count;
}

/* Once a request is answered, the server has dealt with all that the answering side sent before. */
static void ask(hf_broker *from, const char *subject)
{
    hf_buffer reply = HF_BUFFER_INIT;
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (hf_broker_request(from, subject, MARKER, sizeof MARKER, 1000, &reply, NULL) != HF_OK)
        assert_false(hf_deadline_passed(deadline));
    hf_buffer_free(&reply);
}

static void assert_private(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 077, 0);
}

static void test_a_host_joins_once_and_is_revoked(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    static const char *const own[] = {"ca.key", "server.key", "farm.key", "registry.json", "users.conf"};
    static const char *const theirs[] = {"lab2/agent.key", "lab2/agent.pem", "lab2/ca.pem"};
    process child = {0};
    hf_broker *broker = NULL;
    box mine = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    hf_buffer reply = HF_BUFFER_INIT;
    hf_error err = {0};
    uint8_t *text;
    size_t size;
    join_host("lab2");
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s/%s", folder, own[i]);
        assert_private(path);
    }
    for (size_t i = 0; i < sizeof theirs / sizeof theirs[0]; i++)
        assert_private(in_dir(theirs[i]));
    assert_int_equal(hf_file_read(in_dir("agent.yaml"), 4096, &text, &size, NULL), HF_OK);
    assert_non_null(strstr((char *)text, "host: lab2\n"));
    assert_non_null(strstr((char *)text, url));
    free(text);
    assert_int_equal(agent(&child, "list", NULL, NULL, NULL, NULL, NULL), 0);
    assert_non_null(strstr(child.output, "lab2                      joined"));

    /* The token again: the reason is told. */
    child = (process){0};
    process waiting = {0};
    const char *const argv[] = {program, "agent", "--directory", folder, "token", "lab3", NULL};
    assert_true(process_start(&waiting, argv)); /* somebody who answers */
    assert_true(process_wait_output(&waiting, "waiting for it", DEADLINE_MS));
    assert_int_equal(join_with(&child, in_dir("lab2.token"), in_dir("thief")), 2);
    assert_non_null(strstr(child.output, "the token was used on "));
    (void)process_stop(&waiting, DEADLINE_MS);

    /* A host that is connected is cut off, and not let in again. */
    assert_int_equal(connect_host("lab2", url, &broker, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(broker, "hf.v1.hello.lab2", receive, &mine, NULL), HF_OK);
    ask(farm, "hf.v1.hello.lab2");
    child = (process){0};
    assert_int_equal(agent(&child, "revoke", "lab2", NULL, NULL, NULL, NULL), 0);
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (hf_broker_request(farm, "hf.v1.hello.lab2", "?", 1, 1000, &reply, NULL) != HF_ENOTFOUND)
        assert_false(hf_deadline_passed(deadline));
    hf_broker_close(broker);
    broker = NULL;
    assert_int_equal(connect_host("lab2", url, &broker, &err), HF_EMISMATCH);
    assert_null(broker);
    child = (process){0};
    assert_int_equal(agent(&child, "revoke", "lab2", NULL, NULL, NULL, NULL), 2);
    assert_non_null(strstr(child.output, "no host lab2, or it is revoked already"));
    child = (process){0};
    assert_int_equal(agent(&child, "list", NULL, NULL, NULL, NULL, NULL), 0);
    assert_non_null(strstr(child.output, "lab2                      revoked"));
    /* The farm was not disturbed. */
    assert_int_equal(hf_broker_use_leases(farm, LONG_MS, NULL), HF_OK);
    hf_buffer_free(&reply);
}

static void test_a_new_key_ends_the_one_of_before(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hf_broker *old = NULL, *new = NULL;
    hf_buffer reply = HF_BUFFER_INIT;
    box mine = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    join_host("lab2");
    assert_int_equal(connect_host("lab2", url, &old, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(old, "hf.v1.hello.lab2", receive, &mine, NULL), HF_OK);
    ask(farm, "hf.v1.hello.lab2");
    join_host("lab2"); /* as when the key may have been stolen, or to renew the certificate */
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (hf_broker_request(farm, "hf.v1.hello.lab2", "?", 1, 1000, &reply, NULL) != HF_ENOTFOUND)
        assert_false(hf_deadline_passed(deadline));
    assert_int_equal(connect_host("lab2", url, &new, NULL), HF_OK);
    hf_broker_close(old);
    hf_broker_close(new);
    hf_buffer_free(&reply);
}

/* The program itself, with the file that `join` wrote. */
static void test_an_agent_serves_until_it_is_revoked(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    static const char boards[] = "boards: [{id: v, chip: stm32l4r5zi, virtual: true}]\n";
    static process served;
    process child = {0};
    box announced = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    char path[540];
    served = (process){0};
    join_host("lab2");
    assert_int_equal(hf_file_write(in_dir("farm.yaml"), boards, sizeof boards - 1, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(farm, "hf.v1.announce.*", receive, &announced, NULL), HF_OK);
    snprintf(path, sizeof path, "%s/hilfarm-agent", getenv("HILFARM_BIN_DIR"));
    const char *const argv[] = {
        path, "--config", in_dir("agent.yaml"), "--state", in_dir("state"), "--cache", in_dir("cache"), NULL};
    assert_true(process_start(&served, argv));
    if (!process_wait_output(&served, "connected to tls://", DEADLINE_MS))
        fail_msg("%s", served.output);
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (count_of(&announced) == 0)
        assert_false(hf_deadline_passed(deadline));
    assert_non_null(strstr(announced.subjects, "hf.v1.announce.lab2 "));
    assert_int_equal(agent(&child, "revoke", "lab2", NULL, NULL, NULL, NULL), 0);
    assert_int_not_equal(process_wait_exit(&served, DEADLINE_MS), 0);
    assert_non_null(strstr(served.output, "does not accept host lab2 any more: it was revoked"));
}

/* ---- An evil host ---- */

static const char *const forbidden_to_hear[] = {"hf.v1.host.lab3",
                                                "hf.v1.host.*",
                                                "hf.v1.hello.lab3",
                                                "hf.v1.owner.farm.lab3",
                                                "hf.v1.owner.>",
                                                "hf.v1.console.>",
                                                "hf.v1.blob.>",
                                                "hf.v1.answer.*",
                                                "hf.v1.inbox.>",
                                                "hf.v1.inbox.farm.>",
                                                "hf.v1.inbox.lab3.>",
                                                "hf.v1.join.>",
                                                "hf.v1.announce.*",
                                                "hf.v1.>",
                                                ">",
                                                "_INBOX.>",
                                                "$KV.>",
                                                "$JS.>",
                                                "$SYS.>"};
static const char *const forbidden_to_say[] = {"hf.v1.host.lab3",
                                               "hf.v1.host.lab2",
                                               "hf.v1.hello.lab3",
                                               "hf.v1.announce.lab3",
                                               "hf.v1.who",
                                               "hf.v1.owner.farm.lab3",
                                               "hf.v1.console.farm.lab3",
                                               "hf.v1.blob.farm.lab3",
                                               "hf.v1.answer.lab3",
                                               "hf.v1.inbox.farm.1",
                                               "hf.v1.join.lab3.0123456789abcdef",
                                               "$KV.hilfarm-leases.lab2.b",
                                               "$JS.API.INFO",
                                               "$JS.API.STREAM.DELETE.KV_hilfarm-leases",
                                               "$JS.API.STREAM.PURGE.KV_hilfarm-leases",
                                               "$JS.API.ACCOUNT.PURGE.$G",
                                               "$JS.API.SERVER.REMOVE",
                                               "$SYS.REQ.SERVER.PING"};

/* What it may do is the control: the tries before it were made on the same connections. */
static void test_an_evil_host_hears_and_says_nothing_of_others(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hf_broker *evil = NULL, *other = NULL;
    box all = {.mutex = PTHREAD_MUTEX_INITIALIZER}, mine = all, heard = all;
    hf_lease lease;
    char by[HF_ENVELOPE_NAME_SIZE];
    join_host("lab2");
    join_host("lab3");
    assert_int_equal(hf_broker_use_leases(farm, LONG_MS, NULL), HF_OK);
    assert_int_equal(hf_broker_acquire(farm, "lab2.b", "farm/1", &lease, by), HF_LEASE_OK);
    hf_broker *listener = connect_farm();
    assert_non_null(listener);
    assert_int_equal(hf_broker_subscribe(listener, "hf.v1.owner.>", receive, &all, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(listener, "hf.v1.console.>", receive, &all, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(listener, "hf.v1.host.>", receive, &all, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(listener, "hf.v1.blob.>", receive, &all, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(listener, "hf.v1.answer.>", receive, &all, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(listener, "hf.v1.join.>", receive, &all, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(listener, "hf.v1.inbox.farm.1", receive, &all, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(listener, "hf.v1.hello.lab3", receive, &all, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(listener, "hf.v1.announce.>", receive, &all, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(listener, "hf.v1.who", receive, &all, NULL), HF_OK);
    ask(farm, "hf.v1.owner.farm.ready"); /* the listener's subscriptions are known; not counted */
    assert_int_equal(connect_host("lab2", url, &evil, NULL), HF_OK);
    assert_int_equal(connect_host("lab3", url, &other, NULL), HF_OK);
    for (size_t i = 0; i < sizeof forbidden_to_hear / sizeof forbidden_to_hear[0]; i++)
        (void)hf_broker_subscribe(evil, forbidden_to_hear[i], receive, &heard,
                                  NULL); /* refused by the server, later */
    assert_int_equal(hf_broker_subscribe(evil, "hf.v1.hello.lab2", receive, &mine, NULL), HF_OK);
    ask(farm, "hf.v1.hello.lab2");
    const unsigned before = count_of(&all);
    for (size_t i = 0; i < sizeof forbidden_to_say / sizeof forbidden_to_say[0]; i++)
        (void)hf_broker_publish(evil, forbidden_to_say[i], MARKER, sizeof MARKER, NULL); /* likewise */
    assert_int_equal(hf_broker_publish(evil, "hf.v1.console.farm.lab2", "its own", 7, NULL), HF_OK);
    assert_int_equal(hf_broker_publish(evil, "hf.v1.owner.farm.lab2", "the last", 8, NULL), HF_OK);
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (!strstr(all.subjects, "hf.v1.owner.farm.lab2 ") ||
           !strstr(all.subjects, "hf.v1.console.farm.lab2 "))
        assert_false(hf_deadline_passed(deadline));
    assert_int_equal(count_of(&all), before + 2);

    /* Traffic of others, of which it hears nothing. */
    assert_int_equal(hf_broker_publish(farm, "hf.v1.host.lab3", MARKER, sizeof MARKER, NULL), HF_OK);
    assert_int_equal(hf_broker_publish(other, "hf.v1.owner.farm.lab3", MARKER, sizeof MARKER, NULL), HF_OK);
    assert_int_equal(hf_broker_publish(other, "hf.v1.blob.farm.lab3", MARKER, sizeof MARKER, NULL), HF_OK);
    assert_int_equal(hf_broker_renew(farm, &lease), HF_LEASE_OK); /* the store is as it was */
    ask(farm, "hf.v1.hello.lab2");
    hf_broker_close(evil); /* waits for its handlers */
    assert_string_equal(heard.subjects, "");

    /* Leases are the farm's alone. */
    assert_int_equal(connect_host("lab2", url, &evil, NULL), HF_OK);
    assert_int_not_equal(hf_broker_use_leases(evil, LONG_MS, NULL), HF_OK);
    hf_broker_close(evil);
    hf_broker_close(other);
    hf_broker_close(listener);
}

static void test_a_host_reads_only_files_that_it_was_given(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hf_broker *evil = NULL;
    hf_blobs *blobs;
    hf_buffer got = HF_BUFFER_INIT;
    char model[HF_SHA256_HEX_SIZE], own[HF_SHA256_HEX_SIZE];
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    hf_sha256_hex("the model of another run", 24, model);
    hf_sha256_hex("own", 3, own);
    join_host("lab2");
    assert_int_equal(hf_blobs_new(farm, "hf.v1.blob.farm.*", &blobs, NULL), HF_OK);
    assert_true(hf_blobs_offer(blobs, "lab3", model, "the model of another run", 24));
    assert_true(hf_blobs_offer(blobs, "lab2", own, "own", 3));
    assert_int_equal(connect_host("lab2", url, &evil, NULL), HF_OK);
    while (hf_broker_fetch(evil, "hf.v1.blob.farm.lab2", own, 3, deadline, &got, NULL) != HF_OK)
        assert_false(hf_deadline_passed(deadline));
    assert_int_equal(hf_broker_fetch(evil, "hf.v1.blob.farm.lab2", model, 24, deadline, &got, NULL),
                     HF_ENOTFOUND);
    assert_int_not_equal(
        hf_broker_fetch(evil, "hf.v1.blob.farm.lab3", model, 24, hf_deadline_in_ms(1000), &got, NULL),
        HF_OK); /* in the name of the other */
    hf_broker_close(evil);
    hf_broker_close(farm);
    farm = NULL;
    hf_blobs_free(blobs);
    hf_buffer_free(&got);
}

/* ---- An evil network ---- */

static void test_who_is_not_let_in(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hf_broker *broker = NULL;
    char plain[48], strange[96];
    join_host("lab2");
    snprintf(plain, sizeof plain, "nats://127.0.0.1:%d", port);
    hf_broker_options options = {.url = plain, .name = "lab2", .timeout_ms = 5000};
    assert_int_not_equal(hf_broker_open(&options, &broker, NULL), HF_OK); /* in plain text */
    options.ca_path = in_dir("lab2/ca.pem");
    assert_int_not_equal(hf_broker_open(&options, &broker, NULL), HF_OK); /* without a certificate */

    /* With keys of another farm. */
    snprintf(strange, sizeof strange, "%s/other", dir);
    const hf_authority_setup setup = {.listen = "127.0.0.1:4222"};
    assert_int_equal(hf_authority_init(strange, &setup, (int64_t)time(NULL), NULL), HF_OK);
    options.cert_path = in_dir("other/farm.pem");
    options.key_path = in_dir("other/farm.key");
    assert_int_not_equal(hf_broker_open(&options, &broker, NULL), HF_OK);
    /* A server of another farm. */
    options.ca_path = in_dir("other/ca.pem");
    options.cert_path = in_dir("lab2/agent.pem");
    options.key_path = in_dir("lab2/agent.key");
    assert_int_not_equal(hf_broker_open(&options, &broker, NULL), HF_OK);
    /* A key that others can read. */
    options.ca_path = in_dir("lab2/ca.pem");
    assert_int_equal(chmod(options.key_path, 0640), 0);
    assert_int_equal(hf_broker_open(&options, &broker, NULL), HF_EINVALID);
    assert_null(broker);
}

/* A host's certificate is no server's: it cannot take the place of the server. */
static void test_a_host_cannot_pose_as_the_server(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    char config[512], at[48];
    process false_server = {0};
    hf_broker *broker = NULL;
    const int its_port = free_port();
    join_host("lab2");
    const int size =
        snprintf(config, sizeof config,
                 "listen: \"127.0.0.1:%d\"\ntls { cert_file: \"%s\", key_file: \"%s\", ca_file: \"%s\", "
                 "verify: true }\n",
                 its_port, in_dir("lab2/agent.pem"), in_dir("lab2/agent.key"), in_dir("lab2/ca.pem"));
    assert_int_equal(hf_file_write(in_dir("false.conf"), config, (size_t)size, NULL), HF_OK);
    const char *const argv[] = {"/usr/sbin/nats-server", "-c", in_dir("false.conf"), NULL};
    assert_true(process_start(&false_server, argv));
    assert_true(process_wait_output(&false_server, "Server is ready", DEADLINE_MS));
    snprintf(at, sizeof at, "tls://127.0.0.1:%d", its_port);
    assert_int_not_equal(connect_host("lab2", at, &broker, NULL), HF_OK);
    assert_null(broker);
    (void)process_stop(&false_server, DEADLINE_MS);
}

static void test_a_capture_of_the_traffic_shows_no_plain_text(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    static const char *const secrets[] = {"mobilenet",    "nonce",       "yaml",    "hf.v1", "lab2",
                                          "hilfarm-join", "CERTIFICATE", "CONNECT", "MSG",   "hello"};
    recording_proxy proxy;
    char through[48];
    process token = {0}, join = {0};
    hf_broker *broker = NULL;
    box mine = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    assert_true(recording_proxy_start(&proxy, port));
    snprintf(through, sizeof through, "tls://127.0.0.1:%d", proxy.port);
    const char *const argv[] = {program, "agent",    "--directory",        folder, "token", "lab2", "--url",
                                through, "--output", in_dir("lab2.token"), NULL};
    assert_true(process_start(&token, argv));
    assert_true(process_wait_output(&token, "waiting for it", DEADLINE_MS));
    if (join_with(&join, in_dir("lab2.token"), in_dir("lab2")) != 0)
        fail_msg("%s", join.output);
    assert_int_equal(process_wait_exit(&token, DEADLINE_MS), 0);
    assert_int_equal(connect_host("lab2", through, &broker, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(broker, "hf.v1.hello.lab2", receive, &mine, NULL), HF_OK);
    for (int i = 0; i < 20; i++)
        ask(farm, "hf.v1.hello.lab2");
    hf_broker_close(broker);
    /* The greeting of the server is all that can be read; it shows that the proxy sees everything. */
    assert_true(recording_proxy_saw(&proxy, "INFO {\"server_id\""));
    assert_true(recording_proxy_bytes(&proxy) > sizeof MARKER * 20 * 2);
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        if (recording_proxy_saw(&proxy, secrets[i]))
            fail_msg("\"%s\" can be read", secrets[i]);
    recording_proxy_end(&proxy);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_a_host_joins_once_and_is_revoked),
        CASE(test_a_new_key_ends_the_one_of_before),
        CASE(test_an_agent_serves_until_it_is_revoked),
        CASE(test_an_evil_host_hears_and_says_nothing_of_others),
        CASE(test_a_host_reads_only_files_that_it_was_given),
        CASE(test_who_is_not_let_in),
        CASE(test_a_host_cannot_pose_as_the_server),
        CASE(test_a_capture_of_the_traffic_shows_no_plain_text),
    };
    return cmocka_run_group_tests_name("hosts_security", tests, NULL, NULL);
}
