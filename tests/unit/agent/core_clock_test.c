/* SPDX-License-Identifier: Apache-2.0 */
/* The core's clock against the host's. */
#include "hf_test.h"

#include <math.h>

#include "base/clock.h"
#include "session_fixture.h"

#define HZ 120000000u
#define S  UINT64_C(1000000000)

/* A reading at `at_ns` of a counter that runs `factor` times as fast as it should, known to
 * 2 * `slack_ns`. */
static hf_clock_reading reading(uint64_t at_ns, double factor, uint64_t slack_ns)
{
    uint64_t cycles = (uint64_t)((double)at_ns * 1e-9 * HZ * factor);
    return (hf_clock_reading){(uint32_t)cycles, at_ns - slack_ns, at_ns + slack_ns};
}

static void the_ratio_is_found(void **state)
{
    (void)state;
    static const double factors[] = {1, 1.0003, 0.9995, 1.012, 0.985};
    static const uint64_t spans[] = {S, 2 * S, 40 * S, 300 * S}; /* the counter wraps every 35.8 s */
    for (size_t f = 0; f < sizeof factors / sizeof factors[0]; f++)
        for (size_t s = 0; s < sizeof spans / sizeof spans[0]; s++) {
            hf_clock_reading first = reading(20 * S, factors[f], 1000000);
            hf_clock_reading second = reading(20 * S + spans[s], factors[f], 500000);
            double ratio = 0, uncertainty = 0;
            assert_true(hf_clock_compare(&first, &second, HZ, &ratio, &uncertainty));
            assert_true(fabs(ratio - factors[f]) < 1e-6);
            assert_true(fabs(uncertainty - 1.5e6 / (double)spans[s]) < 0.02 * uncertainty);
        }
}

/* The ratio is right within its uncertainty wherever the readings lie between their bounds. */
static void the_uncertainty_covers_the_bounds(void **state)
{
    (void)state;
    for (int early = -1; early <= 1; early++)
        for (int late = -1; late <= 1; late++) {
            hf_clock_reading first = reading(20 * S, 1.01, 0), second = reading(21 * S, 1.01, 0);
            first.before_ns += (uint64_t)((early - 1) * 1000000);
            first.after_ns += (uint64_t)((early + 1) * 1000000);
            second.before_ns += (uint64_t)((late - 1) * 2000000);
            second.after_ns += (uint64_t)((late + 1) * 2000000);
            double ratio = 0, uncertainty = 0;
            assert_true(hf_clock_compare(&first, &second, HZ, &ratio, &uncertainty));
            assert_true(fabs(ratio - 1.01) <= uncertainty * 1.01);
        }
}

static void unreliable_readings_give_no_ratio(void **state)
{
    (void)state;
    double ratio = 7, uncertainty = 7;
    hf_clock_reading first = reading(20 * S, 1, 1000), near = reading(20 * S + 1500, 1, 1000);
    hf_clock_reading far = reading(2000 * S, 1, 1000), second = reading(21 * S, 1, 1000);
    assert_false(hf_clock_compare(&first, &near, HZ, &ratio, &uncertainty)); /* they overlap */
    assert_false(hf_clock_compare(&first, &far, HZ, &ratio, &uncertainty));  /* ambiguous number of wraps */
    assert_false(hf_clock_compare(&second, &first, HZ, &ratio, &uncertainty));
    assert_false(hf_clock_compare(&first, &second, 0, &ratio, &uncertainty));
    assert_true(ratio == 7 && uncertainty == 7);
}

/* Over a line, with a counter that goes by the host's own clock: right within what is said to be uncertain,
 * however long the answers take. */
static void a_board_is_compared(void **state)
{
    (void)state;
    static const double factors[] = {1, 1.012};
    for (size_t i = 0; i < 2; i++) {
        fixture f;
        begin(&f, &(peer_script){.clock_factor = factors[i], .drop_line = 1});
        hf_clock_reading first, second;
        assert_int_equal(hf_session_clock(f.session, &first, &f.err), HF_OK);
        assert_true(first.before_ns < first.after_ns);
        do
            assert_int_equal(hf_session_clock(f.session, &second, &f.err), HF_OK);
        while (second.before_ns < first.after_ns + S / 5);
        double ratio = 0, uncertainty = 0;
        assert_true(hf_clock_compare(&first, &second, HZ, &ratio, &uncertainty));
        assert_true(fabs(ratio - factors[i]) <= uncertainty + 1e-6);
        finish(&f);
    }
}

static void an_answer_without_a_reading_is_refused(void **state)
{
    (void)state;
    fixture f;
    begin(&f, &(peer_script){.clock_factor = 1, .no_clock_record = true});
    hf_clock_reading first = {1, 2, 3};
    assert_int_equal(hf_session_clock(f.session, &first, &f.err), HF_EPROTOCOL);
    assert_non_null(strstr(f.err.message, "lacks 'clock'"));
    assert_int_equal(first.cycles, 1);
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ratio_is_found),
        cmocka_unit_test(the_uncertainty_covers_the_bounds),
        cmocka_unit_test(unreliable_readings_give_no_ratio),
        cmocka_unit_test(a_board_is_compared),
        cmocka_unit_test(an_answer_without_a_reading_is_refused),
    };
    return cmocka_run_group_tests_name("agent_clock", tests, NULL, NULL);
}
