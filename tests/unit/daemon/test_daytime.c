/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "daemon/daytime.h"
#include "hf_test.h"

/* Unix milliseconds of a local time. */
static int64_t at(int year, int month, int day, int hour, int minute)
{
    struct tm local = {.tm_year = year - 1900,
                       .tm_mon = month - 1,
                       .tm_mday = day,
                       .tm_hour = hour,
                       .tm_min = minute,
                       .tm_isdst = -1};
    return (int64_t)mktime(&local) * 1000;
}

static void times_are_parsed(void **state)
{
    (void)state;
    hf_daytime time = {0};
    assert_int_equal(hf_daytime_parse("03:30", &time, NULL), HF_OK);
    assert_true(time.given);
    assert_int_equal(time.hour, 3);
    assert_int_equal(time.minute, 30);
    assert_int_equal(hf_daytime_parse("23:59", &time, NULL), HF_OK);
    static const char *const bad[] = {"",      "3",        "24:00", "12:60",  "12:5x",
                                      "-1:00", "12:30:00", " 1:00", "003:00", "12:"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hf_error err = {0};
        assert_int_equal(hf_daytime_parse(bad[i], &time, &err), HF_EINVALID);
        assert_non_null(strstr(err.message, "expected HH:MM"));
    }
    assert_int_equal(time.hour, 23); /* unchanged */
}

static void it_comes_once_a_day(void **state)
{
    (void)state;
    const hf_daytime time = {.given = true, .hour = 3, .minute = 30};
    int last = hf_daytime_start(&time, at(2026, 11, 30, 2, 0));
    assert_false(hf_daytime_due(&time, at(2026, 11, 30, 3, 29), &last));
    assert_true(hf_daytime_due(&time, at(2026, 11, 30, 3, 30), &last));
    assert_false(hf_daytime_due(&time, at(2026, 11, 30, 3, 31), &last));
    assert_false(hf_daytime_due(&time, at(2026, 12, 1, 3, 29), &last));
    assert_true(hf_daytime_due(&time, at(2026, 12, 1, 3, 30), &last));
}

static void nothing_is_due_at_the_start(void **state)
{
    (void)state;
    const hf_daytime time = {.given = true, .hour = 3, .minute = 30};
    int last = hf_daytime_start(&time, at(2026, 11, 30, 12, 0));
    assert_false(hf_daytime_due(&time, at(2026, 11, 30, 23, 59), &last));
    assert_true(hf_daytime_due(&time, at(2026, 12, 1, 4, 0), &last)); /* the host slept at 03:30 */
}

static void the_year_ends(void **state)
{
    (void)state;
    const hf_daytime time = {.given = true, .hour = 3, .minute = 30};
    int last = hf_daytime_start(&time, at(2026, 12, 31, 12, 0));
    assert_false(hf_daytime_due(&time, at(2027, 1, 1, 0, 0), &last));
    assert_false(hf_daytime_due(&time, at(2027, 1, 1, 3, 29), &last));
    assert_true(hf_daytime_due(&time, at(2027, 1, 1, 3, 30), &last));
}

/* Central Europe, 28 March 2027: 02:30 does not exist. 31 October: it comes twice. */
static void clocks_are_changed(void **state)
{
    (void)state;
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    const hf_daytime time = {.given = true, .hour = 2, .minute = 30};
    int last = hf_daytime_start(&time, at(2027, 3, 28, 1, 0));
    assert_true(hf_daytime_due(&time, at(2027, 3, 28, 1, 59) + 60000, &last)); /* it is 03:00 then */
    assert_false(hf_daytime_due(&time, at(2027, 3, 28, 12, 0), &last));
    last = hf_daytime_start(&time, at(2027, 10, 31, 1, 0));
    const int64_t first = at(2027, 10, 31, 1, 59) + INT64_C(31) * 60000; /* 02:30, summer time */
    assert_true(hf_daytime_due(&time, first, &last));
    for (int minutes = 1; minutes < 180; minutes++)
        assert_false(hf_daytime_due(&time, first + INT64_C(60000) * minutes, &last));
    unsetenv("TZ");
    tzset();
}

static void a_time_that_is_not_given_never_comes(void **state)
{
    (void)state;
    const hf_daytime time = {0};
    int last = hf_daytime_start(&time, at(2026, 11, 30, 12, 0));
    for (int day = 1; day < 5; day++)
        assert_false(hf_daytime_due(&time, at(2026, 12, day, 12, 0), &last));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_parsed),
        cmocka_unit_test(it_comes_once_a_day),
        cmocka_unit_test(nothing_is_due_at_the_start),
        cmocka_unit_test(the_year_ends),
        cmocka_unit_test(clocks_are_changed),
        cmocka_unit_test(a_time_that_is_not_given_never_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
