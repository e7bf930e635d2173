/* SPDX-License-Identifier: Apache-2.0 */
/* Valid specs: every key is stored, sweeps expand in order, and defaults are filled in. */
#include <ctype.h>
#include <math.h>

#include "check.h"

#include "base/file.h"
#include "spec/run_config.h"

static void test_defaults(void **state)
{
    (void)state;
    hf_spec *spec = parse_spec("models: [mobilenetv1_0.25_96_c3_o2]\n");
    assert_string_equal(spec->name, "t");
    assert_string_equal(spec->path, "t.yaml");
    assert_true(spec->constraints.ram_bytes == 0 && spec->constraints.rom_bytes == 0 &&
                spec->constraints.macs == 0);
    assert_int_equal(spec->objective, HF_SPEC_OBJECTIVE_TIME);
    assert_int_equal(spec->tag_count, 0);
    assert_int_equal(spec->measure.warmup, 1);
    assert_int_equal(spec->measure.runs, 10);
    assert_true(spec->measure.layers);
    assert_int_equal(spec->measure.seed_count, 1);
    assert_int_equal(spec->measure.seeds[0], 1);
    assert_int_equal(spec->measure.input_count, 0);
    assert_int_equal(spec->measure.steps, 8);
    assert_false(spec->measure.outputs);
    assert_int_equal(spec->deadlines.flash_ms, 0);
    assert_true(spec->run_deadline_ms == 0);
    assert_int_equal(spec->retries.attempts, 3);
    assert_int_equal(spec->retries.strikes, 3);
    assert_true(spec->retries.quarantine_ms == 30000);
    assert_int_equal(spec->weights_seed, 1);
    assert_int_equal(spec->variation_count, 1);
    assert_int_equal(spec->variations[0].kind, HF_SPEC_FAMILY);
    assert_string_equal(spec->variations[0].name, "mobilenetv1_0.25_96_c3_o2");
    assert_int_equal(spec->variations[0].line, 1);
    assert_int_equal(spec->variations[0].column, 10);
    hf_spec_free(spec);
    hf_spec_free(NULL);
}

static hf_spec *parse(const char *text)
{
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_spec *spec = NULL;
    hf_error err = {0};
    if (hf_spec_parse("dir/t.yaml", text, strlen(text), false, &spec, diagnostics, &err))
        fail_msg("%s", err.message);
    hf_diagnostics_free(diagnostics);
    return spec;
}

static void test_inputs(void **state)
{
    (void)state;
#define MODEL "models: [mobilenetv1_0.25_96_c3_o2]\n"
    hf_spec *spec =
        parse(MODEL "measure: {steps: 3, outputs: true, input: {seeds: 4294967290..4294967295}}\n");
    assert_int_equal(spec->measure.steps, 3);
    assert_true(spec->measure.outputs);
    assert_int_equal(spec->measure.seed_count, 6);
    assert_int_equal(spec->measure.seeds[5], 4294967295U);
    hf_spec_free(spec);

    spec = parse(MODEL "measure: {input: {seeds: [7, 1, 3]}}\n");
    assert_int_equal(spec->measure.seed_count, 3);
    assert_int_equal(spec->measure.seeds[0], 7);
    assert_int_equal(spec->measure.seeds[2], 3);
    hf_spec_free(spec);

    spec = parse(MODEL "measure: {input: {files: [a.npy, [b.npy, /c.bin]]}}\n");
    assert_int_equal(spec->measure.seed_count, 0);
    assert_int_equal(spec->measure.input_count, 2);
    assert_int_equal(spec->measure.inputs[0].path_count, 1);
    assert_string_equal(spec->measure.inputs[0].paths[0], "dir/a.npy");
    assert_int_equal(spec->measure.inputs[1].path_count, 2);
    assert_string_equal(spec->measure.inputs[1].paths[0], "dir/b.npy");
    assert_string_equal(spec->measure.inputs[1].paths[1], "/c.bin");
    hf_spec_free(spec);
#undef MODEL
}

static void test_every_key(void **state)
{
    (void)state;
    const char *text =
        "name: all-of-it_1.0\n"
        "constraints: {ram: 250 KB, rom: 1 MB, macs: 60 M}\n"
        "objective: ram\n"
        "models:\n"
        "  - {tflite: ../m/vww.tflite, accuracy: 85.4 %}\n"
        "  - {tflite: /abs/x, name: second, data: ../vww, pixels: -1..1}\n"
        "boards: {tags: [lab, stm32l4r5zi]}\n"
        "measure: {warmup: 0, runs: 10000, layers: false, input: {file: in.bin}}\n"
        "deadlines: {start: 1 s, flash: 2 s, boot: 3 s, reply: 4 ms, sample: 5 s,\n"
        "            attempt: 3 min, stop: 7 s, run: 2 h}\n"
        "retries: {attempts: 5, delay: 1 s, strikes: 2, quarantine: 1 min, max_quarantines: 0}\n"
        "weights: {seed: 4294967295}\n";
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_spec *spec = NULL;
    assert_int_equal(hf_spec_parse("some/where/t.yaml", text, strlen(text), false, &spec, diagnostics, NULL),
                     HF_OK);
    assert_string_equal(spec->name, "all-of-it_1.0");
    assert_string_equal(spec->text, text);
    assert_true(spec->constraints.ram_bytes == 256000 && spec->constraints.rom_bytes == 1048576 &&
                spec->constraints.macs == 60000000);
    assert_int_equal(spec->objective, HF_SPEC_OBJECTIVE_RAM);
    assert_int_equal(spec->variation_count, 2);
    assert_int_equal(spec->variations[0].kind, HF_SPEC_TFLITE);
    assert_string_equal(spec->variations[0].name, "vww");
    assert_string_equal(spec->variations[0].path, "some/where/../m/vww.tflite");
    assert_string_equal(spec->variations[1].name, "second");
    assert_string_equal(spec->variations[1].path, "/abs/x");
    assert_true(spec->variations[0].accuracy_percent == 85.4);
    assert_null(spec->variations[0].data_path);
    assert_true(isnan(spec->variations[1].accuracy_percent));
    assert_string_equal(spec->variations[1].data_path, "some/where/../vww");
    assert_string_equal(spec->variations[1].data_name, "some/where/../vww");
    assert_null(spec->variations[0].pixels);
    assert_string_equal(spec->variations[1].pixels, "-1..1");
    assert_int_equal(spec->tag_count, 2);
    assert_string_equal(spec->tags[1], "stm32l4r5zi");
    assert_int_equal(spec->tag_lines[1], 7);
    assert_int_equal(spec->tag_columns[1], 22);
    assert_int_equal(spec->measure.runs, 10000);
    assert_int_equal(spec->measure.warmup, 0);
    assert_false(spec->measure.layers);
    assert_string_equal(spec->measure.inputs[0].paths[0], "some/where/in.bin");
    const hf_board_deadlines *d = &spec->deadlines;
    assert_int_equal(d->start_ms, 1000);
    assert_int_equal(d->flash_ms, 2000);
    assert_int_equal(d->boot_ms, 3000);
    assert_int_equal(d->reply_ms, 4);
    assert_int_equal(d->sample_ms, 5000);
    assert_int_equal(d->attempt_ms, 180000);
    assert_int_equal(d->stop_ms, 7000);
    assert_true(spec->run_deadline_ms == 7200000);
    assert_int_equal(spec->retries.attempts, 5);
    assert_true(spec->retries.delay_ms == 1000 && spec->retries.quarantine_ms == 60000);
    assert_int_equal(spec->retries.strikes, 2);
    assert_int_equal(spec->retries.max_quarantines, 0);
    assert_true(spec->weights_seed == UINT32_MAX);
    hf_spec_free(spec);
    hf_diagnostics_free(diagnostics);
}

static void test_accuracy_notations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double percent;
    } forms[] = {{"0", 0},   {"0.85 %", 0.85}, {"1 %", 1},  {"1.01", 1.01},
                 {"85", 85}, {"85.4%", 85.4},  {"100", 100}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "models:\n  - {name: mobilenetv1_0.25_96_c3_o2, accuracy: %s}\n",
                 forms[i].text);
        hf_spec *spec = parse_spec(text);
        assert_true(spec->variations[0].accuracy_percent == forms[i].percent);
        hf_spec_free(spec);
    }
}

static void test_factors_are_crossed_in_order(void **state)
{
    (void)state;
    hf_spec *spec = parse_spec("models:\n"
                               "  - family: mobilenetv1\n"
                               "    resolution: [64, 96]\n"
                               "    alpha: [0.25, 0.2]\n"
                               "    channels: 1\n"
                               "    classes: 2\n"
                               "    l: [5, 3]\n"
                               "  - mobilenetv1_0.5_96_c3_o2_b0.3\n");
    static const char *const expected[] = {
        "mobilenetv1_0.25_64_c1_o2_l5", "mobilenetv1_0.25_64_c1_o2_l3", "mobilenetv1_0.2_64_c1_o2_l5",
        "mobilenetv1_0.2_64_c1_o2_l3",  "mobilenetv1_0.25_96_c1_o2_l5", "mobilenetv1_0.25_96_c1_o2_l3",
        "mobilenetv1_0.2_96_c1_o2_l5",  "mobilenetv1_0.2_96_c1_o2_l3",  "mobilenetv1_0.5_96_c3_o2_b0.3"};
    assert_int_equal(spec->variation_count, 9);
    for (uint32_t i = 0; i < 9; i++) {
        assert_string_equal(spec->variations[i].name, expected[i]);
        assert_int_equal(spec->variations[i].line, i < 8 ? 2 : 8);
        assert_int_equal(spec->variations[i].item, i / 8);
    }
    assert_true(spec->variations[3].variation.factors[HF_FACTOR_ALPHA] == 0.2);
    assert_true(spec->variations[3].variation.factors[HF_FACTOR_L] == 3);
    assert_false(spec->variations[3].variation.set & (1u << HF_FACTOR_B));
    hf_spec_free(spec);
}

static void test_anchors_and_merge_keys(void **state)
{
    (void)state;
    hf_spec *spec = parse_spec("models:\n"
                               "  - &small\n"
                               "    family: mobilenetv1\n"
                               "    alpha: &widths [0.2, 0.3]\n"
                               "    resolution: 96\n"
                               "    channels: 3\n"
                               "    classes: 2\n"
                               "  - <<: *small\n"
                               "    l: 3\n"
                               "  - {<<: [{resolution: 64}, *small], alpha: *widths}\n");
    static const char *const expected[] = {"mobilenetv1_0.2_96_c3_o2",    "mobilenetv1_0.3_96_c3_o2",
                                           "mobilenetv1_0.2_96_c3_o2_l3", "mobilenetv1_0.3_96_c3_o2_l3",
                                           "mobilenetv1_0.2_64_c3_o2",    "mobilenetv1_0.3_64_c3_o2"};
    assert_int_equal(spec->variation_count, 6);
    uint32_t found = 0;
    for (uint32_t i = 0; i < 6; i++)
        for (uint32_t k = 0; k < 6; k++)
            found += strcmp(spec->variations[i].name, expected[k]) == 0;
    assert_int_equal(found, 6);
    hf_spec_free(spec);
}

static void test_byte_order_mark_and_single_tag(void **state)
{
    (void)state;
    hf_spec *spec = parse_spec("\xef\xbb\xbfmodels: [mobilenetv1_0.25_96_c3_o2]\nboards: {tags: lab}\n");
    assert_int_equal(spec->tag_count, 1);
    assert_string_equal(spec->tags[0], "lab");
    hf_spec_free(spec);
}

static hf_spec *load(const char *path)
{
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_spec *spec = NULL;
    hf_status status = hf_spec_load(path, &spec, diagnostics, NULL);
    char *rendered = hf_diagnostics_render(diagnostics);
    assert_string_equal(rendered, "");
    assert_int_equal(status, HF_OK);
    free(rendered);
    hf_diagnostics_free(diagnostics);
    return spec;
}

static bool has_variation(const hf_spec *spec, const char *name)
{
    for (uint32_t i = 0; i < spec->variation_count; i++)
        if (strcmp(spec->variations[i].name, name) == 0)
            return true;
    return false;
}

static void test_shipped_specs(void **state)
{
    (void)state;
    hf_spec *spec = load("configs/mobilenet_sweep.yaml");
    assert_string_equal(spec->name, "mobilenet_sweep");
    assert_true(spec->variation_count >= 12);
    /* The paper's MobileNet v1 rows. */
    assert_true(has_variation(spec, "mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3"));
    assert_true(has_variation(spec, "mobilenetv1_0.25_96_c3_o2"));
    assert_true(has_variation(spec, "mobilenetv1_0.25_96_c3_o2_l3"));
    assert_true(has_variation(spec, "mobilenetv1_0.3_96_c3_o2_l5ll32pl256"));
    assert_true(spec->constraints.ram_bytes == 256000 && spec->constraints.macs == 60000000);

    hf_farm *farm = NULL;
    assert_int_equal(hf_farm_default(&farm, NULL), HF_OK);
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_selection selection;
    assert_int_equal(hf_farm_select(farm, spec, &selection, diagnostics, NULL), HF_OK);
    assert_int_equal(selection.board_count, 2);
    hf_selection_free(&selection);
    hf_diagnostics_free(diagnostics);
    hf_farm_free(farm);
    hf_spec_free(spec);

    spec = load("configs/train_quick.yaml");
    assert_true(spec->variation_count >= 6 && spec->variations[0].training);
    hf_spec_free(spec);

    spec = load("configs/train_shapes.yaml");
    assert_true(spec->variation_count == 1 && spec->variations[0].training);
    hf_spec_free(spec);

    spec = load("configs/quick.yaml");
    assert_int_equal(spec->variation_count, 2);
    hf_spec_free(spec);
}

/* Writes a file next to the spec in a temporary folder, which remove_folder() deletes. */
static char folder[64];

static void write_file(const char *name, const void *bytes, size_t size)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hilfarm-spec-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return hf_remove_tree(folder, NULL) == HF_OK ? 0 : -1;
}

static void expect_load_mistakes(const char *text, const char *expected)
{
    write_file("t.yaml", text, strlen(text));
    char path[128];
    snprintf(path, sizeof path, "%s/t.yaml", folder);
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_spec *spec = NULL;
    assert_int_equal(hf_spec_load(path, &spec, diagnostics, NULL), HF_EINVALID);
    assert_int_equal(hf_diagnostics_count(diagnostics), 1);
    assert_non_null(strstr(hf_diagnostics_at(diagnostics, 0)->text, expected));
    assert_int_equal(hf_diagnostics_at(diagnostics, 0)->line, 2);
    hf_diagnostics_free(diagnostics);
}

static void test_referenced_files_are_read(void **state)
{
    (void)state;
    write_file("bad.tflite", "this is not a flatbuffer, whatever its name says", 48);
    write_file("empty.bin", "", 0);
    write_file("input.bin", "12345678", 8);
    expect_load_mistakes("models:\n  - tflite: bad.tflite\n", "tflite: ");
    expect_load_mistakes("models:\n  - tflite: absent.tflite\n", "No such file or directory");
    expect_load_mistakes("models:\n  - tflite: absent*.tflite\n", "no file matches");
    expect_load_mistakes("models: [mobilenetv1_0.25_96_c3_o2]\nmeasure: {input: {file: empty.bin}}\n",
                         "is empty");
    expect_load_mistakes("models: [mobilenetv1_0.25_96_c3_o2]\nmeasure: {input: {file: absent.bin}}\n",
                         "No such file or directory");
    /* A damaged file that a pattern matches is a row of the results, unless the spec says otherwise. */
    expect_load_mistakes("models:\n  - tflite: bad*.tflite\non_unsupported: stop\n", "tflite: ");
    const char *pattern = "models:\n  - tflite: bad*.tflite\n";
    write_file("t.yaml", pattern, strlen(pattern));
    char pattern_path[128];
    snprintf(pattern_path, sizeof pattern_path, "%s/t.yaml", folder);
    hf_spec *skipping = load(pattern_path);
    assert_int_equal(skipping->variation_count, 1);
    hf_spec_free(skipping);
    /* So is a link to nowhere. */
    char dangling[128];
    snprintf(dangling, sizeof dangling, "%s/bad-link.tflite", folder);
    assert_int_equal(symlink("nowhere", dangling), 0);
    skipping = load(pattern_path);
    assert_int_equal(skipping->variation_count, 2);
    hf_spec_free(skipping);
    expect_load_mistakes("models:\n  - tflite: bad-link.tflite\n", "No such file or directory");
    const char *good = "models: [mobilenetv1_0.25_96_c3_o2]\nmeasure: {input: {file: input.bin}}\n";
    write_file("t.yaml", good, strlen(good));
    char path[128], input[128];
    snprintf(path, sizeof path, "%s/t.yaml", folder);
    snprintf(input, sizeof input, "%s/input.bin", folder);
    hf_spec *spec = load(path);
    assert_string_equal(spec->measure.inputs[0].paths[0], input);
    hf_spec_free(spec);
}

/* A path in the folder. Static, until the next call. */
static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* No file that a pattern matches stops the others, whatever its name is: it gets a valid one, the same in every run. */
static void test_odd_file_names_get_usable_ones(void **state)
{
    (void)state;
    char longest[HF_VARIATION_NAME_SIZE + 32], text[64];
    static const char *const odd[] = {"\xc3\xbc \xc3\xb6'; drop.tflite", "\xc3\xbc_\xc3\xb6'; drop.tflite",
                                      "-\xff.tflite", "plain.tflite"};
    char long_names[2][sizeof longest];
    assert_int_equal(hf_make_dirs(in_folder("odd"), NULL), HF_OK);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        snprintf(longest, sizeof longest, "odd/%s", odd[i]);
        write_file(longest, "damaged", 7);
    }
    for (int i = 0; i < 2; i++) { /* they differ only where they are cut off */
        snprintf(long_names[i], sizeof long_names[i], "odd/%0100d.tflite", i);
        write_file(long_names[i], "damaged", 7);
    }
    snprintf(text, sizeof text, "models:\n  - tflite: odd/*.tflite\n");
    write_file("t.yaml", text, strlen(text));
    hf_spec *spec = load(in_folder("t.yaml"));
    assert_int_equal(spec->variation_count, 6); /* duplicates would have been a mistake */
    bool plain = false;
    for (uint32_t i = 0; i < spec->variation_count; i++) {
        const char *name = spec->variations[i].name;
        assert_true(isalnum((unsigned char)name[0]) && strlen(name) < HF_VARIATION_NAME_SIZE);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."),
                         strlen(name));
        plain |= strcmp(name, "plain") == 0;
        if (strstr(name, "drop"))
            assert_memory_equal(name, "x_____drop-", 11);
    }
    assert_true(plain);
    hf_spec *again = load(in_folder("t.yaml"));
    for (uint32_t i = 0; i < spec->variation_count; i++)
        assert_string_equal(again->variations[i].name, spec->variations[i].name);
    hf_spec_free(again);
    hf_spec_free(spec);
    /* One that the spec names is a mistake: its author can give it a name. */
    expect_load_mistakes("models:\n  - tflite: \"odd/\xc3\xbc \xc3\xb6'; drop.tflite\"\n",
                         "cannot be used as a variation name");
}

/* As the daemon does it, which has a copy of the files of a spec. */
static void test_files_in_a_tree(void **state)
{
    (void)state;
    char tree[128], inside[256], outside[256], input[256];
    snprintf(tree, sizeof tree, "%s/tree", folder);
    snprintf(inside, sizeof inside, "%s/rel/sweeps", tree);
    snprintf(outside, sizeof outside, "%s/rel/sweeps/@up/data/set", tree);
    assert_int_equal(hf_make_dirs(inside, NULL), HF_OK);
    assert_int_equal(hf_make_dirs(outside, NULL), HF_OK);
    write_file("tree/rel/sweeps/in.bin", "12345678", 8);
    const char *text = "models: [{name: mobilenetv1_0.25_96_c3_o2, data: ../data/set}]\n"
                       "measure: {input: {file: in.bin}}\n";
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_spec *spec = NULL;
    assert_int_equal(
        hf_spec_parse_in_tree("sweeps/t.yaml", text, strlen(text), tree, &spec, diagnostics, NULL), HF_OK);
    assert_string_equal(spec->path, "sweeps/t.yaml");
    assert_string_equal(spec->variations[0].data_path, outside);
    assert_string_equal(spec->variations[0].data_name, "sweeps/../data/set");
    snprintf(input, sizeof input, "%s/rel/sweeps/in.bin", tree);
    assert_string_equal(spec->measure.inputs[0].paths[0], input);
    hf_spec_free(spec);
    const char *absent = "models: [{name: mobilenetv1_0.25_96_c3_o2, data: /data/set}]\n";
    spec = NULL;
    assert_int_equal(
        hf_spec_parse_in_tree("sweeps/t.yaml", absent, strlen(absent), tree, &spec, diagnostics, NULL),
        HF_EINVALID);
    assert_non_null(strstr(hf_diagnostics_at(diagnostics, 0)->text, "cannot read /data/set: No such file"));
    hf_diagnostics_free(diagnostics);
}

static void test_a_real_tflite_file(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SHARED(model, "models/vww_96_int8.tflite");
    char absolute[4096], text[4200], path[128];
    assert_non_null(realpath(model, absolute));
    snprintf(text, sizeof text, "models:\n  - tflite: %s\n", absolute);
    write_file("t.yaml", text, strlen(text));
    snprintf(path, sizeof path, "%s/t.yaml", folder);
    hf_spec *spec = load(path);
    assert_string_equal(spec->variations[0].name, "vww_96_int8");
    assert_string_equal(spec->variations[0].path, absolute);
    hf_spec_free(spec);
}

/* One run reports everything: mistakes in the spec and the farm, and unknown tags. */
static void test_run_config_reports_every_mistake(void **state)
{
    (void)state;
    static const char bad_spec[] = "models: [mobilenetv1_0.25_96_c3_o2]\n"
                                   "boards: {tags: [stm32l4r5zy]}\n"
                                   "measure: {runs: 0}\n";
    static const char good_spec[] = "models: [mobilenetv1_0.25_96_c3_o2]\n";
    static const char bad_farm[] = "boards: [{id: a, chip: stm32l4r5z, virtual: true}]\n";
    char spec_path[128], farm_path[128], expected[1024];
    snprintf(spec_path, sizeof spec_path, "%s/t.yaml", folder);
    snprintf(farm_path, sizeof farm_path, "%s/f.yaml", folder);
    write_file("t.yaml", bad_spec, strlen(bad_spec));
    write_file("f.yaml", bad_farm, strlen(bad_farm));

    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_run_config input = {0};
    assert_int_equal(hf_run_config_load(spec_path, NULL, NULL, NULL, &input, diagnostics, NULL), HF_EINVALID);
    assert_null(input.spec);
    char *rendered = hf_diagnostics_render(diagnostics);
    snprintf(expected, sizeof expected,
             "%s:2:17: no board of the default farm (two virtual boards) has the tag \"stm32l4r5zy\", did "
             "you mean "
             "\"stm32l4r5zi\"? Use --farm FILE to name your own farm file\n%s:3:17: runs: \"0\", "
             "expected a whole number from 1 to 10000\n",
             spec_path, spec_path);
    assert_string_equal(rendered, expected);
    free(rendered);
    hf_diagnostics_free(diagnostics);

    diagnostics = hf_diagnostics_new();
    assert_int_equal(hf_run_config_load(spec_path, farm_path, NULL, NULL, &input, diagnostics, NULL),
                     HF_EINVALID);
    assert_int_equal(hf_diagnostics_total(diagnostics),
                     2); /* runs and chip; tags are not checked against an invalid farm */
    assert_string_equal(hf_diagnostics_at(diagnostics, 1)->file, farm_path);
    hf_diagnostics_free(diagnostics);

    diagnostics = hf_diagnostics_new();
    write_file("t.yaml", good_spec, strlen(good_spec));
    assert_int_equal(hf_run_config_load(spec_path, NULL, NULL, NULL, &input, diagnostics, NULL), HF_OK);
    assert_int_equal(input.spec->variation_count, 1);
    assert_int_equal(input.farm->board_count, 2);
    assert_int_equal(input.selection.board_count, 2);
    hf_run_config_free(&input);
    hf_run_config_free(&input); /* harmless */
    hf_run_config_free(NULL);
    hf_diagnostics_free(diagnostics);
}

static void test_unreadable_spec(void **state)
{
    (void)state;
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_spec *spec = NULL;
    hf_error err = {0};
    assert_int_equal(hf_spec_load("tests/unit/spec/absent.yaml", &spec, diagnostics, &err), HF_EINVALID);
    assert_int_equal(hf_spec_load("tests/unit", &spec, diagnostics, NULL), HF_EINVALID);
    char *rendered = hf_diagnostics_render(diagnostics);
    assert_non_null(strstr(
        rendered,
        "tests/unit/spec/absent.yaml: cannot open: No such file or directory, expected a readable job spec"));
    assert_non_null(strstr(rendered, "tests/unit: is not a regular file, expected"));
    assert_null(spec);
    free(rendered);
    hf_diagnostics_free(diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_inputs),
        cmocka_unit_test(test_accuracy_notations),
        cmocka_unit_test(test_factors_are_crossed_in_order),
        cmocka_unit_test(test_anchors_and_merge_keys),
        cmocka_unit_test(test_byte_order_mark_and_single_tag),
        cmocka_unit_test(test_shipped_specs),
        cmocka_unit_test_setup_teardown(test_referenced_files_are_read, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_odd_file_names_get_usable_ones, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_files_in_a_tree, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_real_tflite_file, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_run_config_reports_every_mistake, make_folder, remove_folder),
        cmocka_unit_test(test_unreadable_spec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
