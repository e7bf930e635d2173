/* SPDX-License-Identifier: Apache-2.0 */
/* Which jobs and boards a part of a sweep has, and how it is recorded. */
#include "fixture.h"

#include <stdlib.h>

#include "farm/partial_run.h"
#include "spec/run_config.h"

#define SPEC_TEXT                                                                                            \
    "name: sweep\n"                                                                                          \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [0.1, 0.2], resolution: 32, channels: 1, classes: 2}\n"                \
    "  - {family: mobilenetv2, alpha: [0.1, 0.2], resolution: 32, channels: 1, classes: 2}\n"
#define FARM_TEXT                                                                                            \
    "boards:\n"                                                                                              \
    "  - {id: a, virtual: true, chip: stm32l4r5zi}\n"                                                        \
    "  - {id: b, virtual: true, chip: stm32f767zi}\n"                                                        \
    "  - {id: c, virtual: true, chip: stm32l4r5zi}\n"

static hf_run_config config;
static hf_partial_run part;

static int set_up(void **state)
{
    (void)state;
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_error err = {0};
    config = (hf_run_config){0};
    assert_ok(
        hf_spec_parse("sweep.yaml", SPEC_TEXT, strlen(SPEC_TEXT), false, &config.spec, diagnostics, &err),
        &err);
    assert_ok(hf_farm_parse("farm.yaml", FARM_TEXT, strlen(FARM_TEXT), &config.farm, diagnostics, &err),
              &err);
    assert_ok(hf_farm_select(config.farm, config.spec, &config.selection, diagnostics, &err), &err);
    assert_ok(hf_partial_run_all(config.spec, &config.selection, &part, &err), &err);
    assert_int_equal(part.job_count, 8); /* four models on two chips */
    assert_int_equal(part.selected, 8);
    hf_diagnostics_free(diagnostics);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hf_partial_run_free(&part);
    hf_run_config_free(&config);
    return 0;
}

static void expect_jobs(const char *expected)
{
    char jobs[16] = "";
    for (uint32_t i = 0; i < part.job_count; i++)
        jobs[i] = part.jobs[i] ? 'x' : '.';
    assert_string_equal(jobs, expected);
}

static void patterns_select_models(void **state)
{
    (void)state;
    hf_error err = {0};
    assert_ok(hf_partial_run_only(&part, config.spec, "mobilenetv2_*,mobilenetv1_0.2_*", &err), &err);
    expect_jobs("..xxxxxx");
    assert_int_equal(part.selected, 6);
    assert_ok(hf_partial_run_only(&part, config.spec, "*_0.1_*", &err), &err); /* of those */
    expect_jobs("....xx..");
    assert_int_equal(hf_partial_run_only(&part, config.spec, "*_0.1_*,resnet*", &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "no model of sweep.yaml matches 'resnet*'"));
    expect_jobs("....xx.."); /* unchanged on failure */
}

static void boards_reduce_the_chips(void **state)
{
    (void)state;
    hf_error err = {0};
    assert_int_equal(hf_partial_run_boards(config.farm, "a,d", &config.selection, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "no board 'd', expected some of: a, b, c"));
    assert_int_equal(config.selection.board_count, 3);
    assert_ok(hf_partial_run_boards(config.farm, "c,b", &config.selection, &err), &err);
    assert_int_equal(config.selection.board_count, 2);
    assert_int_equal(config.selection.chip_count, 2);
    assert_ok(hf_partial_run_boards(config.farm, "b", &config.selection, &err), &err);
    assert_int_equal(config.selection.chip_count, 1);
    assert_string_equal(config.selection.chips[0]->name, "stm32f767zi");
}

static void failures_are_found_by_name_and_chip(void **state)
{
    (void)state;
    hf_error err = {0};
    const hf_spec_variation *models = config.spec->variations;
    hf_result_row *rows = calloc(5, sizeof *rows);
    assert_non_null(rows);
    rows[0] =
        (hf_result_row){.name = (char *)models[0].name, .chip = "stm32l4r5zi", .outcome = HF_RESULT_MEASURED};
    rows[1] =
        (hf_result_row){.name = (char *)models[0].name, .chip = "stm32f767zi", .outcome = HF_RESULT_FAILED};
    rows[2] =
        (hf_result_row){.name = (char *)models[3].name, .chip = "stm32l4r5zi", .outcome = HF_RESULT_NOT_RUN};
    rows[3] =
        (hf_result_row){.name = (char *)models[2].name, .chip = "stm32l4r5zi", .outcome = HF_RESULT_PRUNED};
    rows[4] = (hf_result_row){.name = "other", .chip = "stm32l4r5zi", .outcome = HF_RESULT_FAILED};
    const hf_report earlier = {
        .run = {.id = 7, .key = "20261130-12345678"}, .results = rows, .result_count = 5};
    assert_ok(hf_partial_run_failed(&part, config.spec, &config.selection, &earlier, &err), &err);
    expect_jobs(".x....x.");
    rows[1].outcome = rows[2].outcome = HF_RESULT_MEASURED;
    assert_int_equal(hf_partial_run_failed(&part, config.spec, &config.selection, &earlier, &err),
                     HF_EINVALID);
    assert_non_null(strstr(err.message, "in run 7 (20261130-12345678)"));
    free(rows);
}

/* What is recorded selects the same part again, and the text is still the same spec. */
static void the_record_restores_the_part(void **state)
{
    (void)state;
    hf_error err = {0};
    static const bool jobs[] = {true, false, true, true, true, false, false, true};
    char *boards = NULL, *found = NULL;
    memcpy(part.jobs, jobs, sizeof jobs);
    char *text = hf_partial_run_record(config.spec, &part, "a,b", " --only 'x'");
    assert_non_null(text);
    assert_non_null(strstr(text, "\n# hilfarm run: part of the sweep: --only 'x'\n"));
    assert_ok(hf_partial_run_recorded(text, config.spec, &boards, &found, &err), &err);
    assert_string_equal(boards, "a,b");
    assert_string_equal(found, "0,2-4,7");
    memset(part.jobs, 0, sizeof jobs);
    assert_ok(hf_partial_run_jobs(&part, found, &err), &err);
    expect_jobs("x.xxx..x");
    assert_int_equal(part.selected, 5);
    free(boards);
    free(found);

    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_spec *again = NULL;
    assert_ok(hf_spec_parse("sweep.yaml", text, strlen(text), false, &again, diagnostics, &err), &err);
    assert_int_equal(again->variation_count, config.spec->variation_count);
    hf_spec_free(again);
    hf_diagnostics_free(diagnostics);
    free(text);
}

static void whole_runs_and_damaged_records(void **state)
{
    (void)state;
    hf_error err = {0};
    char *boards = NULL, *found = NULL;
    const char *const whole[] = {SPEC_TEXT, SPEC_TEXT "# jobs: 1\n", "name: other\n", ""};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        assert_ok(hf_partial_run_recorded(whole[i], config.spec, &boards, &found, &err), &err);
        assert_null(boards);
        assert_null(found);
    }
    assert_int_equal(hf_partial_run_recorded(SPEC_TEXT "\n# hilfarm run: part of the sweep: --only 'x'\n",
                                             config.spec, &boards, &found, &err),
                     HF_EINVALID);
    static const char *const damaged[] = {"", "8", "3-2", "1-8", "x", "1,,2", "1 2", "-1", "1-"};
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++)
        if (hf_partial_run_jobs(&part, damaged[i], NULL) != HF_EINVALID)
            fail_msg("'%s' was accepted", damaged[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(patterns_select_models),
        TEST(boards_reduce_the_chips),
        TEST(failures_are_found_by_name_and_chip),
        TEST(the_record_restores_the_part),
        TEST(whole_runs_and_damaged_records),
    };
    return cmocka_run_group_tests_name("farm_partial_run", tests, NULL, NULL);
}
