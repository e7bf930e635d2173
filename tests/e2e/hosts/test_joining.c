/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm agent`: how a host becomes part of a farm, and is shut out of it. Skipped where there is no nats-server. */
#include "needs_server.h"

#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "joining/join.h"
#include "secured_farm.h"

static void assert_private(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 077, 0);
}

/* A token that was used, while nobody is there to say so. */
static void assert_used_token_is_explained(void)
{
    uint8_t *text;
    size_t size;
    hf_join_token token = {0};
    hf_error err = {0};
    const hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    assert_int_equal(hf_file_read(in_dir("lab2.token"), HF_CREDENTIAL_LIMIT, &text, &size, NULL), HF_OK);
    assert_int_equal(hf_join_token_decode((char *)text, &token, NULL), HF_OK);
    free(text);
    do { /* the server may not have noticed yet that the one who answers has ended */
        hf_certificate_info info;
        assert_false(hf_deadline_passed(deadline));
        err = (hf_error){0};
        assert_int_equal(
            hf_join(&token, in_dir("late"), (int64_t)time(NULL), hf_deadline_in_ms(0), &info, &err),
            HF_ETIMEOUT);
    } while (!strstr(err.message, "A token works once"));
    assert_non_null(strstr(err.message, "`hilfarm agent token lab2` must still be running"));
    hf_join_token_free(&token);
}

/* With the keys of another host it would be let in, and never be heard. */
static void assert_other_name_is_refused(void)
{
    static const char boards[] = "boards: [{id: v, chip: stm32l4r5zi, virtual: true}]\n";
    process child = {0};
    char path[540], text[1024];
    snprintf(text, sizeof text,
             "host: lab3\nbroker: {url: \"%s\", ca: lab2/ca.pem, certificate: lab2/agent.pem, key: "
             "lab2/agent.key}\n%s",
             farm.url, boards);
    assert_int_equal(hf_file_write(in_dir("lab3.yaml"), text, strlen(text), NULL), HF_OK);
    snprintf(path, sizeof path, "%s/hilfarm-agent", getenv("HILFARM_BIN_DIR"));
    const char *const argv[] = {
        path, "--config", in_dir("lab3.yaml"), "--state", in_dir("state"), "--cache", in_dir("cache"), NULL};
    assert_true(process_start(&child, argv));
    assert_int_equal(process_wait_exit(&child, DEADLINE_MS), 2);
    if (!strstr(child.output, "host: \"lab3\", but the certificate ") ||
        !strstr(child.output, "is for the host \"lab2\""))
        fail_msg("%s", child.output);
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
    hf_error err = {0};
    uint8_t *text;
    size_t size;
    join_host("lab2");
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s/%s", farm.folder, own[i]);
        assert_private(path);
    }
    for (size_t i = 0; i < sizeof theirs / sizeof theirs[0]; i++)
        assert_private(in_dir(theirs[i]));
    assert_int_equal(hf_file_read(in_dir("agent.yaml"), 4096, &text, &size, NULL), HF_OK);
    assert_non_null(strstr((char *)text, "host: lab2\n"));
    assert_non_null(strstr((char *)text, farm.url));
    free(text);
    assert_int_equal(AGENT(&child, "list"), 0);
    assert_non_null(strstr(child.output, "lab2                      joined"));

    /* The token again: the reason is told. */
    child = (process){0};
    process waiting = {0};
    start_token(&waiting, "lab3", NULL); /* somebody who answers */
    assert_int_equal(join_with(&child, in_dir("lab2.token"), in_dir("thief")), 2);
    assert_non_null(strstr(child.output, "the token was used on "));
    (void)process_stop(&waiting, DEADLINE_MS);
    assert_used_token_is_explained();
    assert_other_name_is_refused();

    /* A host that is connected is cut off, and not let in again. */
    assert_int_equal(connect_host("lab2", farm.url, &broker, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(broker, "hf.v1.hello.lab2", receive, &mine, NULL), HF_OK);
    ask(farm.broker, "hf.v1.hello.lab2");
    child = (process){0};
    assert_int_equal(AGENT(&child, "revoke", "lab2"), 0);
    ask_until_gone(farm.broker, "hf.v1.hello.lab2");
    hf_broker_close(broker);
    broker = NULL;
    assert_int_equal(connect_host("lab2", farm.url, &broker, &err), HF_EMISMATCH);
    assert_null(broker);
    child = (process){0};
    assert_int_equal(AGENT(&child, "revoke", "lab2"), 2);
    assert_non_null(strstr(child.output, "no host lab2, or it is revoked already"));
    child = (process){0};
    assert_int_equal(AGENT(&child, "list"), 0);
    assert_non_null(strstr(child.output, "lab2                      revoked"));
    /* The farm was not disturbed. */
    assert_int_equal(hf_broker_use_leases(farm.broker, LONG_MS, NULL), HF_OK);
}

static void test_a_new_key_ends_the_one_of_before(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hf_broker *old = NULL, *new = NULL;
    box mine = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    join_host("lab2");
    assert_int_equal(connect_host("lab2", farm.url, &old, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(old, "hf.v1.hello.lab2", receive, &mine, NULL), HF_OK);
    ask(farm.broker, "hf.v1.hello.lab2");
    join_host("lab2"); /* as when the key may have been stolen, or to renew the certificate */
    ask_until_gone(farm.broker, "hf.v1.hello.lab2");
    assert_int_equal(connect_host("lab2", farm.url, &new, NULL), HF_OK);
    hf_broker_close(old);
    hf_broker_close(new);
}

/* Paths that are given relative to a folder hold in every other one. */
static void join_in_its_folder(const char *host)
{
    static const char *const lines[] = {"ca: ", "certificate: ", "key: "};
    process token = {0}, join = {0};
    char before[512], line[300];
    uint8_t *text;
    size_t size;
    start_token(&token, host, NULL);
    const char *const argv[] = {farm.program,  "agent", "join",     "--token-file", "lab2.token",
                                "--directory", "lab2",  "--config", "of.yaml",      NULL};
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(farm.dir), 0);
    const bool started = process_start(&join, argv);
    assert_int_equal(chdir(before), 0);
    assert_true(started);
    if (process_wait_exit(&join, DEADLINE_MS) != 0)
        fail_msg("%s", join.output);
    assert_int_equal(process_wait_exit(&token, DEADLINE_MS), 0);
    assert_int_equal(hf_file_read(in_dir("of.yaml"), 4096, &text, &size, NULL), HF_OK);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        snprintf(line, sizeof line, "%s%s/lab2/", lines[i], farm.dir);
        assert_non_null(strstr((char *)text, line));
    }
    free(text);
    snprintf(line, sizeof line, "hilfarm-agent --config %s/of.yaml", farm.dir);
    assert_non_null(strstr(join.output, line));
}

/* The program itself, with the file that `join` wrote. */
static void test_an_agent_is_revoked_and_joins_again(void **state)
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
    assert_int_equal(hf_broker_subscribe(farm.broker, "hf.v1.announce.*", receive, &announced, NULL), HF_OK);
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
    assert_int_equal(AGENT(&child, "revoke", "lab2"), 0);
    if (!process_wait_output(&served, "does not accept lab2: it was revoked", DEADLINE_MS))
        fail_msg("%s", served.output);
    /* Once it has joined again, it is back, without a hand on it. */
    const unsigned before = count_of(&announced);
    join_in_its_folder("lab2");
    deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (count_of(&announced) == before)
        assert_false(hf_deadline_passed(deadline));
    assert_int_equal(process_stop(&served, DEADLINE_MS), 0);
    const char *told = strstr(served.output, "does not accept");
    assert_null(strstr(told + 1, "does not accept")); /* once, not each time */
}

static char *read_text(const char *path)
{
    uint8_t *text;
    size_t size;
    assert_int_equal(hf_file_read(path, 65536, &text, &size, NULL), HF_OK);
    return (char *)text;
}

/* The agent's program again: it has a new certificate, and was never away. */
static void test_a_certificate_is_renewed(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    static const char boards[] = "boards: [{id: v, chip: stm32l4r5zi, virtual: true}]\n";
    static process served;
    process child = {0};
    hf_broker *thief = NULL;
    hf_buffer reply = HF_BUFFER_INIT;
    char path[540];
    served = (process){0};
    join_host("lab2");
    assert_int_equal(hf_file_write(in_dir("farm.yaml"), boards, sizeof boards - 1, NULL), HF_OK);
    snprintf(path, sizeof path, "%s/hilfarm-agent", getenv("HILFARM_BIN_DIR"));
    const char *const argv[] = {
        path, "--config", in_dir("agent.yaml"), "--state", in_dir("state"), "--cache", in_dir("cache"), NULL};
    assert_int_equal(AGENT(&child, "renew", "lab2"), 3); /* it is not there yet */
    assert_non_null(strstr(child.output, "host lab2: its agent does not answer"));
    assert_true(process_start(&served, argv));
    if (!process_wait_output(&served, "connected to tls://", DEADLINE_MS))
        fail_msg("%s", served.output);
    ask(farm.broker, "hf.v1.hello.lab2");
    char *before = read_text(in_dir("lab2/agent.pem")), *key = read_text(in_dir("lab2/agent.key"));

    child = (process){0};
    assert_int_equal(AGENT(&child, "renew"), 0); /* nothing is due */
    assert_non_null(strstr(child.output, "no certificate of a host ends within 60 days"));
    child = (process){0};
    if (AGENT(&child, "renew", "lab2") != 0)
        fail_msg("%s", child.output);
    assert_non_null(strstr(child.output, "lab2: renewed until "));
    char *after = read_text(in_dir("lab2/agent.pem")), *same = read_text(in_dir("lab2/agent.key"));
    assert_string_not_equal(before, after);
    assert_string_equal(key, same);
    assert_private(in_dir("lab2/agent.pem"));
    assert_true(process_wait_output(&served, "has renewed the certificate of this host", DEADLINE_MS));
    ask(farm.broker, "hf.v1.hello.lab2"); /* it answers again, by the connection with the new one */

    /* A certificate that is not a renewal is not taken: that of the authority, and garbage. */
    char *ca = read_text(in_dir("lab2/ca.pem")), message[4096];
    snprintf(message, sizeof message, "hilfarm-join 1 ok\n%s", ca);
    const hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (hf_broker_request(farm.broker, "hf.v1.hello.lab2", message, strlen(message), 1000, &reply, NULL) !=
           HF_OK)
        assert_false(hf_deadline_passed(deadline));
    assert_non_null(strstr(hf_buffer_text(&reply), "refused\nthe certificate that came is not a renewal"));
    char *still = read_text(in_dir("lab2/agent.pem"));
    assert_string_equal(still, after);

    /* Revoking ends it as before. */
    child = (process){0};
    assert_int_equal(AGENT(&child, "revoke", "lab2"), 0);
    assert_true(process_wait_output(&served, "does not accept lab2: it was revoked", DEADLINE_MS));
    assert_int_equal(connect_host("lab2", farm.url, &thief, NULL), HF_EMISMATCH);
    child = (process){0};
    assert_int_equal(AGENT(&child, "renew", "lab2"), 2);
    assert_non_null(strstr(child.output, "no host lab2, or it is revoked"));
    assert_int_equal(process_stop(&served, DEADLINE_MS), 0);
    char *const texts[] = {before, key, after, same, ca, still};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    hf_buffer_free(&reply);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, secured_farm_set_up, secured_farm_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_a_host_joins_once_and_is_revoked),
        CASE(test_a_new_key_ends_the_one_of_before),
        CASE(test_an_agent_is_revoked_and_joins_again),
        CASE(test_a_certificate_is_renewed),
    };
    return cmocka_run_group_tests_name("hosts_joining", tests, NULL, NULL);
}
