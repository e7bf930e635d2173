/* SPDX-License-Identifier: Apache-2.0 */
/* The decisions of a search, with a synthetic oracle in place of boards and trainings. */
#include "hf_test.h"

#include <math.h>
#include <stdio.h>

#include "search/search.h"

#define COUNT     30
#define EPOCHS    27
#define MAX_FACTS 1000

/* 30 variations: five widths, three depths, two families. Deep nets end better, but learn later. */
typedef struct world {
    hf_search_candidate candidates[COUNT];
    char names[COUNT][48];
    double end_percent[COUNT], slowness[COUNT];
    uint64_t seed;
    hf_search_settings settings;
    hf_search_fact facts[MAX_FACTS];
    size_t fact_count;
    uint64_t epochs_spent;
    uint32_t measured, steps;
    hf_search_plan plan;
} world;

/* -1 .. 1, of a seed and two numbers */
static double noise(uint64_t seed, uint64_t a, uint64_t b)
{
    uint64_t z = (seed * 1000003 + a) * 1000003 + b + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ (z >> 31)) >> 11) / (double)(UINT64_C(1) << 52) - 1;
}

static void make_world(world *w, uint64_t seed, hf_search_goal goal)
{
    *w = (world){.seed = seed,
                 .settings = {.goal = goal,
                              .accuracy_weight = 1,
                              .latency_weight = 1,
                              .epochs = EPOCHS,
                              .first_rung_epochs = 3,
                              .growth = 3,
                              .max_measured = 100,
                              .winners = goal == HF_SEARCH_FRONT ? 3 : 1,
                              .seed = seed}};
    for (uint32_t i = 0; i < COUNT; i++) {
        const double width = 0.1 + 0.05 * (i % 5);
        const uint32_t blocks = 1 + 2 * (i / 5 % 3), family = i / 15;
        const double macs = 1e7 * width * width * (2 + blocks) * (family ? 0.7 : 1);
        snprintf(w->names[i], sizeof w->names[i], "family%u_%.2f_l%u", (unsigned)family, width,
                 (unsigned)blocks);
        w->candidates[i] = (hf_search_candidate){.name = w->names[i],
                                                 .family = family ? "family1" : "family0",
                                                 .macs = (int64_t)macs,
                                                 .params = (int64_t)(macs / 30),
                                                 .rom_bytes = (int64_t)(macs / 30) + 30000,
                                                 .ram_bytes = (int64_t)(40000 * width),
                                                 .estimated_ns = macs * 15,
                                                 .error_percent = 5,
                                                 .depth = 10 + 2 * blocks};
        w->end_percent[i] = 92 - 9 * exp(-macs / 1.2e6) - (family ? 0.8 : 0) + 0.4 * noise(seed, i, 0);
        w->slowness[i] = 2 + 0.5 * blocks; /* in epochs */
    }
}

static double percent_after(const world *w, uint32_t candidate, uint32_t epochs)
{
    return w->end_percent[candidate] - 25 * exp(-(epochs + 3.0) / w->slowness[candidate]) +
           0.25 * noise(w->seed, candidate, epochs);
}

/* On training samples: about as good as the network really is by then. */
static double loss_after(const world *w, uint32_t candidate, uint32_t epochs)
{
    return 3 - percent_after(w, candidate, epochs) / 40;
}

/* On validation samples, in the middle of a training: off by several points. */
static double early_percent(const world *w, uint32_t candidate, uint32_t epochs)
{
    return percent_after(w, candidate, epochs) - 2 + 2 * noise(w->seed, candidate, 5000 + epochs);
}

static double latency_of(const world *w, uint32_t candidate)
{
    return w->candidates[candidate].estimated_ns * (1 + 0.04 * noise(w->seed, candidate, 999));
}

static void learn(world *w, hf_search_fact fact)
{
    assert_true(w->fact_count < MAX_FACTS);
    w->facts[w->fact_count++] = fact;
}

static void decide(world *w)
{
    hf_search_plan_free(&w->plan);
    assert_int_equal(
        hf_search_next(&w->settings, w->candidates, COUNT, w->facts, w->fact_count, &w->plan, NULL), HF_OK);
}

static uint32_t trained_until(const world *w, uint32_t candidate)
{
    uint32_t epochs = 0;
    for (size_t i = 0; i < w->fact_count; i++)
        if (w->facts[i].kind == HF_SEARCH_TRAINED && w->facts[i].candidate == candidate)
            epochs = w->facts[i].epochs;
    return epochs;
}

/* Does the first of what is to be done, so that each decision is taken again after every fact. */
static void do_one(world *w)
{
    const uint32_t c = w->plan.todo[0];
    assert_true(w->plan.todo_count > 0);
    switch (w->plan.step) {
    case HF_SEARCH_MEASURE:
        w->measured++;
        learn(w, (hf_search_fact){.kind = HF_SEARCH_MEASURED, .candidate = c, .value = latency_of(w, c)});
        break;
    case HF_SEARCH_TRAIN:
        w->epochs_spent += w->plan.epochs - trained_until(w, c);
        learn(w, (hf_search_fact){.kind = HF_SEARCH_TRAINED,
                                  .candidate = c,
                                  .epochs = w->plan.epochs,
                                  .validation_percent = early_percent(w, c, w->plan.epochs),
                                  .loss = loss_after(w, c, w->plan.epochs)});
        break;
    case HF_SEARCH_FINISH:
        w->epochs_spent += EPOCHS - trained_until(w, c);
        learn(w, (hf_search_fact){.kind = HF_SEARCH_FINISHED,
                                  .candidate = c,
                                  .epochs = EPOCHS,
                                  .value = percent_after(w, c, EPOCHS),
                                  .validation_percent = percent_after(w, c, EPOCHS + 1)});
        break;
    case HF_SEARCH_PROVE:
        learn(w, (hf_search_fact){.kind = HF_SEARCH_PROVED, .candidate = c, .value = latency_of(w, c)});
        break;
    case HF_SEARCH_ANALYSE:
    case HF_SEARCH_DONE:
        break;
    }
}

/* @param facts to stop after; 0 = at the end */
static void run(world *w, size_t facts)
{
    for (decide(w); w->plan.step != HF_SEARCH_DONE && (!facts || w->fact_count < facts); decide(w)) {
        assert_true(++w->steps < MAX_FACTS);
        do_one(w);
    }
}

static double best_of_all(const world *w)
{
    double best = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        if (!w->candidates[i].cannot_fit &&
            (w->settings.latency_limit_ns <= 0 || latency_of(w, i) <= w->settings.latency_limit_ns))
            best = fmax(best, w->end_percent[i]);
    return best;
}

static bool has_decision(const hf_search_plan *plan, const char *text)
{
    for (size_t i = 0; i < plan->decision_count; i++)
        if (strstr(plan->decisions[i].reason, text))
            return true;
    return false;
}

/* Within half a point of the best, with a quarter of the epochs of training all. Results of few epochs are noisy: one of 20 searches
 * may miss it by a little. */
static void finds_the_best_with_a_quarter(void **state)
{
    (void)state;
    uint32_t missed = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        world w;
        make_world(&w, seed, HF_SEARCH_ACCURACY);
        run(&w, 0);
        assert_int_equal(w.plan.winner_count, 1);
        const double found = w.end_percent[w.plan.winners[0]];
        missed += best_of_all(&w) - found > 0.5;
        if (best_of_all(&w) - found > (seed <= 3 ? 0.5 : 0.8))
            fail_msg("seed %u: %s has %.2f %%, the best %.2f %%", (unsigned)seed, w.names[w.plan.winners[0]],
                     found, best_of_all(&w));
        assert_true(w.epochs_spent <= COUNT * EPOCHS / 4);
        assert_int_equal(w.epochs_spent, w.plan.epochs_planned);
        assert_int_equal(w.measured, COUNT);
        hf_search_plan_free(&w.plan);
    }
    assert_true(missed <= 1);
}

/* The limit on the latency is that of the measurement, whatever the estimate said. */
static void keeps_the_latency_limit(void **state)
{
    (void)state;
    world w;
    make_world(&w, 4, HF_SEARCH_ACCURACY);
    w.settings.latency_limit_ns = 12e6;
    run(&w, 0);
    assert_true(latency_of(&w, w.plan.winners[0]) <= 12e6);
    assert_true(best_of_all(&w) - w.end_percent[w.plan.winners[0]] <= 0.5);
    assert_true(w.measured < COUNT); /* the slowest by far are not measured */
    assert_true(has_decision(&w.plan, "latency: estimated"));
    assert_true(has_decision(&w.plan, "latency: measured"));
    hf_search_plan_free(&w.plan);
}

/* The fastest with 88 %: no faster one has it by the oracle, within the noise. */
static void finds_the_fastest(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        world w;
        make_world(&w, seed, HF_SEARCH_LATENCY);
        w.settings.accuracy_floor_percent = 88;
        w.settings.budget_epochs = COUNT * EPOCHS / 2;
        run(&w, 0);
        assert_int_equal(w.plan.winner_count, 1);
        const uint32_t found = w.plan.winners[0];
        assert_true(percent_after(&w, found, EPOCHS) >= 88);
        double fastest = 1e18;
        for (uint32_t i = 0; i < COUNT; i++)
            if (percent_after(&w, i, EPOCHS) >= 88)
                fastest = fmin(fastest, latency_of(&w, i));
        assert_true(latency_of(&w, found) <= 1.6 * fastest);
        hf_search_plan_free(&w.plan);
    }
}

/* Winners of a front do not beat each other, and a floor that nobody reaches is said to be out of reach. */
static void finds_a_front(void **state)
{
    (void)state;
    world w;
    make_world(&w, 2, HF_SEARCH_FRONT);
    run(&w, 0);
    assert_int_equal(w.plan.winner_count, 3);
    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t j = 0; j < 3; j++) {
            const uint32_t a = w.plan.winners[i], b = w.plan.winners[j];
            assert_false(i != j && latency_of(&w, a) < latency_of(&w, b) &&
                         percent_after(&w, a, EPOCHS) > percent_after(&w, b, EPOCHS) + 0.5);
        }
    hf_search_plan_free(&w.plan);
    make_world(&w, 2, HF_SEARCH_ACCURACY);
    w.settings.accuracy_floor_percent = 99;
    run(&w, 0);
    assert_int_equal(w.plan.winner_count, 0);
    assert_true(has_decision(&w.plan, "has the accuracy required"));
    hf_search_plan_free(&w.plan);
}

/* After three epochs the deep nets are behind; the best of them goes on all the same. */
static void deep_nets_get_their_time(void **state)
{
    (void)state;
    world w;
    make_world(&w, 1, HF_SEARCH_ACCURACY);
    for (uint32_t i = 0; i < COUNT; i++)
        w.slowness[i] = w.candidates[i].depth >= 20 ? 9 : 2;
    run(&w, 0);
    assert_true(has_decision(&w.plan, "goes on as the best of the deepest third"));
    hf_search_plan_free(&w.plan);
}

/* Stopped after any fact and continued: the same facts, the same winner. */
static void continues_where_it_was(void **state)
{
    (void)state;
    world whole;
    make_world(&whole, 3, HF_SEARCH_ACCURACY);
    run(&whole, 0);
    for (size_t stop = 1; stop < whole.fact_count; stop += 3) {
        world w;
        make_world(&w, 3, HF_SEARCH_ACCURACY);
        run(&w, stop);
        assert_int_equal(w.fact_count, stop);
        run(&w, 0);
        assert_int_equal(w.fact_count, whole.fact_count);
        assert_memory_equal(w.facts, whole.facts, w.fact_count * sizeof *w.facts);
        assert_int_equal(w.plan.winners[0], whole.plan.winners[0]);
        hf_search_plan_free(&w.plan);
    }
    hf_search_plan_free(&whole.plan);
}

/* When the time is over, the best so far is proved and nothing is trained any more. */
static void ends_when_the_time_is_over(void **state)
{
    (void)state;
    world w;
    make_world(&w, 5, HF_SEARCH_ACCURACY);
    run(&w, COUNT + 8); /* in the middle of the first rung */
    learn(&w, (hf_search_fact){.kind = HF_SEARCH_OUT_OF_TIME});
    const uint64_t before = w.epochs_spent;
    double best = 0;
    for (size_t i = 0; i < w.fact_count; i++)
        if (w.facts[i].kind == HF_SEARCH_TRAINED)
            best = fmax(best, w.facts[i].validation_percent);
    run(&w, 0);
    assert_int_equal(w.epochs_spent, before);
    assert_int_equal(w.plan.winner_count, 1);
    assert_true(early_percent(&w, w.plan.winners[0], 3) == best);
    assert_int_equal(w.facts[w.fact_count - 1].kind, HF_SEARCH_PROVED);
    assert_true(has_decision(&w.plan, "the time is over: the best so far is taken"));

    /* With more time the search goes on. What is trained on since its proof is proved again. */
    const uint32_t early = w.plan.winners[0];
    size_t left = 0;
    for (size_t i = 0; i < w.fact_count; i++)
        if (w.facts[i].kind != HF_SEARCH_OUT_OF_TIME)
            w.facts[left++] = w.facts[i];
    w.fact_count = left;
    w.settings.winners = 5; /* so that it is among them */
    run(&w, 0);
    bool finished = false, proved = false;
    for (size_t i = 0; i < w.fact_count; i++) {
        finished |= w.facts[i].candidate == early && w.facts[i].kind == HF_SEARCH_FINISHED;
        proved |= finished && w.facts[i].candidate == early && w.facts[i].kind == HF_SEARCH_PROVED;
    }
    assert_true(finished && proved);
    hf_search_plan_free(&w.plan);
}

/* Without a measurement or a result, a candidate is out; the others go on. */
static void failures_are_left_out(void **state)
{
    (void)state;
    world w;
    make_world(&w, 6, HF_SEARCH_ACCURACY);
    decide(&w);
    const uint32_t first = w.plan.todo[0];
    learn(&w, (hf_search_fact){.kind = HF_SEARCH_FAILED, .candidate = first});
    w.candidates[COUNT - 1].cannot_fit = "ROM: model and firmware take 300 KB, the limit is 250 KB";
    run(&w, 0);
    assert_int_equal(w.measured, COUNT - 2);
    assert_true(w.plan.winners[0] != first && w.plan.winners[0] != COUNT - 1);
    assert_true(has_decision(&w.plan, "it could not be measured"));
    assert_true(has_decision(&w.plan, "ROM: model and firmware take 300 KB"));
    hf_search_plan_free(&w.plan);
    for (uint32_t i = 0; i < COUNT; i++)
        w.candidates[i].cannot_fit = "MACs";
    w.fact_count = 0;
    decide(&w);
    assert_int_equal(w.plan.step, HF_SEARCH_DONE);
    assert_int_equal(w.plan.winner_count, 0);
    assert_true(has_decision(&w.plan, "no candidate can meet the limits"));
    hf_search_plan_free(&w.plan);
}

static void rungs_fit_the_budget(void **state)
{
    (void)state;
    world w;
    make_world(&w, 1, HF_SEARCH_ACCURACY);
    for (uint64_t budget = 60; budget < 2000; budget += 37) {
        const hf_search_rungs rungs = hf_search_plan_rungs(&w.settings, COUNT, budget);
        assert_true(rungs.total_epochs <= budget);
        assert_true(hf_search_entrants(&rungs) >= 2 && hf_search_entrants(&rungs) <= COUNT);
        assert_true(rungs.finalists >= 1 && (rungs.count == 0 || rungs.epochs[0] == 3));
        for (uint32_t r = 1; r < rungs.count; r++)
            assert_true(rungs.epochs[r] > rungs.epochs[r - 1] &&
                        rungs.candidates[r] <= rungs.candidates[r - 1]);
    }
    /* All fit: no rungs. */
    const hf_search_rungs all = hf_search_plan_rungs(&w.settings, COUNT, (uint64_t)COUNT * EPOCHS);
    assert_true(all.count == 0 && all.finalists == COUNT && all.total_epochs == (uint64_t)COUNT * EPOCHS);
    assert_int_equal(hf_search_entrants(&all), COUNT);
    const hf_search_rungs one = hf_search_plan_rungs(&w.settings, 1, 1);
    assert_int_equal(hf_search_entrants(&one), 1);
    /* Of a few, enough to compare them, and never more than training them all. */
    for (uint32_t few = 1; few < 10; few++)
        assert_true(hf_search_plan_rungs(&w.settings, few, 0).total_epochs <= (uint64_t)few * EPOCHS);
    /* More winners than variations. */
    w.settings.winners = 50;
    assert_int_equal(hf_search_plan_rungs(&w.settings, 4, 0).finalists, 4);
}

/* The loss only tells how well a network learns its training samples: whoever is best on validation samples goes on, too. */
static void the_best_on_validation_samples_goes_on(void **state)
{
    (void)state;
    world w;
    make_world(&w, 2, HF_SEARCH_ACCURACY);
    run(&w, COUNT);
    decide(&w);
    const uint32_t count = w.plan.todo_count;
    uint32_t entrants[COUNT] = {0};
    assert_true(count > 4 && count <= COUNT);
    for (uint32_t i = 0; i < count; i++)
        entrants[i] = w.plan.todo[i];
    for (uint32_t i = 0; i < count; i++)
        learn(&w, (hf_search_fact){.kind = HF_SEARCH_TRAINED,
                                   .candidate = entrants[i],
                                   .epochs = 3,
                                   .validation_percent = i + 1 == count ? 90 : 80,
                                   .loss = 1 + 0.1 * i});
    w.settings.accuracy_floor_percent = 88; /* of the end; here only one has it, and the order stays */
    decide(&w);
    bool goes_on = false;
    for (uint32_t i = 0; i < w.plan.todo_count; i++)
        goes_on |= w.plan.todo[i] == entrants[count - 1];
    assert_true(goes_on);
    assert_true(w.plan.todo[0] == entrants[0]);
    assert_true(has_decision(&w.plan, "goes on as the best on validation samples"));
    hf_search_plan_free(&w.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_best_with_a_quarter),
        cmocka_unit_test(keeps_the_latency_limit),
        cmocka_unit_test(finds_the_fastest),
        cmocka_unit_test(finds_a_front),
        cmocka_unit_test(deep_nets_get_their_time),
        cmocka_unit_test(continues_where_it_was),
        cmocka_unit_test(ends_when_the_time_is_over),
        cmocka_unit_test(failures_are_left_out),
        cmocka_unit_test(rungs_fit_the_budget),
        cmocka_unit_test(the_best_on_validation_samples_goes_on),
    };
    return cmocka_run_group_tests_name("search_decisions", tests, NULL, NULL);
}
