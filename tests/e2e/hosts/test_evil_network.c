/* SPDX-License-Identifier: Apache-2.0 */
/* Who has no part in the farm but its network, and what they hear (docs/security.md). Skipped
 * where there is no nats-server. */
#include "needs_server.h"

#include <sys/stat.h>
#include <time.h>

#include "authority/authority.h"
#include "base/file.h"
#include "recording_proxy.h"
#include "secured_farm.h"

static void test_who_is_not_let_in(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hf_broker *broker = NULL;
    char plain[48], strange[96];
    join_host("lab2");
    snprintf(plain, sizeof plain, "nats://127.0.0.1:%d", farm.port);
    hf_broker_options options = {.url = plain, .name = "lab2", .timeout_ms = 5000};
    assert_int_not_equal(hf_broker_open(&options, &broker, NULL), HF_OK); /* in plain text */
    options.ca_path = in_dir("lab2/ca.pem");
    assert_int_not_equal(hf_broker_open(&options, &broker, NULL), HF_OK); /* without a certificate */

    /* With keys of another farm. */
    snprintf(strange, sizeof strange, "%s/other", farm.dir);
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
    assert_true(recording_proxy_start(&proxy, farm.port));
    snprintf(through, sizeof through, "tls://127.0.0.1:%d", proxy.port);
    start_token(&token, "lab2", through);
    if (join_with(&join, in_dir("lab2.token"), in_dir("lab2")) != 0)
        fail_msg("%s", join.output);
    assert_int_equal(process_wait_exit(&token, DEADLINE_MS), 0);
    assert_int_equal(connect_host("lab2", through, &broker, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(broker, "hf.v1.hello.lab2", receive, &mine, NULL), HF_OK);
    for (int i = 0; i < 20; i++)
        ask(farm.broker, "hf.v1.hello.lab2");
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
#define CASE(name) cmocka_unit_test_setup_teardown(name, secured_farm_set_up, secured_farm_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_who_is_not_let_in),
        CASE(test_a_host_cannot_pose_as_the_server),
        CASE(test_a_capture_of_the_traffic_shows_no_plain_text),
    };
    return cmocka_run_group_tests_name("hosts_evil_network", tests, NULL, NULL);
}
