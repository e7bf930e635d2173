/* SPDX-License-Identifier: Apache-2.0 */
/* Commands other than `hilfarm run` with the boards of several hosts. Skipped where there is no nats-server. */
#include "needs_server.h"

#include "broker/subjects.h"
#include "farm_of_hosts.h"

static void announce_another_version(void *user, const char *subject, const void *bytes, size_t size,
                                     hf_buffer *reply)
{
    static const char hello[] = {9};
    (void)subject;
    (void)bytes;
    (void)size;
    (void)reply;
    (void)hf_broker_publish(user, "hf.v1.announce.lab9", hello, sizeof hello, NULL);
}

static void test_an_agent_of_another_version(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
    hf_broker *broker = hf_test_connect(&f->server);
    assert_non_null(broker);
    assert_int_equal(hf_broker_subscribe(broker, HF_SUBJECT_WHO, announce_another_version, broker, NULL),
                     HF_OK);
    start_agent(f, 1);
    start_agent(f, 2);
    const char *const list[] = {"--farm", farm_file(f), NULL};
    cli_expect(&f->cli, "boards", list, 0);
    cli_assert_output(&f->cli, "host lab9: its agent speaks version 9; this program understands version 1");
    cli_assert_output(&f->cli, "lab2/left");
    hf_broker_close(broker);
}

static void test_no_host_answers(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
    f->lists_hosts = true;
    const char *const list[] = {"--farm", farm_file(f), NULL};
    cli_expect(&f->cli, "boards", list, 3);
    cli_assert_output(&f->cli, "host lab1: its agent does not answer");
    cli_assert_output(&f->cli, "is hilfarm-agent running on its hosts?");
    nats_server_kill(&f->server);
    cli_expect(&f->cli, "boards", list, 3);
    cli_assert_output(&f->cli, "cannot connect to the NATS server");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, farm_of_hosts_set_up, farm_of_hosts_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_an_agent_of_another_version),
        CASE(test_no_host_answers),
    };
    return cmocka_run_group_tests_name("hosts_commands", tests, NULL, NULL);
}
