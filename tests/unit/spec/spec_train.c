/* SPDX-License-Identifier: Apache-2.0 */
/* The `train` section, and which file holds a variation's weights. */
#include "check.h"

static hf_spec *parse(const char *text)
{
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_spec *spec = NULL;
    assert_int_equal(hf_spec_parse("dir/t.yaml", text, strlen(text), false, &spec, diagnostics, NULL), HF_OK);
    hf_diagnostics_free(diagnostics);
    return spec;
}

static void assert_mistake(const char *text, const char *expected)
{
    char *mistakes = spec_mistakes(text, strlen(text), false);
    if (!strstr(mistakes, expected))
        fail_msg("expected '%s' in: %s", expected, mistakes);
    free(mistakes);
}

static void every_key(void **state)
{
    (void)state;
    hf_spec *spec =
        parse("models: [{family: mobilenetv1, alpha: [0.1, 0.2], resolution: 32, channels: 1, classes: 10},\n"
              "         {name: mobilenetv2_0.2_32_c1_o10, weights: my.tflite},\n"
              "         {name: mobilenetv2_0.3_32_c1_o10, accuracy: 90 %}]\n"
              "train: {data: a/train.npy, test: /abs/test.npy, models: ../out, pixels: -1..1, epochs: 7, "
              "budget: 90 s,\n"
              "        seed: 5, batch: 128, learning_rate: 0.02, schedule: linear, weight_decay: 0, "
              "label_smoothing: 0.1,\n"
              "        validation: 0.2, augment: [flip, crop], class_weights: true, quantize: qat}\n");
    const hf_spec_training *t = &spec->training;
    assert_string_equal(t->data_path, "dir/a/train.npy");
    assert_string_equal(t->test_path, "/abs/test.npy");
    assert_string_equal(t->models_dir, "dir/../out");
    assert_string_equal(t->pixels, "-1..1");
    assert_true(t->epochs == 7 && t->budget_ms == 90000 && t->seed == 5 && t->batch == 128);
    assert_true(t->learning_rate == 0.02 && t->weight_decay == 0 && t->label_smoothing == 0.1);
    assert_true(t->validation_share == 0.2 && t->flip && t->crop == 2 && t->class_weights &&
                t->qat_epochs == 1);
    assert_int_equal(t->schedule, HF_SPEC_SCHEDULE_LINEAR);
    /* Trained, unless an item has weights of its own; the test set is the data of what has no accuracy. */
    assert_int_equal(spec->variation_count, 4);
    assert_ptr_equal(spec->variations[1].training, &spec->training);
    assert_string_equal(spec->variations[1].weights_path, "dir/../out/mobilenetv1_0.2_32_c1_o10.tflite");
    assert_string_equal(spec->variations[1].data_path, "/abs/test.npy");
    assert_string_equal(spec->variations[1].pixels, "-1..1");
    assert_null(spec->variations[2].training);
    assert_string_equal(spec->variations[2].weights_path, "dir/my.tflite");
    assert_null(spec->variations[2].data_path);
    assert_ptr_equal(spec->variations[3].training, &spec->training);
    assert_null(spec->variations[3].data_path);
    const hf_source source = hf_spec_source(spec, &spec->variations[1]);
    assert_null(source.tflite_path);
    assert_string_equal(hf_source_file(&source), spec->variations[1].weights_path);
    assert_string_equal(source.variation.family, "mobilenetv1");
    hf_spec_free(spec);
}

static void defaults(void **state)
{
    (void)state;
    hf_spec *spec = parse("models: [mobilenetv1_0.25_96_c3_o2]\ntrain: {data: x.npy}\n");
    assert_string_equal(spec->training.models_dir, "dir/trained");
    assert_int_equal(spec->training.epochs, 10);
    assert_int_equal(spec->training.batch, 64);
    assert_true(spec->training.validation_share == 0.05);
    assert_null(spec->variations[0].data_path); /* there is no test set */
    hf_spec_free(spec);
    spec = parse("models: [mobilenetv1_0.25_96_c3_o2]\ntrain: {data: x.npy, budget: 1 min}\n");
    assert_int_equal(spec->training.epochs, 0);
    hf_spec_free(spec);
    spec = parse("models: [mobilenetv1_0.25_96_c3_o2]\n");
    assert_null(spec->training.data_path);
    assert_null(spec->variations[0].weights_path);
    hf_spec_free(spec);
}

/* An item's keys take the place of the section's; it may also be left out, or be the only one that is trained. */
static void items_have_recipes(void **state)
{
    (void)state;
    hf_spec *spec =
        parse("models:\n"
              "  - {name: mobilenetv1_0.1_32_c1_o10, train: {epochs: 3, models: own}}\n"
              "  - {family: mobilenetv1, alpha: [0.2, 0.3], resolution: 32, channels: 1, classes: 10, "
              "train: {test: other.npy}}\n"
              "  - {name: mobilenetv1_0.4_32_c1_o10, train: false}\n"
              "train: {data: x.npy, test: t.npy, epochs: 7, seed: 9}\n");
    const hf_spec_variation *v = spec->variations;
    assert_true(v[0].training->epochs == 3 && v[0].training->seed == 9);
    assert_string_equal(v[0].weights_path, "dir/own/mobilenetv1_0.1_32_c1_o10.tflite");
    assert_string_equal(v[0].data_path, "dir/t.npy");
    assert_true(v[1].training == v[2].training && v[1].training->epochs == 7);
    assert_string_equal(v[2].data_path, "dir/other.npy");
    assert_null(v[3].training);
    assert_null(v[3].weights_path);
    hf_spec_free(spec);
    spec = parse(
        "models: [mobilenetv1_0.1_32_c1_o10, {name: mobilenetv1_0.2_32_c1_o10, train: {data: x.npy}}]\n");
    assert_null(spec->training.data_path);
    assert_null(spec->variations[0].training);
    assert_int_equal(spec->variations[1].training->epochs, 10);
    hf_spec_free(spec);
    assert_mistake("models: [{name: mobilenetv1_0.1_32_c1_o10, train: {epochs: 3}}]\n",
                   "train has no \"data\", which is required");
    assert_mistake("models: [{name: mobilenetv1_0.1_32_c1_o10, train: true}]\n",
                   "expected a mapping with \"data\"");
}

/* Small batches have smaller steps, unless the spec or the item says otherwise. */
static void learning_rates(void **state)
{
    (void)state;
    hf_spec *spec = parse("models:\n"
                          "  - mobilenetv1_0.1_32_c1_o10\n"
                          "  - {name: mobilenetv1_0.2_32_c1_o10, train: {batch: 256}}\n"
                          "  - {name: mobilenetv1_0.3_32_c1_o10, train: {batch: 16, learning_rate: 0.2}}\n"
                          "train: {data: x.npy, batch: 16}\n");
    assert_float_equal(spec->variations[0].training->learning_rate, 0.05, 1e-9);
    assert_float_equal(spec->variations[1].training->learning_rate, 0.1, 1e-9);
    assert_float_equal(spec->variations[2].training->learning_rate, 0.2, 1e-9);
    hf_spec_free(spec);
    spec = parse("models: [{name: mobilenetv1_0.1_32_c1_o10, train: {batch: 16}}]\n"
                 "train: {data: x.npy, learning_rate: 0.3}\n");
    assert_float_equal(spec->variations[0].training->learning_rate, 0.3, 1e-9);
    hf_spec_free(spec);
}

/* A teacher is another variation, or a file; it does not teach itself. */
static void teachers(void **state)
{
    (void)state;
    hf_spec *spec =
        parse("models: [mobilenetv1_0.1_32_c1_o10, mobilenetv1_0.5_32_c1_o10]\n"
              "train: {data: x.npy, teacher: mobilenetv1_0.5_32_c1_o10, teacher_share: 0.3, temperature: 2,\n"
              "        from: big.tflite}\n");
    const hf_spec_training *student = spec->variations[0].training, *teacher = spec->variations[1].training;
    assert_string_equal(student->teacher_path, "dir/trained/mobilenetv1_0.5_32_c1_o10.tflite");
    assert_true(student->teacher_share == 0.3 && student->temperature == 2);
    assert_string_equal(student->from_path, "dir/big.tflite");
    assert_null(teacher->teacher_path);
    assert_string_equal(teacher->from_path, "dir/big.tflite");
    hf_spec_free(spec);
    assert_mistake(
        "models: [mobilenetv1_0.1_32_c1_o10]\ntrain: {data: x.npy, teacher: mobilenetv1_0.5_32_c1_o10}\n",
        "mobilenetv1_0.5_32_c1_o10 is neither a variation that this spec trains nor a .tflite file");
    assert_mistake(
        "models: [{name: mobilenetv1_0.1_32_c1_o10, train: {teacher: mobilenetv1_0.2_32_c1_o10}},\n"
        "         {name: mobilenetv1_0.2_32_c1_o10, train: {from: mobilenetv1_0.1_32_c1_o10}}]\n"
        "train: {data: x.npy}\n",
        "learns from a model that learns from it");
    assert_mistake("models: [mobilenetv1_0.1_32_c1_o10]\ntrain: {data: x.npy, teacher_share: 2}\n",
                   "teacher_share");
}

/* What a key is called elsewhere leads to its name here, in any case. */
static void known_by_other_names(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"lr", "learning_rate"}, {"LR", "learning_rate"},
                                           {"wd", "weight_decay"},  {"bs", "batch"},
                                           {"batch_size", "batch"}, {"epoch", "epochs"},
                                           {"val", "validation"},   {"augmentation", "augment"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char text[256], expected[128];
        snprintf(text, sizeof text, "models: [mobilenetv1_0.1_32_c1_o10]\ntrain: {data: x.npy, %s: 1}\n",
                 pairs[i][0]);
        snprintf(expected, sizeof expected, "unknown key \"%s\" in train, did you mean \"%s\"?", pairs[i][0],
                 pairs[i][1]);
        assert_mistake(text, expected);
    }
    assert_mistake("models: [mobilenetv1_0.1_32_c1_o10]\ntrain: {data: x.npy, l: 1}\n",
                   "expected one of: data");
}

static void names_in_patterns(void **state)
{
    (void)state;
    hf_spec *spec = parse("models: [{family: mobilenetv1, alpha: [0.1, 0.2], resolution: 32, channels: 1, "
                          "classes: 10, weights: 'w/{name}.tflite'}]\n");
    assert_string_equal(spec->variations[0].weights_path, "dir/w/mobilenetv1_0.1_32_c1_o10.tflite");
    assert_string_equal(spec->variations[1].weights_path, "dir/w/mobilenetv1_0.2_32_c1_o10.tflite");
    assert_null(spec->variations[0].training);
    hf_spec_free(spec);
}

/* @param says part of the messages */
static void must_refuse(const char *text, const char *says)
{
    char *found = spec_mistakes(text, strlen(text), true);
    if (!strstr(found, says))
        fail_msg("expected '%s' in '%s'", says, found);
    free(found);
}

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *train, *says;
    } cases[] = {
        {"epochs: 3", "data"},
        {"data: x, epochs: 0", "t.yaml:2:26: epochs: \"0\""},
        {"data: x, learning_rate: -1", "learning_rate: \"-1\", expected a number from 1e-06 to 10"},
        {"data: x, schedule: step", "schedule: \"step\", expected cosine, linear or constant"},
        {"data: x, quantize: int4", "quantize: \"int4\", expected after or qat"},
        {"data: x, augment: [rotate]", "augment: \"rotate\", expected flip or crop"},
        {"data: x, pixels: 0..7", "pixels: \"0..7\", expected 0..1"},
        {"data: x, validation: 0.6", "validation: \"0.6\", expected a number from 0 to 0.5"},
        {"data: x, epoch: 3", "unknown key \"epoch\" in train, did you mean \"epochs\"?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text, "models: [mobilenetv1_0.25_96_c3_o2]\ntrain: {%s}\n", cases[i].train);
        must_refuse(text, cases[i].says);
    }
    must_refuse("models: [{family: mobilenetv1, alpha: [0.1, 0.2], resolution: 32, channels: 1, classes: 10, "
                "weights: one.tflite}]\n",
                "weights: one file for 2 variations, expected {name} in its name");
    must_refuse("models: [{name: mobilenetv1_0.25_96_c3_o2, weights: nowhere.tflite}]\n",
                "weights: cannot read nowhere.tflite: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key),          cmocka_unit_test(defaults),
        cmocka_unit_test(items_have_recipes), cmocka_unit_test(learning_rates),
        cmocka_unit_test(teachers),           cmocka_unit_test(known_by_other_names),
        cmocka_unit_test(names_in_patterns),  cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests_name("spec_train", tests, NULL, NULL);
}
