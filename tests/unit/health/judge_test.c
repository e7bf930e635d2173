/* SPDX-License-Identifier: Apache-2.0 */
/* When the cycles of a health check have drifted. */
#include "hf_test.h"

#include "health/judge.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static hf_health_drift judge(int64_t reference, const int64_t *earlier, size_t count, const int64_t *cycles,
                             size_t samples, bool modelled)
{
    hf_sample list[8] = {{0}};
    for (size_t i = 0; i < samples; i++)
        list[i].cycles = cycles[i];
    const hf_health_history history = {.reference_cycles = reference, .cycles = earlier, .count = count};
    return hf_health_judge(&history, list, samples, modelled);
}

static void the_first_check_has_nothing_to_drift_from(void **state)
{
    (void)state;
    const int64_t cycles[] = {105, 100, 103};
    const hf_health_drift drift = judge(0, NULL, 0, cycles, COUNT(cycles), false);
    assert_int_equal(drift.cycles, 103); /* the median */
    assert_false(drift.drifted);
    assert_true(drift.drift == 0);
}

static void on_a_virtual_board_every_change_is_a_drift(void **state)
{
    (void)state;
    const int64_t same[] = {1000000, 1000000}, one_less[] = {999999, 999999}, wide[] = {900000, 1100000};
    assert_false(judge(1000000, NULL, 0, same, COUNT(same), true).drifted);
    const hf_health_drift drift = judge(1000000, wide, COUNT(wide), one_less, COUNT(one_less), true);
    assert_true(drift.drifted);
    assert_true(drift.drift < 0 && drift.drift > -2e-6);
    assert_true(drift.allowed == 0);
}

static void on_silicon_a_few_cycles_are_no_drift(void **state)
{
    (void)state;
    const int64_t little[] = {1000990}, much[] = {1001010}, less[] = {998980};
    assert_false(judge(1000000, NULL, 0, little, 1, false).drifted);
    assert_true(judge(1000000, NULL, 0, much, 1, false).drifted);
    assert_true(judge(1000000, NULL, 0, less, 1, false).drifted);
}

static void earlier_checks_widen_what_is_allowed(void **state)
{
    (void)state;
    /* Median absolute deviation 2000: three deviations are 8896. */
    const int64_t earlier[] = {998000, 1002000, 1000000, 1004000, 996000};
    const int64_t within[] = {1008800}, outside[] = {1009000};
    assert_false(judge(1000000, earlier, COUNT(earlier), within, 1, false).drifted);
    assert_true(judge(1000000, earlier, COUNT(earlier), outside, 1, false).drifted);
    assert_true(judge(1000000, earlier, 2, within, 1, false).drifted); /* two tell nothing about a spread */
}

static void an_outlier_does_not_widen_it(void **state)
{
    (void)state;
    const int64_t earlier[] = {1000000, 1000001, 1000002, 1000001, 2000000}, outside[] = {1001100};
    assert_true(judge(1000000, earlier, COUNT(earlier), outside, 1, false).drifted);
}

static void a_noisy_check_is_judged_by_its_own_range(void **state)
{
    (void)state;
    const int64_t noisy[] = {1000000, 1003000, 1006000}, still[] = {1003000, 1003000, 1003000};
    assert_false(judge(1000000, NULL, 0, noisy, COUNT(noisy), false).drifted);
    assert_true(judge(1000000, NULL, 0, still, COUNT(still), false).drifted);
}

/* Each check is near the one before, but no longer near the first. */
static void slow_changes_add_up(void **state)
{
    (void)state;
    int64_t earlier[6];
    for (size_t i = 0; i < COUNT(earlier); i++)
        earlier[i] = 1000000 + (int64_t)i * 200;
    const int64_t next[] = {1001800};
    assert_true(judge(1000000, earlier, COUNT(earlier), next, 1, false).drifted);
}

static void more_samples_than_are_looked_at(void **state)
{
    (void)state;
    hf_sample samples[HF_HEALTH_VALUES_MAX + 10];
    int64_t earlier[HF_HEALTH_VALUES_MAX + 10];
    for (size_t i = 0; i < COUNT(samples); i++) {
        samples[i].cycles = i < HF_HEALTH_VALUES_MAX ? 500 : 900;
        earlier[i] = 500;
    }
    const hf_health_history history = {.reference_cycles = 500, .cycles = earlier, .count = COUNT(earlier)};
    const hf_health_drift drift = hf_health_judge(&history, samples, COUNT(samples), false);
    assert_int_equal(drift.cycles, 500);
    assert_false(drift.drifted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_check_has_nothing_to_drift_from),
        cmocka_unit_test(on_a_virtual_board_every_change_is_a_drift),
        cmocka_unit_test(on_silicon_a_few_cycles_are_no_drift),
        cmocka_unit_test(earlier_checks_widen_what_is_allowed),
        cmocka_unit_test(an_outlier_does_not_widen_it),
        cmocka_unit_test(a_noisy_check_is_judged_by_its_own_range),
        cmocka_unit_test(slow_changes_add_up),
        cmocka_unit_test(more_samples_than_are_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
