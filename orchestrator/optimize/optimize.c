/* SPDX-License-Identifier: Apache-2.0 */
#include "optimize/optimize.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "state.h"

/* ---- Opening ---- */

static hf_search_settings settings_of(const hf_spec *spec)
{
    const hf_spec_optimization *o = &spec->optimization;
    static const hf_search_goal goals[] = {[HF_SPEC_GOAL_ACCURACY] = HF_SEARCH_ACCURACY,
                                           [HF_SPEC_GOAL_LATENCY] = HF_SEARCH_LATENCY,
                                           [HF_SPEC_GOAL_FRONT] = HF_SEARCH_FRONT};
    const uint32_t usual = o->goal == HF_SPEC_GOAL_FRONT ? 3 : 1;
    return (hf_search_settings){.goal = goals[o->goal],
                                .accuracy_weight = o->weights.accuracy,
                                .latency_weight = o->weights.latency,
                                .rom_weight = o->weights.rom,
                                .ram_weight = o->weights.ram,
                                .latency_limit_ns = (double)o->latency_limit_ms * 1e6,
                                .accuracy_floor_percent = o->accuracy_floor_percent,
                                .epochs = spec->training.epochs,
                                .first_rung_epochs = o->first_rung_epochs,
                                .growth = o->growth,
                                .budget_epochs = o->budget_epochs,
                                .max_measured = o->candidates,
                                .winners = o->winners ? o->winners : usual,
                                .seed = o->seed};
}

static bool is_paper(const hf_optimizer *o)
{
    return o->options.spec->optimization.strategy == HF_SPEC_STRATEGY_PAPER;
}

static hf_status decide(hf_optimizer *o, hf_error *err)
{
    hf_search_plan plan = {0};
    if (is_paper(o))
        return hf_paper_plan(o, err);
    hf_status status = hf_search_next(&o->settings, o->space.candidates, o->space.count, o->facts.items,
                                      o->facts.count, &plan, err);
    if (status != HF_OK)
        return status;
    hf_search_plan_free(&o->plan);
    o->plan = plan;
    return HF_OK;
}

hf_status hf_optimizer_open(const hf_optimize_options *options, hf_optimizer **out, hf_error *err)
{
    hf_optimizer *o = calloc(1, sizeof *o);
    if (!o)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a search");
    o->options = *options;
    o->settings = settings_of(options->spec);
    o->journal_fd = -1;
    o->started_ns = hf_now_ns();
    hf_status status = hf_space_analyse(options, &o->space, err);
    o->facts.results = calloc(o->space.count + 1, sizeof *o->facts.results);
    o->facts.has_result = calloc(o->space.count + 1, sizeof *o->facts.has_result);
    if (status == HF_OK && (!o->facts.results || !o->facts.has_result))
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a search");
    if (status == HF_OK && is_paper(o))
        status = hf_paper_start(o, err);
    if (status == HF_OK)
        status = hf_journal_open(o, err);
    if (status == HF_OK)
        status = hf_optimizer_check_models(o, err);
    if (status == HF_OK)
        status = decide(o, err);
    if (status == HF_OK)
        *out = o;
    else
        hf_optimizer_close(o);
    return status;
}

void hf_optimizer_close(hf_optimizer *o)
{
    if (!o)
        return;
    for (uint32_t i = 0; i < o->point_count; i++)
        free(o->points[i].tflite_path);
    free(o->points);
    hf_search_plan_free(&o->plan);
    hf_paper_path_free(&o->path);
    hf_space_free(&o->space);
    free(o->facts.items);
    free(o->facts.results);
    free(o->facts.has_result);
    if (o->journal_fd >= 0)
        close(o->journal_fd);
    free(o->journal_path);
    free(o);
}

/* ---- Steps ---- */

static void say_step(const hf_optimizer *o)
{
    const hf_search_plan *plan = &o->plan;
    const char *s = plan->todo_count == 1 ? "" : "s";
    switch (plan->step) {
    case HF_SEARCH_MEASURE:
        hf_optimizer_say(o, "== measuring %" PRIu32 " variation%s with generated weights", plan->todo_count,
                         s);
        break;
    case HF_SEARCH_TRAIN:
        hf_optimizer_say(o, "== training %" PRIu32 " variation%s until epoch %" PRIu32, plan->todo_count, s,
                         plan->epochs);
        break;
    case HF_SEARCH_FINISH:
        hf_optimizer_say(o, "== training %" PRIu32 " variation%s to the end, epoch %" PRIu32,
                         plan->todo_count, s, o->options.spec->training.epochs);
        break;
    case HF_SEARCH_PROVE:
        hf_optimizer_say(o, "== measuring %" PRIu32 " %s%s with %s weights", plan->todo_count,
                         is_paper(o) ? "variation" : "winner", s,
                         o->options.spec->training.data_path ? "trained" : "generated");
        break;
    case HF_SEARCH_ANALYSE:
    case HF_SEARCH_DONE:
        break;
    }
}

static hf_status note_measured(hf_optimizer *o, bool proving, const hf_optimize_result *result, hf_error *err)
{
    const uint32_t candidate = result->variation;
    const char *name = o->space.candidates[candidate].name;
    if (result->measured)
        return hf_journal_add(o,
                              (hf_search_fact){.kind = proving ? HF_SEARCH_PROVED : HF_SEARCH_MEASURED,
                                               .candidate = candidate,
                                               .value = result->latency_ns},
                              proving ? result : NULL, err);
    hf_optimizer_say(o, "%s is out: %s", name, result->message);
    if (!result->is_final) /* the boards' fault: it is not the variation that is out */
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EBUSY,
                          "%s was not measured: %.300s; the same command tries again", name, result->message);
    return hf_journal_add(o, (hf_search_fact){.kind = HF_SEARCH_FAILED, .candidate = candidate}, NULL, err);
}

static hf_status measure(hf_optimizer *o, hf_error *err)
{
    const bool proving = o->plan.step == HF_SEARCH_PROVE;
    const uint32_t count = o->plan.todo_count;
    hf_optimize_result *results = calloc(count, sizeof *results);
    char **weights = calloc(count, sizeof *weights);
    hf_status status = HF_OK;
    bool failed = !results || !weights;
    const bool trained = proving && o->options.spec->training.data_path;
    for (uint32_t i = 0; i < count && trained && !failed; i++) {
        weights[i] = hf_optimizer_weights_path(o, o->plan.todo[i]);
        failed = !weights[i];
    }
    if (failed)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u measurements", count);
    hf_buffer decisions = HF_BUFFER_INIT;
    hf_optimizer_put_decisions(o, &decisions);
    const hf_optimize_measurement what = {.variations = o->plan.todo,
                                          .count = count,
                                          .weights = trained ? (const char *const *)weights : NULL,
                                          .decisions = hf_buffer_text(&decisions)};
    if (status == HF_OK)
        status = o->options.boards.measure(o->options.boards.user, &what, results, err);
    for (uint32_t i = 0; i < count && status == HF_OK; i++)
        if (results[i].measured)
            status = note_measured(o, proving, &results[i], err);
    for (uint32_t i = 0; i < count && status == HF_OK; i++)
        if (!results[i].measured)
            status = note_measured(o, proving, &results[i], err);
    hf_buffer_free(&decisions);
    for (uint32_t i = 0; i < count && weights; i++)
        free(weights[i]);
    free(weights);
    free(results);
    return status;
}

static hf_status end_of_time(hf_optimizer *o, hf_error *err)
{
    hf_optimizer_say(o, "== the time is over after %.0f s: the best so far is taken",
                     hf_optimizer_seconds(o));
    return hf_journal_add(o, (hf_search_fact){.kind = HF_SEARCH_OUT_OF_TIME}, NULL, err);
}

static bool is_over(const hf_optimizer *o)
{
    const double budget = (double)o->options.spec->optimization.budget_ms / 1000;
    if (hf_facts_have(o, HF_SEARCH_OUT_OF_TIME, 0))
        return false; /* known already */
    return budget > 0 && hf_optimizer_seconds(o) >= budget && o->plan.step != HF_SEARCH_PROVE;
}

static hf_status do_step(hf_optimizer *o, hf_error *err)
{
    if (is_over(o))
        return end_of_time(o, err);
    say_step(o);
    if (o->plan.step == HF_SEARCH_MEASURE || o->plan.step == HF_SEARCH_PROVE)
        return measure(o, err);
    const hf_status status = hf_optimizer_train(o, err);
    return status == HF_ETIMEOUT ? end_of_time(o, err) : status;
}

hf_status hf_optimizer_run(hf_optimizer *o, hf_error *err)
{
    hf_status status = HF_OK;
    size_t told = 0;
    while (status == HF_OK) {
        for (; told < o->plan.decision_count; told++) {
            const hf_search_decision *d = &o->plan.decisions[told];
            hf_optimizer_say(o, "%s%s%s", d->candidate < 0 ? "" : o->space.candidates[d->candidate].name,
                             d->candidate < 0 ? "" : ": ", d->reason);
        }
        if (o->plan.step == HF_SEARCH_DONE)
            break;
        status = do_step(o, err);
        if (status == HF_OK)
            status = decide(o, err);
    }
    return status == HF_OK ? hf_optimizer_collect(o, err) : status;
}
