/* SPDX-License-Identifier: Apache-2.0 */
/* Leases over a real nats-server. Skipped where none is installed. */
#include "needs_server.h"

#include "base/clock.h"
#include "two_brokers.h"

static hf_lease take(hf_broker *broker, const char *holder)
{
    hf_lease lease;
    char by[HF_ENVELOPE_NAME_SIZE];
    assert_int_equal(hf_broker_acquire(broker, "b", holder, &lease, by), HF_LEASE_OK);
    return lease;
}

static void use_leases(uint32_t lease_ms)
{
    assert_int_equal(hf_broker_use_leases(one, lease_ms, NULL), HF_OK);
    assert_int_equal(hf_broker_use_leases(two, lease_ms, NULL), HF_OK);
}

static void test_one_holder_at_a_time(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    char by[HF_ENVELOPE_NAME_SIZE];
    hf_lease other;
    use_leases(LONG_MS);
    hf_lease lease = take(one, "ann.1");
    assert_int_equal(hf_broker_acquire(two, "b", "ben.1", &other, by), HF_LEASE_TAKEN);
    assert_string_equal(by, "ann.1");
    const hf_order_token before = lease.token;
    assert_int_equal(hf_broker_renew(one, &lease), HF_LEASE_OK);
    assert_int_equal(hf_broker_renew(one, &lease), HF_LEASE_OK);
    assert_int_equal(hf_order_token_compare(before, lease.token), 0); /* of this holding */
    hf_broker_release(one, &lease);
    other = take(two, "ben.1");
    assert_true(hf_order_token_compare(other.token, before) > 0);
    assert_int_equal(hf_broker_renew(one, &lease), HF_LEASE_TAKEN);
    hf_broker_release(one, &lease); /* not ours any more: without effect */
    assert_int_equal(hf_broker_renew(two, &other), HF_LEASE_OK);
    assert_int_equal(hf_broker_acquire(one, "c", "ann.2", &lease, by), HF_LEASE_OK); /* another board */
}

static void test_replies_that_were_lost(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    use_leases(LONG_MS);
    hf_lease lease = take(one, "ann.1");
    hf_lease same = take(one, "ann.1"); /* as if the first reply had not come */
    assert_int_equal(hf_order_token_compare(lease.token, same.token), 0);
    const hf_lease old = same;
    assert_int_equal(hf_broker_renew(one, &same), HF_LEASE_OK);
    hf_lease behind = old; /* as if the reply to that had not come */
    assert_int_equal(hf_broker_renew(one, &behind), HF_LEASE_FAILED);
    assert_int_equal(hf_broker_renew(one, &behind), HF_LEASE_OK);
}

static void test_a_lease_expires(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    char by[HF_ENVELOPE_NAME_SIZE];
    hf_lease other;
    use_leases(1000);
    hf_lease lease = take(one, "ann.1");
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (hf_broker_acquire(two, "b", "ben.1", &other, by) != HF_LEASE_OK)
        assert_false(hf_deadline_passed(deadline));
    assert_true(hf_order_token_compare(other.token, lease.token) > 0);
    assert_int_equal(hf_broker_renew(one, &lease), HF_LEASE_TAKEN);
}

static void restart(bool forget)
{
    nats_server_kill(&server);
    if (forget)
        nats_server_forget(&server);
    assert_true(nats_server_start(&server));
}

static void test_a_server_that_comes_back(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    use_leases(LONG_MS);
    hf_lease lease = take(one, "ann.1");
    nats_server_kill(&server);
    assert_int_equal(hf_broker_renew(one, &lease), HF_LEASE_FAILED);
    assert_true(nats_server_start(&server));
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (hf_broker_renew(one, &lease) != HF_LEASE_OK)
        assert_false(hf_deadline_passed(deadline));
}

static void test_a_store_with_another_time_to_live(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hf_error err = {0};
    assert_int_equal(hf_broker_use_leases(one, 2000, NULL), HF_OK);
    assert_int_equal(hf_broker_use_leases(two, 3000, &err), HF_EMISMATCH);
    assert_int_equal(err.lasting, HF_PERMANENT);
    assert_non_null(strstr(err.message, "has a time to live of 2000 ms, expected 3000 ms"));
}

static void test_tokens_grow_though_the_store_was_deleted(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    use_leases(LONG_MS);
    hf_lease lease = take(one, "ann.1");
    hf_broker_release(one, &lease);
    lease = take(one, "ann.2");
    restart(true);
    hf_broker_close(two);
    two = hf_test_connect(&server);
    assert_int_equal(hf_broker_use_leases(two, LONG_MS, NULL), HF_OK);
    hf_lease again = take(two, "ben.1");
    assert_true(again.token.revision < lease.token.revision);
    assert_true(hf_order_token_compare(again.token, lease.token) > 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, two_brokers_set_up, two_brokers_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_one_holder_at_a_time),
        CASE(test_replies_that_were_lost),
        CASE(test_a_lease_expires),
        CASE(test_a_server_that_comes_back),
        CASE(test_a_store_with_another_time_to_live),
        CASE(test_tokens_grow_though_the_store_was_deleted),
    };
    return cmocka_run_group_tests_name("hosts_leases", tests, NULL, NULL);
}
