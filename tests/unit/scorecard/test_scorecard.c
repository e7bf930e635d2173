/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of a scorecard against the published ones, against the compiler, and against each other. */
#include "hf_test.h"

#include "graph/analysis.h"
#include "random_variation.h"
#include "report/limit_verdicts.h"
#include "scorecard/latency_estimate.h"
#include "scorecard/limit_checks.h"
#include "scorecard/pruning.h"
#include "scorecard/scorecard.h"
#include "weights/weights.h"

static void assert_ok(hf_status status, const hf_error *err)
{
    if (status != HF_OK)
        fail_msg("%s: %s", hf_status_name(status), err->message);
}

static hf_graph *build(const char *name)
{
    hf_variation variation;
    hf_graph *graph = NULL;
    hf_error err = {0};
    assert_ok(hf_variation_parse(name, &variation, &err), &err);
    assert_ok(hf_variation_build(&variation, &graph, &err), &err);
    return graph;
}

static hf_scorecard score(const hf_graph *graph, const hf_image *image, bool quick)
{
    const hf_chip *chips[] = {hf_chip_at(0), hf_chip_at(1)};
    const hf_scorecard_options options = {.chips = chips, .chip_count = 2, .image = image, .quick = quick};
    hf_scorecard card = {0};
    hf_error err = {0};
    assert_ok(hf_scorecard_make(graph, "family", &options, &card, &err), &err);
    return card;
}

/* Brockmann & Schlippe 2024, the tables of sections 6.2 and 6.5.5; peak memory in
 * KB with one decimal, which one row rounds up (56.25) and another cuts off (110.66). */
static void published_figures_are_reproduced(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double peak_kb;
        int64_t macs, params;
    } rows[] = {
        {"mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3", 148.5, 21893563, 171743},
        {"mobilenetv3smallNSQ_0.3_96_c3_o2_l32pl128", 110.6, 6191720, 78664},
        {"mobilenetv1_0.25_96_c3_o2", 54.0, 7489664, 221794},
        {"shufflenetv1_0.25_96_c3_o2_g1", 81.0, 3184560, 71030},
        {"mobilenetv2_0.25_96_c3_o2_t5l256", 56.3, 3886352, 138366},
        {"shufflenetv2_0.1_96_c3_o2_l128", 78.8, 2741080, 56058},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hf_graph *graph = build(rows[i].name);
        hf_scorecard card = score(graph, NULL, false);
        assert_int_equal(card.macs, rows[i].macs);
        assert_int_equal(card.params, rows[i].params);
        assert_float_equal((double)card.peak_memory_bytes / 1024, rows[i].peak_kb, 0.0999);
        assert_string_equal(card.name, rows[i].name);
        hf_scorecard_free(&card);
        hf_graph_free(graph);
    }
}

static void check_sums(const hf_scorecard *card)
{
    int64_t macs = 0, params = 0, deployed = 0, bytes = 0, peak = 0;
    double cycles[2] = {0, 0};
    for (int32_t i = 0; i < card->layer_count; i++) {
        const hf_scorecard_layer *layer = &card->layers[i];
        macs += layer->figures.macs;
        params += layer->figures.params;
        deployed += layer->figures.params_deployed;
        bytes += layer->figures.parameter_bytes;
        peak = layer->figures.live_bytes > peak ? layer->figures.live_bytes : peak;
        for (int c = 0; c < 2; c++) {
            assert_true(layer->cycles[c] >= 0);
            cycles[c] += layer->cycles[c];
        }
    }
    assert_int_equal(macs, card->macs);
    assert_int_equal(params, card->params);
    assert_int_equal(deployed, card->params_deployed);
    assert_int_equal(bytes, card->parameter_bytes);
    assert_int_equal(peak, card->peak_memory_bytes);
    assert_int_equal(card->layers[card->peak_memory_layer].figures.live_bytes, peak);
    assert_string_equal(card->layers[card->peak_memory_layer].figures.name, card->peak_memory_name);
    assert_int_equal(card->latency_count, 2);
    for (int c = 0; c < 2; c++) {
        assert_float_equal(card->latencies[c].cycles, cycles[c], 1e-6 * cycles[c]);
        /* At most four multiply-accumulates per cycle, and more than one in 1000 cycles. */
        assert_true(cycles[c] > (double)macs / 4 && cycles[c] < 1000.0 * (double)macs + 1e7);
        assert_float_equal(card->latencies[c].ns, cycles[c] * 1e9 / card->latencies[c].chip->clock_hz, 1);
    }
    assert_true(card->params_non_trainable <= card->params);
}

/* A random variation that can be built and is small enough for weights; NULL if this one is not. */
static hf_graph *draw(const hf_family *family, uint32_t *random, int64_t most_macs)
{
    hf_variation variation = random_variation(family, random);
    hf_graph *graph = NULL;
    hf_error err = {0};
    variation.factors[HF_FACTOR_RESOLUTION] = random_whole(random, 32, 112);
    variation.factors[HF_FACTOR_ALPHA] = random_whole(random, 10, 60) / 100;
    variation.factors[HF_FACTOR_CLASSES] = random_whole(random, 2, 30);
    if (hf_variation_check(&variation, &err) != HF_OK ||
        hf_variation_build(&variation, &graph, &err) != HF_OK)
        return NULL;
    hf_analysis analysis;
    assert_ok(hf_analyze(graph, &analysis, &err), &err);
    int64_t macs = analysis.macs;
    hf_analysis_free(&analysis);
    if (macs <= most_macs)
        return graph;
    hf_graph_free(graph);
    return NULL;
}

static void layers_add_up(void **state)
{
    (void)state;
    uint32_t random = 7;
    int done = 0;
    for (uint32_t f = 0; hf_family_at(f); f++)
        for (int i = 0; i < 100; i++) {
            hf_graph *graph = draw(hf_family_at(f), &random, INT64_MAX);
            if (!graph)
                continue;
            hf_scorecard card = score(graph, NULL, true);
            check_sums(&card);
            assert_true(card.arena_bytes_min <= card.arena_bytes);
            hf_scorecard_free(&card);
            hf_graph_free(graph);
            done++;
        }
    assert_true(done > 150);
}

/* Forecasts without weights match the compiler: the plan exactly; the size within its bounds and, because few layers
 * need wide parameters, within 2 % of the lower bound. */
static void forecasts_match_the_compiler(void **state)
{
    (void)state;
    uint32_t random = 11;
    int done = 0;
    for (uint32_t f = 0; hf_family_at(f); f++)
        for (int i = 0; i < 14; i++) {
            hf_graph *graph = draw(hf_family_at(f), &random, 5000000);
            hf_error err = {0};
            hf_image image = {0};
            hf_image_forecast forecast;
            if (!graph)
                continue;
            hf_scorecard quick = score(graph, NULL, true), full = score(graph, NULL, false);
            assert_ok(hf_forecast(graph, &(hf_compile_options){0}, false, &forecast, &err), &err);
            assert_ok(hf_weights_generate(graph, 1, &err), &err);
            assert_ok(hf_compile(graph, &image, &err), &err);
            hf_scorecard card = score(graph, &image, false);
            assert_true(hf_scorecard_arena_is_exact(&full));
            assert_int_equal(full.arena_bytes, image.arena_bytes);
            assert_int_equal(card.arena_bytes, image.arena_bytes);
            assert_true(quick.arena_bytes_min <= image.arena_bytes && image.arena_bytes <= quick.arena_bytes);
            assert_true(card.model_bytes_exact);
            assert_int_equal(card.model_bytes, image.size);
            assert_true(forecast.image_bytes_min <= image.size && image.size <= forecast.image_bytes_max);
            assert_true(forecast.image_bytes_min <= forecast.image_bytes);
            assert_int_equal(quick.model_bytes, forecast.image_bytes);
            if (image.size > forecast.image_bytes + forecast.image_bytes / 50)
                fail_msg("%s: %zu bytes, forecast %zu", graph->name, image.size,
                         (size_t)forecast.image_bytes);
            done++;
            hf_scorecard_free(&quick);
            hf_scorecard_free(&full);
            hf_scorecard_free(&card);
            hf_image_free(&image);
            hf_graph_free(graph);
        }
    assert_true(done > 10);
}

/* Every kernel that the families use has coefficients on every chip. */
static void every_operator_is_estimated(void **state)
{
    (void)state;
    static const char *const names[] = {"mobilenetv1_0.25_96_c3_o2", "mobilenetv2_0.25_96_c3_o2_t5l256",
                                        "mobilenetv3smallSQ_0.3_96_c3_o2_l32pl128",
                                        "shufflenetv1_0.8_96_c3_o2_g2", "shufflenetv2_0.1_96_c3_o2_l128"};
    bool seen[HF_KERNEL_COUNT] = {0};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        hf_graph *graph = build(names[i]);
        hf_image_forecast forecast;
        hf_work work = {0};
        hf_error err = {0};
        assert_ok(hf_forecast_work(graph, &(hf_compile_options){0}, false, &forecast, &work, &err), &err);
        for (uint32_t k = 0; k < work.count; k++) {
            for (uint32_t c = 0; hf_chip_at(c); c++) {
                const hf_cost_table *table = hf_cost_table_of(hf_chip_at(c));
                assert_non_null(table);
                assert_true(table->error_percent > 0 && table->error_percent <= table->quick_error_percent);
                if (hf_cost_cycles(table, &work.ops[k]) <= 0)
                    fail_msg("%s on %s: no estimate of %s", graph->nodes[work.ops[k].node].name,
                             hf_chip_at(c)->name, hf_kernel_name(work.ops[k].kernel));
            }
            seen[work.ops[k].kernel] = true;
        }
        hf_work_free(&work);
        hf_graph_free(graph);
    }
    int count = 0;
    for (int k = 0; k < HF_KERNEL_COUNT; k++)
        count += seen[k];
    assert_true(count >= 11);
}

static void limits_have_margins(void **state)
{
    (void)state;
    hf_scorecard card = {.arena_bytes = 75,
                         .arena_bytes_min = 75,
                         .model_bytes = 150,
                         .model_bytes_range = {150, 150},
                         .macs = 100};
    hf_scorecard_check checks[HF_LIMIT_KINDS];
    hf_limits limits = {.ram_bytes = 100, .rom_bytes = 100, .macs = 100};
    /* Without a firmware file only MACs can be met. */
    hf_scorecard_check_limits(&card, &limits, NULL, checks);
    assert_int_equal(checks[0].verdict, HF_VERDICT_OPEN);
    assert_int_equal(checks[1].verdict, HF_VERDICT_MISSED);
    assert_int_equal(checks[2].verdict, HF_VERDICT_MET);
    assert_float_equal(checks[0].margin, 0.25, 1e-12);
    assert_float_equal(checks[1].margin, -0.5, 1e-12);
    assert_float_equal(checks[2].margin, 0, 1e-12);
    limits = (hf_limits){0};
    hf_scorecard_check_limits(&card, &limits, NULL, checks);
    for (size_t i = 0; i < HF_LIMIT_KINDS; i++)
        assert_true(checks[i].verdict == HF_VERDICT_NONE && checks[i].limit == 0);
}

/* The boundaries of each verdict with the firmware of two chips. */
static void limits_include_the_firmware(void **state)
{
    (void)state;
    const hf_scorecard card = {
        .arena_bytes = 80, .arena_bytes_min = 75, .model_bytes_range = {150, 160}, .model_bytes = 155};
    hf_firmware_bounds firmware = {0};
    hf_firmware_bounds_add(&firmware,
                           &(hf_firmware_footprint){.flash_bytes = 40, .static_bytes = 6, .stack_bytes = 20});
    hf_firmware_bounds_add(&firmware,
                           &(hf_firmware_footprint){.flash_bytes = 30, .static_bytes = 5, .stack_bytes = 22});
    static const struct {
        int64_t ram, rom;
        hf_verdict ram_verdict, rom_verdict;
    } cases[] = {
        {79, 179, HF_VERDICT_MISSED, HF_VERDICT_MISSED}, /* 75 + 5, 150 + 30 */
        {80, 180, HF_VERDICT_OPEN, HF_VERDICT_OPEN},
        {107, 199, HF_VERDICT_OPEN, HF_VERDICT_OPEN},
        {108, 200, HF_VERDICT_MET, HF_VERDICT_MET}, /* 80 + 6 + 22, 160 + 40 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const hf_limits limits = {.ram_bytes = cases[i].ram, .rom_bytes = cases[i].rom};
        hf_scorecard_check checks[HF_LIMIT_KINDS];
        hf_scorecard_check_limits(&card, &limits, &firmware, checks);
        assert_int_equal(checks[0].verdict, cases[i].ram_verdict);
        assert_int_equal(checks[1].verdict, cases[i].rom_verdict);
        assert_true(checks[0].value == 80 && checks[0].most == 108);
        assert_true(checks[1].value == 180 && checks[1].most == 200);
    }
}

static void pruning_gives_its_reasons(void **state)
{
    (void)state;
    const hf_limits limits = {.ram_bytes = 256000, .rom_bytes = 256000, .macs = 60000000};
    const hf_limits none = {0};
    const hf_chip *chip = hf_chip_at(0);
    const hf_firmware_footprint firmware = {.flash_bytes = 20480, .static_bytes = 2048, .stack_bytes = 4096};
    char why[HF_CANNOT_FIT_SIZE];
    assert_false(hf_cannot_fit(&limits, chip, NULL, limits.ram_bytes, limits.rom_bytes, limits.macs, why));
    assert_string_equal(why, "");
    assert_true(hf_cannot_fit(&limits, NULL, NULL, limits.ram_bytes + 1, 0, 0, why));
    assert_string_equal(why, "RAM: the arena alone takes 256001, the limit is 256000");
    assert_true(hf_cannot_fit(&limits, NULL, NULL, 0, 307200, 0, why));
    assert_string_equal(why, "ROM: the model alone takes 300.0 KB, the limit is 250.0 KB");
    assert_true(hf_cannot_fit(&limits, NULL, NULL, 307200, 0, 73200000, why));
    assert_non_null(strstr(why, "; MACs: an inference takes 73.2 M, the limit is 60.0 M"));
    /* The known sizes of the firmware count exactly. The stack does not: a run may use less. */
    assert_false(hf_cannot_fit(&limits, chip, &firmware, 256000 - 2048, 256000 - 20480, 0, why));
    assert_true(hf_cannot_fit(&limits, chip, &firmware, 256000 - 2048, 256001 - 20480, 0, why));
    assert_string_equal(why, "ROM: model and firmware take 256001, the limit is 256000");
    assert_true(hf_cannot_fit(&limits, chip, &firmware, 256001 - 2048, 0, 0, why));
    assert_string_equal(why, "RAM: arena and static data take 256001, the limit is 256000");
    /* Without limits the chip itself is the limit. */
    assert_false(hf_cannot_fit(&none, chip, NULL, chip->ram_bytes, chip->model_bytes, INT64_MAX, why));
    assert_true(hf_cannot_fit(&none, chip, NULL, (int64_t)chip->ram_bytes + 1024, 0, 0, why));
    assert_non_null(strstr(why, chip->name));
    assert_true(hf_cannot_fit(&none, chip, &firmware, (int64_t)chip->ram_bytes - 2047, 0, 0, why));
    assert_true(hf_cannot_fit(&none, chip, NULL, 0, (int64_t)chip->model_bytes + 1, 0, why));
    /* All reasons together fit into the buffer. */
    assert_true(hf_cannot_fit(&limits, chip, &firmware, INT32_MAX, INT32_MAX, INT64_MAX, why));
    assert_true(strlen(why) < HF_CANNOT_FIT_SIZE);
}

static void arena_limit_respects_limit_and_chip(void **state)
{
    (void)state;
    const hf_chip *chip = hf_chip_find("stm32f767zi");
    const hf_firmware_footprint firmware = {.flash_bytes = 24000, .static_bytes = 3000, .stack_bytes = 2000};
    const hf_limits none = {0};
    const hf_limits limits = {.ram_bytes = 100000};
    const hf_limits beyond = {.ram_bytes = 1 << 20};
    const hf_limits tiny = {.ram_bytes = 4000};
    assert_int_equal(hf_arena_limit_bytes(&none, NULL, &firmware, 0), 0);
    assert_int_equal(hf_arena_limit_bytes(&limits, NULL, NULL, 0), 100000);
    assert_int_equal(hf_arena_limit_bytes(&limits, chip, &firmware, 50000), 95000);
    assert_int_equal(hf_arena_limit_bytes(&none, chip, &firmware, 50000), chip->ram_bytes - 55000);
    assert_int_equal(hf_arena_limit_bytes(&beyond, chip, &firmware, 0), chip->ram_bytes - 5000);
    assert_int_equal(hf_arena_limit_bytes(&tiny, NULL, &firmware, 0), 1); /* none is small enough */
}

static void images_for_several_chips_meet_the_tightest_limit(void **state)
{
    (void)state;
    const hf_chip *chips[] = {hf_chip_at(0), hf_chip_at(1)};
    const hf_firmware_footprint firmwares[] = {{.static_bytes = 3000, .stack_bytes = 2000},
                                               {.static_bytes = 300000, .stack_bytes = 1000}};
    const hf_limits none = {0}, small = {.ram_bytes = 10000};
    hf_compile_options options = hf_compile_options_for(HF_OBJECTIVE_RAM, &none, NULL, NULL, 0, 100);
    assert_int_equal(options.objective, HF_OBJECTIVE_RAM);
    assert_int_equal(options.arena_limit_bytes, 0);
    options = hf_compile_options_for(HF_OBJECTIVE_TIME, &small, NULL, NULL, 0, 100);
    assert_int_equal(options.arena_limit_bytes, 10000);
    options = hf_compile_options_for(HF_OBJECTIVE_TIME, &none, chips, NULL, 1, 100);
    assert_int_equal(options.arena_limit_bytes, chips[0]->ram_bytes - 100);
    options = hf_compile_options_for(HF_OBJECTIVE_TIME, &none, chips, firmwares, 2, 100);
    assert_int_equal(options.arena_limit_bytes, chips[1]->ram_bytes - 100 - 301000);
    options = hf_compile_options_for(HF_OBJECTIVE_TIME, &small, chips, firmwares, 1, 100);
    assert_int_equal(options.arena_limit_bytes, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_figures_are_reproduced),
        cmocka_unit_test(layers_add_up),
        cmocka_unit_test(forecasts_match_the_compiler),
        cmocka_unit_test(every_operator_is_estimated),
        cmocka_unit_test(limits_have_margins),
        cmocka_unit_test(limits_include_the_firmware),
        cmocka_unit_test(pruning_gives_its_reasons),
        cmocka_unit_test(arena_limit_respects_limit_and_chip),
        cmocka_unit_test(images_for_several_chips_meet_the_tightest_limit),
    };
    return cmocka_run_group_tests_name("analysis_scorecard", tests, NULL, NULL);
}
