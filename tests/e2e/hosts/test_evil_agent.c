/* SPDX-License-Identifier: Apache-2.0 */
/* An agent that answers what it likes: what an owner makes of it. Skipped where there is no nats-server. */
#include "needs_server.h"

#include "evil_agent.h"
#include "hosts_state.h"

static void test_answers_that_are_right(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    static const manner right[] = {HONEST, NOISE, LARGE};
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        hf_worker_reply reply = attempt(right[i]);
        if (reply.status != HF_OK)
            fail_msg("%s", reply.error.message);
        assert_int_equal(reply.result.sample_count, 6);
        assert_int_equal(reply.transcript ? strlen(reply.transcript) : 0, right[i] == LARGE ? 599999 : 0);
        hf_worker_reply_clear(&reply);
    }
}

/* The lease is renewed meanwhile. It may expire all the same on a machine that is too busy to renew it in time: then again. */
static void test_an_answer_that_arrives_slowly(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hosts->lease_ms = 2 * CHUNK_S * 1000; /* there are three chunks */
    hosts->renew_ms = hosts->lease_ms / 8;
    hf_worker_reply reply = attempt(SLOW);
    for (int i = 0; i < 4 && reply.status != HF_OK; i++) {
        assert_int_equal(reply.error.fault, HF_FAULT_AGENT);
        hf_worker_reply_clear(&reply);
        reply = attempt(SLOW);
    }
    if (reply.status != HF_OK)
        fail_msg("%s", reply.error.message);
    assert_int_equal(strlen(reply.transcript), 599999);
    hf_worker_reply_clear(&reply);
}

static void test_answers_that_nobody_waits_for_are_not_fetched(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hf_worker_reply reply = attempt(NOT_AWAITED);
    if (reply.status != HF_OK)
        fail_msg("%s", reply.error.message);
    assert_int_equal(not_awaited, 0);
    hf_worker_reply_clear(&reply);
}

static void test_answers_that_cannot_be_right_cost_the_agent_its_board(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    static const manner wrong[] = {OTHER_OUTPUT, GARBAGE, ANOTHER_COMMAND};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        hf_worker_reply reply = attempt(wrong[i]);
        assert_int_equal(reply.status, HF_EPROTOCOL);
        assert_int_equal(reply.error.fault, HF_FAULT_BOARD);
        assert_null(reply.result.samples);
        hf_worker_reply_clear(&reply);
    }
}

static void test_a_failure_of_its_host_is_not_one_of_the_farm(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hf_worker_reply reply = attempt(FARM_FAILURE);
    assert_int_equal(reply.status, HF_EIO);
    assert_int_equal(reply.error.fault, HF_FAULT_AGENT);
    assert_int_equal(reply.error.lasting, HF_TRANSIENT);
    assert_string_equal(reply.error.message, "host lab2: the disk is full");
    hf_worker_reply_clear(&reply);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, evil_agent_set_up, evil_agent_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_answers_that_are_right),
        CASE(test_an_answer_that_arrives_slowly),
        CASE(test_answers_that_nobody_waits_for_are_not_fetched),
        CASE(test_answers_that_cannot_be_right_cost_the_agent_its_board),
        CASE(test_a_failure_of_its_host_is_not_one_of_the_farm),
    };
    return cmocka_run_group_tests_name("hosts_evil_agent", tests, NULL, NULL);
}
