/* SPDX-License-Identifier: Apache-2.0 */
/* What a host that has joined can do on a real server with the permissions of `hilfarm agent init` (docs/security.md). Skipped
 * where there is no nats-server. */
#include "needs_server.h"

#include "base/clock.h"
#include "base/file.h"
#include "broker/blobs.h"
#include "secured_farm.h"

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
    assert_int_equal(hf_broker_use_leases(farm.broker, LONG_MS, NULL), HF_OK);
    assert_int_equal(hf_broker_acquire(farm.broker, "lab2.b", "farm/1", &lease, by), HF_LEASE_OK);
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
    ask(farm.broker, "hf.v1.owner.farm.ready"); /* the listener's subscriptions are known; not counted */
    assert_int_equal(connect_host("lab2", farm.url, &evil, NULL), HF_OK);
    assert_int_equal(connect_host("lab3", farm.url, &other, NULL), HF_OK);
    for (size_t i = 0; i < sizeof forbidden_to_hear / sizeof forbidden_to_hear[0]; i++)
        (void)hf_broker_subscribe(evil, forbidden_to_hear[i], receive, &heard,
                                  NULL); /* refused by the server, later */
    assert_int_equal(hf_broker_subscribe(evil, "hf.v1.hello.lab2", receive, &mine, NULL), HF_OK);
    ask(farm.broker, "hf.v1.hello.lab2");
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
    assert_int_equal(hf_broker_publish(farm.broker, "hf.v1.host.lab3", MARKER, sizeof MARKER, NULL), HF_OK);
    assert_int_equal(hf_broker_publish(other, "hf.v1.owner.farm.lab3", MARKER, sizeof MARKER, NULL), HF_OK);
    assert_int_equal(hf_broker_publish(other, "hf.v1.blob.farm.lab3", MARKER, sizeof MARKER, NULL), HF_OK);
    assert_int_equal(hf_broker_renew(farm.broker, &lease), HF_LEASE_OK); /* the store is as it was */
    ask(farm.broker, "hf.v1.hello.lab2");
    hf_broker_close(evil); /* waits for its handlers */
    assert_string_equal(heard.subjects, "");

    /* Leases are the farm's alone. */
    assert_int_equal(connect_host("lab2", farm.url, &evil, NULL), HF_OK);
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
    assert_int_equal(hf_blobs_new(farm.broker, "hf.v1.blob.farm.*", &blobs, NULL), HF_OK);
    assert_true(hf_blobs_offer(blobs, "lab3", model, "the model of another run", 24, false));
    assert_true(hf_blobs_offer(blobs, "lab2", own, "own", 3, false));
    assert_int_equal(connect_host("lab2", farm.url, &evil, NULL), HF_OK);
    while (hf_broker_fetch(evil, "hf.v1.blob.farm.lab2", own, 3, deadline, &got, NULL) != HF_OK)
        assert_false(hf_deadline_passed(deadline));
    assert_int_equal(hf_broker_fetch(evil, "hf.v1.blob.farm.lab2", model, 24, deadline, &got, NULL),
                     HF_ENOTFOUND);
    assert_int_not_equal(
        hf_broker_fetch(evil, "hf.v1.blob.farm.lab3", model, 24, hf_deadline_in_ms(1000), &got, NULL),
        HF_OK); /* in the name of the other */
    hf_broker_close(evil);
    hf_broker_close(farm.broker);
    farm.broker = NULL;
    hf_blobs_free(blobs);
    hf_buffer_free(&got);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, secured_farm_set_up, secured_farm_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_an_evil_host_hears_and_says_nothing_of_others),
        CASE(test_a_host_reads_only_files_that_it_was_given),
    };
    return cmocka_run_group_tests_name("hosts_evil_host", tests, NULL, NULL);
}
