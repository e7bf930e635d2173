/* SPDX-License-Identifier: Apache-2.0 */
/* Order and Pareto front. */
#include "hf_test.h"

#include "scorecard/pareto.h"

static uint32_t draw(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

static void goals_are_parsed(void **state)
{
    (void)state;
    hf_goal goal;
    hf_error err = {0};
    for (int m = 0; m < HF_METRIC_COUNT; m++) {
        const char *name = hf_metric_name((hf_metric)m);
        assert_int_equal(hf_goal_parse(name, strlen(name), &goal, &err), HF_OK);
        assert_int_equal(goal.metric, m);
        assert_int_equal(goal.more_is_better, m == HF_METRIC_ACCURACY);
    }
    assert_int_equal(hf_goal_parse("-params,peak", 7, &goal, &err), HF_OK);
    assert_int_equal(goal.metric, HF_METRIC_PARAMS);
    assert_true(goal.more_is_better);
    static const char *const bad[] = {"", "-", "mac", "macss", "--macs", "MACs", " macs"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hf_error_clear(&err);
        assert_int_equal(hf_goal_parse(bad[i], strlen(bad[i]), &goal, &err), HF_EINVALID);
        assert_non_null(strstr(err.message, "bytes_per_param"));
    }
}

static void order_is_stable(void **state)
{
    (void)state;
    hf_candidate models[40];
    uint32_t random = 3;
    hf_error err = {0};
    for (int64_t i = 0; i < 40; i++)
        models[i] = (hf_candidate){.card = {.macs = draw(&random, 5), .params = i}};
    assert_int_equal(hf_candidates_sort(models, 40, (hf_goal){HF_METRIC_MACS, false}, &err), HF_OK);
    for (int i = 1; i < 40; i++)
        assert_true(models[i - 1].card.macs < models[i].card.macs ||
                    (models[i - 1].card.macs == models[i].card.macs &&
                     models[i - 1].card.params < models[i].card.params));
    assert_int_equal(hf_candidates_sort(models, 40, (hf_goal){HF_METRIC_PARAMS, true}, &err), HF_OK);
    for (int i = 0; i < 40; i++)
        assert_int_equal(models[i].card.params, 39 - i);
    assert_int_equal(hf_candidates_sort(NULL, 0, (hf_goal){HF_METRIC_PARAMS, true}, &err), HF_OK);
}

static double cost(const hf_candidate *model, hf_goal goal)
{
    double value = hf_metric_value(&model->card, goal.metric);
    return goal.more_is_better ? -value : value;
}

/* The definition of the Pareto front. */
static bool is_beaten(const hf_candidate *models, size_t count, size_t index, hf_goal a, hf_goal b)
{
    double own_a = cost(&models[index], a), own_b = cost(&models[index], b);
    for (size_t i = 0; i < count; i++) {
        double x = cost(&models[i], a), y = cost(&models[i], b);
        if (x <= own_a && y <= own_b && (x < own_a || y < own_b))
            return true;
    }
    return false;
}

/* Few distinct values, so that there are many ties. */
static void pareto_front_matches_its_definition(void **state)
{
    (void)state;
    uint32_t random = 1;
    hf_error err = {0};
    for (int round = 0; round < 3000; round++) {
        hf_candidate models[24];
        size_t count = draw(&random, 25);
        uint32_t values = 1 + draw(&random, 12);
        for (size_t i = 0; i < count; i++)
            models[i] =
                (hf_candidate){.card = {.macs = draw(&random, values), .params = draw(&random, values)},
                               .on_front = draw(&random, 2)};
        hf_goal a = {HF_METRIC_MACS, draw(&random, 2)}, b = {HF_METRIC_PARAMS, draw(&random, 2)};
        assert_int_equal(hf_candidates_mark_pareto(models, count, a, b, &err), HF_OK);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(models[i].on_front, !is_beaten(models, count, i, a, b));
    }
}

static void accuracy_is_better_when_it_is_more(void **state)
{
    (void)state;
    hf_candidate models[4] = {0};
    static const double accuracies[] = {80, 90, 0, 85}, macs[] = {10, 30, 5, 40};
    for (size_t i = 0; i < 4; i++) {
        models[i].card.has_accuracy = accuracies[i] > 0; /* of the third nothing is known */
        models[i].card.accuracy_percent = accuracies[i];
        models[i].card.macs = (int64_t)macs[i];
    }
    hf_goal accuracy, cost;
    hf_error err = {0};
    assert_int_equal(hf_goal_parse("accuracy", 8, &accuracy, &err), HF_OK);
    assert_int_equal(hf_goal_parse("macs", 4, &cost, &err), HF_OK);
    for (int order = 0; order < 2; order++) {
        assert_int_equal(
            hf_candidates_mark_pareto(models, 4, order ? cost : accuracy, order ? accuracy : cost, &err),
            HF_OK);
        assert_true(models[0].on_front);
        assert_true(models[1].on_front);
        assert_false(models[2].on_front);
        assert_false(models[3].on_front);
    }
    assert_int_equal(hf_candidates_sort(models, 4, accuracy, &err), HF_OK);
    assert_int_equal((int)models[0].card.accuracy_percent, 90);
    assert_false(models[3].card.has_accuracy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goals_are_parsed),
        cmocka_unit_test(order_is_stable),
        cmocka_unit_test(pareto_front_matches_its_definition),
        cmocka_unit_test(accuracy_is_better_when_it_is_more),
    };
    return cmocka_run_group_tests_name("analysis_compare", tests, NULL, NULL);
}
