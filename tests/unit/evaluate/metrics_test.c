/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <math.h>

#include "evaluate/metrics.h"

static void assert_near(double got, double expected, double within)
{
    if (fabs(got - expected) > within)
        fail_msg("%.9g instead of %.9g", got, expected);
}

static uint32_t next(uint32_t *state)
{
    return *state = *state * 1664525u + 1013904223u;
}

static double uniform(uint32_t *state)
{
    return (next(state) >> 8) / 16777216.0;
}

/* With z = 1.96 and n = 10: z^2/n = 0.38415, so 0 of 10 reaches to 0.38415/1.38415 = 0.27753; 8 of 10 is
 * centred at (0.8 + 0.19207)/1.38415 = 0.71674 +- 0.22659. */
static void wilson_by_hand(void **state)
{
    (void)state;
    hf_estimate e = hf_wilson(0, 10);
    assert_true(e.has_value && e.has_interval);
    assert_true(e.value == 0 && e.low == 0);
    assert_near(e.high, 0.27753, 1e-5);
    e = hf_wilson(10, 10);
    assert_true(e.value == 1 && e.high == 1);
    assert_near(e.low, 0.72247, 1e-5);
    e = hf_wilson(8, 10);
    assert_near(e.value, 0.8, 1e-12);
    assert_near(e.low, 0.49016, 2e-5);
    assert_near(e.high, 0.94332, 2e-5);
    assert_false(hf_wilson(0, 0).has_value);
    assert_false(hf_wilson(2, 1).has_value);
}

/* Positives 0.8, 0.4 and negatives 0.6, 0.2: three of four pairs in order. Placements of the positives are 1
 * and 1/2, of the negatives 1/2 and 1: either sample variance is 1/8, the variance 1/8/2 + 1/8/2 = 1/8. */
static void auc_by_hand(void **state)
{
    (void)state;
    const double scores[] = {0.6, 0.8, 0.2, 0.4};
    const bool positive[] = {false, true, false, true};
    hf_estimate e;
    assert_int_equal(hf_auc(scores, positive, 4, &e, NULL), HF_OK);
    assert_near(e.value, 0.75, 1e-12);
    assert_true(e.has_interval);
    assert_near(e.low, 0.75 - 1.959964 * sqrt(0.125), 1e-6);
    assert_true(e.high == 1); /* 1.44 clamped */

    /* Ties count half: 1,1,2 against 1,0 is (0.5 + 1) + (0.5 + 1) + (1 + 1) of 6. */
    const double tied[] = {1, 1, 2, 1, 0};
    const bool tied_positive[] = {true, true, true, false, false};
    assert_int_equal(hf_auc(tied, tied_positive, 5, &e, NULL), HF_OK);
    assert_near(e.value, 5.0 / 6, 1e-12);

    const double same[] = {7, 7, 7, 7};
    assert_int_equal(hf_auc(same, positive, 4, &e, NULL), HF_OK);
    assert_near(e.value, 0.5, 1e-12);
    assert_false(e.has_interval); /* every placement is 1/2: no variance */
}

static void auc_of_extreme_cases(void **state)
{
    (void)state;
    const double scores[] = {1, 2, 3, 4};
    const bool apart[] = {false, false, true, true}, none[4] = {0}, one[] = {false, true, false, false};
    hf_estimate e;
    assert_int_equal(hf_auc(scores, apart, 4, &e, NULL), HF_OK);
    assert_true(e.value == 1 && !e.has_interval);
    assert_int_equal(hf_auc(scores, none, 4, &e, NULL), HF_OK);
    assert_false(e.has_value);
    assert_int_equal(hf_auc(scores, one, 4, &e, NULL), HF_OK);
    assert_true(e.has_value && !e.has_interval);
    assert_near(e.value, 1.0 / 3, 1e-12);
    assert_int_equal(hf_auc(scores, apart, 0, &e, NULL), HF_OK);
    assert_false(e.has_value);
    const double bad[] = {1, NAN, 3, 4};
    hf_error err = {0};
    assert_int_equal(hf_auc(bad, apart, 4, &e, &err), HF_EINVALID);
}

/* Placements computed pair by pair, directly from the definition. */
static void brute_force(const double *scores, const bool *positive, size_t count, double *value,
                        double *variance)
{
    double sum = 0, m = 0, n = 0;
    for (size_t i = 0; i < count; i++)
        *(positive[i] ? &m : &n) += 1;
    double placements[64];
    for (size_t i = 0; i < count; i++) {
        placements[i] = 0;
        for (size_t k = 0; k < count; k++) {
            if (positive[k] == positive[i])
                continue;
            double high = positive[i] ? scores[i] : scores[k], low = positive[i] ? scores[k] : scores[i];
            placements[i] += (high > low ? 1 : high == low ? 0.5 : 0) / (positive[i] ? n : m);
        }
        sum += positive[i] ? placements[i] : 0;
    }
    *value = sum / m;
    *variance = 0;
    for (size_t i = 0; i < count; i++) {
        double own = positive[i] ? m : n, deviation = placements[i] - *value;
        *variance += deviation * deviation / (own * (own - 1));
    }
}

static void auc_matches_its_definition(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 500; round++) {
        double scores[64];
        bool positive[64];
        size_t count = 4 + next(&seed) / 65536 % 60;
        for (size_t i = 0; i < count; i++) {
            positive[i] = i < 2 || (i >= 4 && uniform(&seed) < 0.4);
            scores[i] = floor(uniform(&seed) * 10) + (positive[i] ? 1 : 0); /* many ties */
        }
        double value, variance;
        brute_force(scores, positive, count, &value, &variance);
        hf_estimate e;
        assert_int_equal(hf_auc(scores, positive, count, &e, NULL), HF_OK);
        assert_near(e.value, value, 1e-12);
        if (variance > 1e-12) {
            assert_true(e.has_interval);
            assert_near(e.low, fmax(0, value - 1.959963984540054 * sqrt(variance)), 1e-9);
            assert_near(e.high, fmin(1, value + 1.959963984540054 * sqrt(variance)), 1e-9);
        }
    }
}

static void macro_auc_of_two_mirrored_classes_equals_binary_auc(void **state)
{
    (void)state;
    int8_t scores[80];
    uint32_t labels[40], seed = 5, used = 0;
    double of_class_1[40];
    bool positive[40];
    for (size_t i = 0; i < 40; i++) {
        labels[i] = i % 3 == 0;
        positive[i] = labels[i] == 1;
        scores[2 * i + 1] = (int8_t)(next(&seed) >> 28);
        scores[2 * i + 1] = (int8_t)(scores[2 * i + 1] + (positive[i] ? 3 : 0));
        scores[2 * i] = (int8_t)-scores[2 * i + 1];
        of_class_1[i] = scores[2 * i + 1];
    }
    hf_estimate binary, macro;
    assert_int_equal(hf_auc(of_class_1, positive, 40, &binary, NULL), HF_OK);
    assert_int_equal(hf_auc_macro(scores, labels, 40, 2, &macro, &used, NULL), HF_OK);
    assert_int_equal(used, 2);
    assert_near(macro.value, binary.value, 1e-12);
    assert_near(macro.low, binary.low, 1e-12);
    assert_near(macro.high, binary.high, 1e-12);
}

static void macro_auc_by_hand(void **state)
{
    (void)state;
    const int8_t three[] = {
        9, 0, 0, 0, /* class 0 */
        5, 7, 0, 0, /* class 1 */
        1, 7, 4, 0, /* class 2 */
    };
    const uint32_t labels[] = {0, 1, 2};
    hf_estimate e;
    uint32_t used = 0;
    assert_int_equal(hf_auc_macro(three, labels, 3, 4, &e, &used, NULL), HF_OK);
    assert_int_equal(used, 3); /* class 3 has no samples */
    /* class 0: 9 over 5 and 1: 1. class 1: 7 over 0, tied with 7: 0.75. class 2: 4 over 0 and 0: 1. */
    assert_near(e.value, 2.75 / 3, 1e-12);
    assert_false(e.has_interval);
    const uint32_t alike[] = {2, 2, 2};
    assert_int_equal(hf_auc_macro(three, alike, 3, 4, &e, &used, NULL), HF_OK);
    assert_int_equal(used, 0);
    assert_false(e.has_value);
}

/* A three-class population; the mean AUC of a very large sample serves as the true value. */
static void draw(uint32_t *seed, size_t count, int8_t *scores, uint32_t *labels)
{
    for (size_t i = 0; i < count; i++) {
        labels[i] = (uint32_t)(i % 3);
        for (uint32_t c = 0; c < 3; c++)
            scores[3 * i + c] =
                (int8_t)(uniform(seed) * 40 + uniform(seed) * 40 + (c == labels[i] ? 18 : 0) - 50);
    }
}

static void intervals_have_their_nominal_coverage(void **state)
{
    (void)state;
    static int8_t scores[3 * 30000];
    static uint32_t labels[30000];
    uint32_t seed = 11, used = 0;
    hf_estimate truth, e;
    draw(&seed, 30000, scores, labels);
    assert_int_equal(hf_auc_macro(scores, labels, 30000, 3, &truth, &used, NULL), HF_OK);
    assert_true(truth.high - truth.low < 0.01);
    int macro = 0, hits = 0, proportion = 0;
    for (int round = 0; round < 1000; round++) {
        draw(&seed, 120, scores, labels);
        assert_int_equal(hf_auc_macro(scores, labels, 120, 3, &e, &used, NULL), HF_OK);
        macro += e.low <= truth.value && truth.value <= e.high;
        hits = 0;
        for (int i = 0; i < 50; i++)
            hits += uniform(&seed) < 0.9;
        e = hf_wilson((uint64_t)hits, 50);
        proportion += e.low <= 0.9 && 0.9 <= e.high;
    }
    /* 950 +- 3 x sqrt(1000 x 0.95 x 0.05) = 21, plus a margin for small samples. */
    assert_in_range(macro, 920, 975);
    /* 0.9 x 50 = 45 lies in the interval of 41 to 49 hits, which have a probability of 0.9703: 970
     * +- 3 x 5.4. */
    assert_in_range(proportion, 954, 986);
}

static void ranks_of_equal_scores(void **state)
{
    (void)state;
    const int8_t scores[] = {3, 9, 9, -128};
    assert_int_equal(hf_top_class(scores, 4), 1);
    assert_true(hf_in_top(scores, 4, 1, 1));
    assert_false(hf_in_top(scores, 4, 2, 1));
    assert_true(hf_in_top(scores, 4, 2, 2));
    assert_false(hf_in_top(scores, 4, 0, 2));
    assert_true(hf_in_top(scores, 4, 0, 3));
    assert_true(hf_in_top(scores, 4, 3, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilson_by_hand),
        cmocka_unit_test(auc_by_hand),
        cmocka_unit_test(auc_of_extreme_cases),
        cmocka_unit_test(auc_matches_its_definition),
        cmocka_unit_test(macro_auc_of_two_mirrored_classes_equals_binary_auc),
        cmocka_unit_test(macro_auc_by_hand),
        cmocka_unit_test(intervals_have_their_nominal_coverage),
        cmocka_unit_test(ranks_of_equal_scores),
    };
    return cmocka_run_group_tests_name("evaluate_metrics", tests, NULL, NULL);
}
