/* SPDX-License-Identifier: Apache-2.0 */
/* Many hosts, seeded faults: nothing is lost, doubled, wrong or stale, and no board has two owners. More seeds:
 * scripts/bench.sh hosts. */
#include "hf_test.h"

#include "host_schedules.h"

#define SEEDS UINT64_C(40)

static void test_seeded_schedules(void **state)
{
    (void)state;
    host_counts all = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        host_counts c = {0};
        assert_true(host_schedule(seed, &c));
        if (c.lost + c.doubled + c.wrong + c.stale_accepted + c.two_owners + c.never_ended + c.illegal)
            print_error("seed %u: lost %u, doubled %u, wrong %u, stale %u, two owners %u, never ended %u, "
                        "illegal %u\n",
                        (unsigned)seed, (unsigned)c.lost, (unsigned)c.doubled, (unsigned)c.wrong,
                        (unsigned)c.stale_accepted, (unsigned)c.two_owners, (unsigned)c.never_ended,
                        (unsigned)c.illegal);
        all.lost += c.lost;
        all.doubled += c.doubled;
        all.wrong += c.wrong;
        all.stale_accepted += c.stale_accepted;
        all.two_owners += c.two_owners;
        all.never_ended += c.never_ended;
        all.illegal += c.illegal;
        all.done += c.done;
        all.lost_attempts += c.lost_attempts;
        all.refused += c.refused;
        all.kills += c.kills;
        all.stops += c.stops;
        all.takeovers += c.takeovers;
        all.late_answers += c.late_answers;
    }
    assert_int_equal(all.lost, 0);
    assert_int_equal(all.doubled, 0);
    assert_int_equal(all.wrong, 0);
    assert_int_equal(all.stale_accepted, 0);
    assert_int_equal(all.two_owners, 0);
    assert_int_equal(all.never_ended, 0);
    assert_int_equal(all.illegal, 0);
    /* The schedules really did what they are for. */
    assert_true(all.done >= SEEDS * 80);
    assert_true(all.lost_attempts > SEEDS);
    assert_true(all.refused > SEEDS);
    assert_true(all.kills > SEEDS);
    assert_true(all.stops > SEEDS / 2);
    assert_true(all.takeovers > SEEDS / 4);
    assert_true(all.late_answers > 0);
}

static void test_the_same_seed_is_the_same_schedule(void **state)
{
    (void)state;
    host_counts a = {0}, b = {0};
    assert_true(host_schedule(7, &a) && host_schedule(7, &b));
    assert_memory_equal(&a, &b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seeded_schedules),
        cmocka_unit_test(test_the_same_seed_is_the_same_schedule),
    };
    return cmocka_run_group_tests_name("orders_host_schedules", tests, NULL, NULL);
}
