/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "board/board.h"
#include "cli_fixture.h"
#include "farm/prepare.h"
#include "hf_test.h"

/* `hilfarm analyze` as a user or a script runs it. It needs no store, farm or firmware. */

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("expected \"%s\" in:\n%s", part, text);
}

static int analyze(cli_fixture *fixture, const char *const *words)
{
    const char *argv[24] = {cli_program("hilfarm"), "analyze"};
    int count = 2;
    while (*words && count < 23)
        argv[count++] = *words++;
    argv[count] = NULL;
    assert_true(process_start(&fixture->child, argv));
    return process_wait_exit(&fixture->child, RUN_DEADLINE_MS);
}

#define ANALYZE(fixture, ...) analyze(fixture, (const char *const[]){__VA_ARGS__, NULL})

static void test_names_are_scored(void **state)
{
    cli_fixture *fixture = *state;
    assert_int_equal(
        ANALYZE(fixture, "mobilenetv1_0.25_96_c3_o2", "--ram", "250KB", "--rom", "200 KB", "--macs", "60M"),
        0);
    assert_contains(fixture->child.output, "7489664");
    assert_contains(fixture->child.output, "block1/pointwise");
    assert_contains(fixture->child.output, "FAILED");
    assert_contains(fixture->child.output, "estimated (modelled) on stm32l4r5zi");
    assert_int_equal(ANALYZE(fixture, "mobilenetv1_0.25_96_c3_o2", "--json"), 0);
    assert_int_equal(fixture->child.output[0], '{');
    assert_contains(fixture->child.output, "\"model_bytes_exact\": true");
    assert_int_equal(ANALYZE(fixture, "mobilenetv1_0.2_96_c3_o2", "mobilenetv1_0.1_96_c3_o2", "--json",
                             "--pareto", "macs,-params"),
                     0);
    assert_int_equal(fixture->child.output[0], '[');
    assert_int_equal(
        ANALYZE(fixture, "mobilenetv1_0.2_96_c3_o2", "mobilenetv1_0.1_96_c3_o2", "--csv", "--sort", "macs"),
        0);
    const char *small = strstr(fixture->child.output, "mobilenetv1_0.1_96");
    assert_non_null(small);
    assert_true(small < strstr(fixture->child.output, "mobilenetv1_0.2_96"));
}

static void test_limits_of_specs(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec =
        cli_write(fixture, "sweep.yaml",
                  "constraints: {ram: 30 KB}\n"
                  "models: [{family: mobilenetv1, alpha: [0.1, 0.5], resolution: 96, channels: 3, "
                  "classes: 2}]\n");
    char page[160];
    snprintf(page, sizeof page, "%s/page.html", fixture->folder);
    assert_int_equal(ANALYZE(fixture, spec, "--html", page), 0);
    const char *wide = strstr(fixture->child.output, "mobilenetv1_0.5_96_c3_o2");
    assert_non_null(wide);
    assert_contains(wide, "RAM");
    assert_int_equal(access(page, R_OK), 0);
    assert_int_equal(ANALYZE(fixture, spec, "--pareto", "accuracy,latency"), 2); /* the spec gives none */
    assert_contains(fixture->child.output, "no model has an accuracy");
    const char *given = cli_write(fixture, "given.yaml",
                                  "models: [{name: mobilenetv1_0.1_32_c1_o2, accuracy: 71},"
                                  " {name: mobilenetv1_0.2_32_c1_o2, accuracy: 70}]\n");
    assert_int_equal(ANALYZE(fixture, given, "--pareto", "accuracy,latency"), 0);
    assert_contains(fixture->child.output, "front: no other model is better in more accuracy and latency");
    assert_contains(fixture->child.output, "71.0 %");
    /* A limit on the command line overrides the spec. */
    assert_int_equal(ANALYZE(fixture, spec, "--ram", "1MB", "--csv"), 0);
    assert_null(strstr(fixture->child.output, "RAM"));
}

/* The arena that a run on boards of a chip would use, from what a run calls. */
static uint32_t arena_of_a_run(const char *name, const hf_chip *chip, int64_t ram_bytes)
{
    hf_prepared made = {0};
    hf_firmware_footprint firmware = {0};
    hf_error err = {0};
    hf_prepare_request request = {
        .limits = {.ram_bytes = ram_bytes}, .chips = &chip, .firmwares = &firmware, .chip_count = 1};
    assert_int_equal(hf_firmware_measure(getenv("HILFARM_FIRMWARE_DIR"), chip, &firmware, &err), HF_OK);
    if (hf_source_parse(name, &request.source, &err) || hf_prepare(&request, &made, &err))
        fail_msg("%s", err.message);
    const uint32_t bytes = made.arena_bytes;
    hf_prepared_free(&made);
    return bytes;
}

/* Limits decide how far an arena may grow to save time: the same for what is analysed and for what is run. */
static void test_images_are_those_of_a_run(void **state)
{
    cli_fixture *fixture = *state;
    static const char *const name = "mobilenetv1_0.2_32_c3_o2_l1ll16pl16";
    uint32_t least = UINT32_MAX, most = 0;
    for (uint32_t i = 0; hf_chip_at(i); i++)
        for (int kb = 8; kb <= 16; kb++) {
            const hf_chip *chip = hf_chip_at(i);
            const uint32_t arena = arena_of_a_run(name, chip, 1024 * (int64_t)kb);
            char ram[16], line[40];
            snprintf(ram, sizeof ram, "%dKB", kb);
            snprintf(line, sizeof line, "\"arena_bytes\": %u,", arena);
            assert_int_equal(ANALYZE(fixture, name, "--json", "--chip", chip->name, "--ram", ram), 0);
            assert_contains(fixture->child.output, line);
            least = arena < least ? arena : least;
            most = arena > most ? arena : most;
        }
    assert_true(least < most);
}

static void test_bad_input_is_exit_2(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "bad.yaml", "modles: []\n");
    const char *text = cli_write(fixture, "bad.tflite", "not a flatbuffer");
    static const char name[] = "mobilenetv1_0.25_96_c3_o2";
    assert_int_equal(ANALYZE(fixture, "mobilenetv9_0.25_96_c3_o2"), 2);
    assert_contains(fixture->child.output, "mobilenetv9");
    assert_int_equal(ANALYZE(fixture, "mobilenetv1_0.25_97x_c3_o2", name), 2);
    assert_int_equal(ANALYZE(fixture, spec), 2);
    assert_contains(fixture->child.output, "bad.yaml:1:1:");
    assert_int_equal(ANALYZE(fixture, text), 2);
    assert_contains(fixture->child.output, "bad.tflite");
    assert_int_equal(ANALYZE(fixture, "/nonexistent/model.tflite"), 2);
    /* The others are analysed nevertheless. */
    assert_int_equal(ANALYZE(fixture, text, "mobilenetv1_0.1_32_c1_o2", "mobilenetv1_0.2_32_c1_o2"), 2);
    assert_contains(fixture->child.output, "bad.tflite");
    assert_contains(fixture->child.output, "\nmobilenetv1_0.1_32_c1_o2 ");
    assert_contains(fixture->child.output, "\nmobilenetv1_0.2_32_c1_o2 ");
    assert_int_equal(ANALYZE(fixture, "/nonexistent/spec.yaml"), 2);
    assert_int_equal(ANALYZE(fixture, "/nonexistent/model"), 2);
    assert_int_equal(ANALYZE(fixture, "--json"), 2); /* no model */
    static const char *const options[][2] = {
        {"--ram", "250"},      {"--ram", "0KB"},     {"--ram", "-1KB"},     {"--macs", "many"},
        {"--sort", "beauty"},  {"--pareto", "macs"}, {"--chip", "z80"},     {"--pareto", "macs,x"},
        {"--frobnicate", "x"}, {"--rom", "250 KBB"}, {"--pareto", ",macs"}, {"--macs", "60MB"}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (ANALYZE(fixture, name, options[i][0], options[i][1]) != 2)
            fail_msg("%s %s was taken:\n%s", options[i][0], options[i][1], fixture->child.output);
        assert_contains(fixture->child.output, options[i][0]);
    }
    assert_int_equal(ANALYZE(fixture, name, "--json", "--csv"), 2);
}

static void test_files_are_scored(void **state)
{
    cli_fixture *fixture = *state;
    HF_TEST_NEEDS_SHARED(model, "models/vww_96_int8.tflite");
    assert_int_equal(ANALYZE(fixture, model, "--json", "--chip", "stm32f767zi"), 0);
    assert_contains(fixture->child.output, "\"name\": \"vww_96_int8\"");
    assert_contains(fixture->child.output, "\"macs\": 7489664");
    assert_null(strstr(fixture->child.output, "stm32l4r5zi"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_are_scored, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_limits_of_specs, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_images_are_those_of_a_run, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_bad_input_is_exit_2, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_files_are_scored, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests_name("cli_analyze", tests, NULL, NULL);
}
