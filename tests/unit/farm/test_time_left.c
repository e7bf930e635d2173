/* SPDX-License-Identifier: Apache-2.0 */
/* The estimate of the time that is left of a run. */
#include "hf_test.h"

#include "time_left.h"

static void unknown_before_the_first_attempt(void **state)
{
    (void)state;
    assert_true(hf_time_left_ns(0, 0, 10, 2) == HF_TIME_LEFT_UNKNOWN);
}

static void mean_attempt_times_jobs_divided_among_boards(void **state)
{
    (void)state;
    assert_true(hf_time_left_ns(3000, 2, 10, 1) == 15000);
    assert_true(hf_time_left_ns(3000, 2, 10, 5) == 3000);
    assert_true(hf_time_left_ns(3000, 2, 0, 1) == 0);
    /* A year of attempts, the most jobs that a schedule takes: no overflow. */
    const uint64_t year_ns = UINT64_C(31557600) * 1000000000;
    assert_true(hf_time_left_ns(year_ns, 1000000, 1000000, 1) == year_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_before_the_first_attempt),
        cmocka_unit_test(mean_attempt_times_jobs_divided_among_boards),
    };
    return cmocka_run_group_tests_name("farm_time_left", tests, NULL, NULL);
}
