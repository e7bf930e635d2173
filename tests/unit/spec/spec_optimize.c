/* SPDX-License-Identifier: Apache-2.0 */
/* The `optimize` section, and the limits that only it checks. */
#include "check.h"

#define MODELS "models: [mobilenetv1_0.25_96_c3_o2]\n"
#define TRAIN  "train: {data: x.npy, epochs: 9}\n"

static hf_spec *parse(const char *text)
{
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_spec *spec = NULL;
    hf_status status = hf_spec_parse("dir/t.yaml", text, strlen(text), false, &spec, diagnostics, NULL);
    if (status != HF_OK) {
        char *found = hf_diagnostics_render(diagnostics);
        fail_msg("%s", found);
    }
    hf_diagnostics_free(diagnostics);
    return spec;
}

static void every_key(void **state)
{
    (void)state;
    hf_spec *spec = parse(
        "constraints: {latency: 40 ms, accuracy: 85.5 %}\n" MODELS TRAIN
        "optimize: {strategy: search, objective: front, weights: {accuracy: 2, rom: 0.5}, folder: ../out,\n"
        "           budget: 2 h, epochs: 300, seed: 7, first_rung: 4, growth: 2, candidates: 50,\n"
        "           winners: 5}\n");
    const hf_spec_optimization *o = &spec->optimization;
    assert_true(o->given && o->strategy == HF_SPEC_STRATEGY_SEARCH && o->goal == HF_SPEC_GOAL_FRONT);
    assert_true(o->weights.accuracy == 2 && o->weights.rom == 0.5 && o->weights.latency == 0 &&
                o->weights.ram == 0);
    assert_true(o->latency_limit_ms == 40 && o->accuracy_floor_percent == 85.5);
    assert_string_equal(o->folder, "dir/../out");
    assert_true(o->budget_ms == 7200000 && o->budget_epochs == 300 && o->seed == 7);
    assert_true(o->first_rung_epochs == 4 && o->growth == 2 && o->candidates == 50 && o->winners == 5);
    hf_spec_free(spec);
    spec = parse(MODELS "optimize: {strategy: paper, rom: tflite}\n");
    assert_int_equal(spec->optimization.rom, HF_SPEC_ROM_TFLITE);
    hf_spec_free(spec);
    spec = parse("optimize: {}\n" MODELS TRAIN "name: mine\n"); /* wherever the name stands */
    assert_string_equal(spec->optimization.folder, "dir/optimized/mine");
    hf_spec_free(spec);
    spec = parse(MODELS TRAIN "optimize: {}\n");
    assert_string_equal(spec->optimization.folder, "dir/optimized/t");
    assert_true(spec->optimization.first_rung_epochs == 3 && spec->optimization.growth == 3 &&
                spec->optimization.goal == HF_SPEC_GOAL_ACCURACY);
    hf_spec_free(spec);
    spec = parse(MODELS "optimize: {strategy: paper}\n"); /* explains without training */
    assert_int_equal(spec->optimization.strategy, HF_SPEC_STRATEGY_PAPER);
    hf_spec_free(spec);
    spec = parse(MODELS);
    assert_false(spec->optimization.given);
    hf_spec_free(spec);
}

/* @param says part of the messages */
static void must_refuse(const char *text, const char *says)
{
    char *found = spec_mistakes(text, strlen(text), false);
    if (!strstr(found, says))
        fail_msg("expected '%s' in '%s'", says, found);
    free(found);
}

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *optimize, *says;
    } cases[] = {
        {"first_rung: 2", "t.yaml:3:24: first_rung: \"2\", expected a whole number from 3 to 1000"},
        {"strategy: random", "strategy: \"random\", expected search or paper"},
        {"objective: speed", "objective: \"speed\", expected accuracy, latency or front"},
        {"objective: latency", "expected \"accuracy\" in \"constraints\""},
        {"objective: front, weights: {latency: 1}",
         "needs weights above 0 for accuracy and for another figure"},
        {"weights: {size: 1}", "unknown key \"size\" in weights"},
        {"rom: elf", "rom: \"elf\", expected image or tflite"},
        {"budgets: 2 h", "unknown key \"budgets\" in optimize, did you mean \"budget\"?"},
        {"rom: tflite", "t.yaml:3:12: optimize: rom is for \"strategy: paper\", and the strategy is search"},
        {"weights: {rom: 1}",
         "t.yaml:3:12: optimize: weights are for \"objective: front\", and the objective is accuracy"},
        {"strategy: paper, objective: front",
         "t.yaml:3:29: optimize: objective is for \"strategy: search\", and the strategy is paper"},
        {"strategy: paper, winners: 3", "optimize: winners is for \"strategy: search\""},
        {"budget: 0 s", "budget: \"0 s\" is out of range, expected 1 s to 720 h"},
        {"first_rung: 10", "first_rung has 10 epochs, but a whole training has 9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text, MODELS TRAIN "optimize: {%s}\n", cases[i].optimize);
        must_refuse(text, cases[i].says);
    }
    must_refuse("models: [{family: mobilenetv1, alpha: 0.25, resolution: 32, channels: 1, classes: 2, train: "
                "{epochs: 3}}]\n" TRAIN "optimize: {}\n",
                "t.yaml:1:10: models: mobilenetv1_0.25_32_c1_o2 has a \"train\" of its own, expected none");
    must_refuse(
        MODELS "train: {data: x.npy, teacher: mobilenetv1_0.25_96_c3_o2}\noptimize: {}\n",
        "t.yaml:2:1: train: teacher: mobilenetv1_0.25_96_c3_o2 is one of the variations that are compared");
    must_refuse("boards: [{id: v1, virtual: true}]\n", "t.yaml:1:1: this is a farm file, expected a spec");
    must_refuse("constraints: {latency: 5 ms}\n" MODELS,
                "t.yaml:1:15: constraints.latency: only \"optimize\" checks it");
    must_refuse(MODELS "optimize: {}\n",
                "t.yaml:2:11: optimize: a search trains, expected a section \"train\"");
    must_refuse(MODELS "train: {data: x, budget: 10 s}\noptimize: {}\n",
                "expected \"epochs\" instead of \"budget\"");
    must_refuse(MODELS "train: {data: x, validation: 0}\noptimize: {}\n", "expected \"validation\" above 0");
    must_refuse("models: [{tflite: my.tflite}]\n" TRAIN "optimize: {}\n",
                "expected only variations of families");
    must_refuse("models: [{name: mobilenetv1_0.25_96_c3_o2, weights: w.tflite}]\n" TRAIN "optimize: {}\n",
                "expected only variations of families");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_key), cmocka_unit_test(mistakes)};
    return cmocka_run_group_tests_name("spec_optimize", tests, NULL, NULL);
}
