/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <math.h>

#include <jansson.h>
#include <sched.h>

#include "base/file.h"
#include "evaluate/evaluate.h"
#include "sample.h"

static char folder[64];
static const hf_evaluation_extras nothing_else = {.board = NULL};
static const hf_evaluate_options defaults = {
    .reading = {.pixels = {.factor = {1.0 / 255, 1.0 / 255, 1.0 / 255}}}};

static int set_up(void **state)
{
    (void)state;
    sample_folder(folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return hf_remove_tree(folder, NULL);
}

static void must(hf_status status, const hf_error *err)
{
    if (status != HF_OK)
        fail_msg("%s", err->message);
}

static void open_both(hf_graph *graph, hf_evaluated_model *model, hf_dataset *dataset)
{
    hf_error err = {0};
    must(hf_evaluated_model_from_graph("tiny", graph, model, &err), &err);
    must(hf_dataset_open(folder, dataset, &err), &err);
}

static void close_both(hf_evaluated_model *model, hf_dataset *dataset)
{
    hf_evaluated_model_free(model);
    hf_dataset_free(dataset);
}

/* Four dark images, one of them labelled bright; four bright ones. */
static void write_images(void)
{
    const uint8_t dark[] = {0, 40, 80}, bright[] = {140, 180, 220, 255};
    char name[32];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "a_dark/%d.pgm", i);
        sample_write_gray(folder, name, dark[i]);
    }
    sample_write_gray(folder, "b_bright/wrong.pgm", 60);
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "b_bright/%d.pgm", i);
        sample_write_gray(folder, name, bright[i]);
    }
}

static void classes_are_scored(void **state)
{
    (void)state;
    write_images();
    hf_evaluated_model model = {0};
    hf_dataset dataset = {0};
    open_both(sample_bright_model(), &model, &dataset);
    hf_evaluate_options options = defaults;
    options.top_k = 2;
    hf_evaluation e = {0};
    hf_error err = {0};
    must(hf_evaluate(&model, &dataset, &options, &e, &err), &err);
    assert_int_equal(e.kind, HF_EVALUATION_CLASSES);
    assert_int_equal(e.scored_count, 8);
    assert_true(e.top1.value == 7.0 / 8 && e.top_k.value == 1);
    const uint64_t confusion[] = {3, 0, 1, 4};
    assert_memory_equal(e.confusion, confusion, sizeof confusion);
    /* Of 3 x 5 pairs only 80 (dark) over 60 (labelled bright) is in the wrong order. */
    assert_true(e.auc.has_value && e.auc.value > 14.0 / 15 - 1e-9 && e.auc.value < 14.0 / 15 + 1e-9);
    assert_true(e.auc.has_interval);
    hf_evaluation_free(&e);

    options.limit = 4; /* samples 0, 2, 4, 6: dark 0 and 80, bright 180 and 255 */
    must(hf_evaluate(&model, &dataset, &options, &e, &err), &err);
    assert_int_equal(e.scored_count, 4);
    assert_int_equal(e.scored[3], 6);
    hf_evaluation_free(&e);

    options.top_k = 3;
    assert_int_equal(hf_evaluate(&model, &dataset, &options, &e, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "top-3: expected 2 to 2"));
    close_both(&model, &dataset);
}

/* With labels that alternate in step with the stride, a plain stride would select one class only. */
static void a_limit_is_spread_over_the_classes(void **state)
{
    (void)state;
    hf_buffer csv = HF_BUFFER_INIT;
    uint8_t image[16];
    char name[16];
    for (int i = 0; i < 20; i++) {
        memset(image, i % 2 ? 200 : 50, sizeof image);
        snprintf(name, sizeof name, "%d.bin", i);
        sample_write(folder, name, image, sizeof image);
        hf_buffer_printf(&csv, "%s,2,%d\n", name, i % 2);
    }
    sample_write_text(folder, "y_labels.csv", hf_buffer_text(&csv));
    hf_buffer_free(&csv);
    hf_evaluated_model model = {0};
    hf_dataset dataset = {0};
    open_both(sample_bright_model(), &model, &dataset);
    hf_evaluate_options options = defaults;
    options.limit = 4;
    hf_evaluation e = {0};
    hf_error err = {0};
    must(hf_evaluate(&model, &dataset, &options, &e, &err), &err);
    const uint32_t scored[] = {0, 10, 1, 11};
    assert_int_equal(e.scored_count, 4);
    assert_memory_equal(e.scored, scored, sizeof scored);
    const uint64_t confusion[] = {2, 0, 0, 2};
    assert_memory_equal(e.confusion, confusion, sizeof confusion);
    hf_evaluation_free(&e);
    close_both(&model, &dataset);
}

static void unreadable_samples_are_counted(void **state)
{
    (void)state;
    write_images();
    sample_write_text(folder, "a_dark/broken.png", "\x89PNG\r\n\x1a\n....");
    sample_write_text(folder, "b_bright/broken.jpg", "\xff\xd8\xff");
    hf_evaluated_model model = {0};
    hf_dataset dataset = {0};
    open_both(sample_bright_model(), &model, &dataset);
    hf_evaluation e = {0};
    hf_error err = {0};
    must(hf_evaluate(&model, &dataset, &defaults, &e, &err), &err);
    assert_int_equal(e.chosen, 10);
    assert_int_equal(e.scored_count, 8);
    assert_int_equal(e.unreadable, 2);
    assert_non_null(strstr(e.messages[0], "a_dark/broken.png: a damaged PNG file"));
    assert_non_null(strstr(e.messages[1], "b_bright/broken.jpg: a damaged JPEG file"));
    assert_string_equal(e.messages[2], "");
    assert_true(e.top1.value == 7.0 / 8);
    hf_evaluation_free(&e);
    close_both(&model, &dataset);
}

static void no_readable_sample_is_an_error(void **state)
{
    (void)state;
    sample_write_text(folder, "a/x.png", "no");
    sample_write_text(folder, "b/x.png", "no");
    hf_evaluated_model model = {0};
    hf_dataset dataset = {0};
    open_both(sample_bright_model(), &model, &dataset);
    hf_evaluation e = {0};
    hf_error err = {0};
    assert_int_equal(hf_evaluate(&model, &dataset, &defaults, &e, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "no sample of 2 can be read; the first: "));
    assert_null(e.scored);
    close_both(&model, &dataset);
}

static void model_and_data_must_match(void **state)
{
    (void)state;
    sample_write_gray(folder, "a/x.pgm", 1);
    hf_evaluated_model model = {0};
    hf_dataset dataset = {0};
    open_both(sample_bright_model(), &model, &dataset);
    hf_evaluation e = {0};
    hf_error err = {0};
    assert_int_equal(hf_evaluate(&model, &dataset, &defaults, &e, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "tiny has 2 outputs, but the data set has 1 classes"));
    assert_non_null(strstr(err.message, "labels.txt"));
    close_both(&model, &dataset);
}

/* Values up to 4 are reproduced, larger ones are clipped: 6 is wrong by 2 in one place of four. */
static void anomalies_by_reconstruction_error(void **state)
{
    (void)state;
    const float normal[] = {1, -2, 3, 0, 1, 1, 1, 1}, loud[] = {6, 0, 0, 0}, quiet[] = {2, 2, 2, 2};
    sample_write(folder, "n1.bin", normal, sizeof normal); /* windows at 0, 2 and 4 */
    sample_write(folder, "n2.bin", quiet, sizeof quiet);
    sample_write(folder, "a1.bin", loud, sizeof loud);
    sample_write(folder, "a2.bin", quiet, sizeof quiet); /* an anomaly that looks normal */
    sample_write_text(folder, "y_labels.csv",
                      "n1.bin,2,0,16,8\nn2.bin,2,0,16,8\na1.bin,2,1,16,8\na2.bin,2,1,16,8\n");
    hf_evaluated_model model = {0};
    hf_dataset dataset = {0};
    open_both(sample_clipping_model(), &model, &dataset);
    hf_evaluation e = {0};
    hf_error err = {0};
    must(hf_evaluate(&model, &dataset, &defaults, &e, &err), &err);
    assert_int_equal(e.kind, HF_EVALUATION_ANOMALY);
    assert_int_equal(e.positive_class, 1);
    assert_int_equal(e.inferences, 6);
    /* 6 is reproduced as 127/32: (6 - 3.96875)^2 / 4, halved by the quiet one. */
    assert_true(e.error_normal < 1e-9);
    assert_true(e.error_anomaly > 0.5157 && e.error_anomaly < 0.5158);
    assert_true(e.auc.value == 0.75); /* one above both normals, one tied with them */
    assert_false(e.top1.has_value);
    assert_null(e.confusion);
    hf_evaluation_free(&e);
    hf_evaluate_options options = defaults;
    options.top_k = 2;
    assert_int_equal(hf_evaluate(&model, &dataset, &options, &e, &err), HF_EINVALID);
    close_both(&model, &dataset);
}

static void json_has_every_field(void **state)
{
    (void)state;
    write_images();
    hf_evaluated_model model = {0};
    hf_dataset dataset = {0};
    open_both(sample_bright_model(), &model, &dataset);
    hf_evaluation e = {0};
    hf_error err = {0};
    must(hf_evaluate(&model, &dataset, &defaults, &e, &err), &err);
    hf_buffer out = HF_BUFFER_INIT;
    must(hf_evaluation_json(&model, &dataset, "data\xff", &e, &nothing_else, &out, &err), &err);
    json_t *root = json_loads(hf_buffer_text(&out), 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_integer_value(json_object_get(root, "scored")), 8);
    assert_true(json_number_value(json_object_get(json_object_get(root, "top1"), "value")) == 0.875);
    assert_true(json_is_null(json_object_get(root, "top_k")));
    assert_true(json_is_null(json_object_get(root, "on_board")));
    assert_true(json_is_false(json_object_get(root, "seeded_weights")));
    json_t *row = json_array_get(json_object_get(root, "confusion"), 1);
    assert_int_equal(json_integer_value(json_array_get(row, 0)), 1);
    row = json_array_get(json_object_get(root, "per_class"), 1);
    assert_int_equal(json_integer_value(json_object_get(row, "samples")), 5);
    assert_int_equal(json_integer_value(json_object_get(row, "right")), 4);
    assert_int_equal(json_integer_value(json_object_get(row, "predicted")), 4);
    assert_true(json_number_value(json_object_get(json_object_get(row, "recall"), "value")) == 0.8);
    json_decref(root);
    hf_buffer_clear(&out);
    model.seeded = true;
    hf_evaluation_text(&model, &dataset, "data", &e, &nothing_else, &out);
    assert_non_null(
        strstr(hf_buffer_text(&out), "top-1        87.50 %   (95 % confidence: 52.91 % to 97.76 %)"));
    assert_non_null(strstr(hf_buffer_text(&out), "the accuracy is meaningless"));
    hf_buffer_free(&out);
    hf_evaluation_free(&e);
    close_both(&model, &dataset);
}

static void predictions_and_agreement(void **state)
{
    (void)state;
    write_images();
    hf_evaluated_model model = {0};
    hf_dataset dataset = {0};
    open_both(sample_bright_model(), &model, &dataset);
    hf_evaluation e = {0}, other = {0};
    hf_error err = {0};
    must(hf_evaluate(&model, &dataset, &defaults, &e, &err), &err);
    hf_buffer out = HF_BUFFER_INIT;
    must(hf_predictions_csv(&model, &dataset, &e, &out, &err), &err);
    const char *text = hf_buffer_text(&out);
    assert_int_equal(strncmp(text, "sample,label,predicted,", 23), 0);
    uint32_t lines = 0, right = 0;
    for (const char *line = strchr(text, '\n') + 1; *line; line = strchr(line, '\n') + 1) {
        char label[64], predicted[64], *end;
        const char *at = strchr(line, ',');
        assert_int_equal(sscanf(at, ",%63[^,],%63[^,],", label, predicted), 2);
        at = strchr(strchr(at + 1, ',') + 1, ',') + 1;
        const double first = strtod(at, &end);
        assert_true(end > at && *end == ',');
        assert_string_equal(predicted, dataset.classes[strtod(end + 1, NULL) > first]);
        lines++;
        right += strcmp(label, predicted) == 0;
    }
    assert_int_equal(lines, 8);
    assert_int_equal(right, 7);
    hf_buffer_free(&out);

    /* Another model that errs on the first sample of class 0, and could not read the second. */
    must(hf_evaluate(&model, &dataset, &defaults, &other, &err), &err);
    other.outputs[0] = -128;
    other.outputs[1] = 127;
    memmove(other.scored + 1, other.scored + 2, 6 * sizeof *other.scored);
    memmove(other.outputs + 2, other.outputs + 4, 12);
    other.scored_count = 7;
    hf_agreement agreement = {.compared = 0};
    must(hf_agreement_compute(&dataset, &e, &other, "other", &agreement, &err), &err);
    assert_int_equal(agreement.compared, 7);
    assert_int_equal(agreement.both_right, 5);
    assert_int_equal(agreement.only_first_right, 1);
    assert_int_equal(agreement.only_other_right, 0);
    assert_true(fabs(agreement.same.value - 6.0 / 7) < 1e-12);
    hf_evaluation_free(&other);
    hf_evaluation_free(&e);
    close_both(&model, &dataset);
}

/* The golden tensors as a data set: trained models, known answers. */
static void golden_tensors_as_a_data_set(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SHARED(path, "models/vww_96_int8.tflite");
    hf_evaluated_model model = {0};
    hf_error err = {0};
    must(hf_evaluated_model_load(path, 1, &model, &err), &err);
    assert_string_equal(model.name, "vww_96_int8");
    assert_false(model.seeded);
    static const char *const inputs[] = {"golden/vww_96_int8.in", "golden/vww_96_int8.seed2.in",
                                         "golden/vww_96_int8.smooth.in"};
    static const char *const outputs[] = {"golden/vww_96_int8.out", "golden/vww_96_int8.seed2.out",
                                          "golden/vww_96_int8.smooth.out"};
    hf_buffer csv = HF_BUFFER_INIT;
    uint32_t hits = 0;
    for (int i = 0; i < 3; i++) {
        uint8_t *bytes = NULL, *expected = NULL;
        size_t size = 0;
        char name[16];
        must(hf_file_read(hf_test_shared(inputs[i]), 1 << 20, &bytes, &size, &err), &err);
        snprintf(name, sizeof name, "%d.bin", i);
        sample_write(folder, name, bytes, size);
        int8_t got[2];
        must(hf_evaluated_model_run(&model, (const int8_t *)bytes, got, &err), &err);
        free(bytes);
        must(hf_file_read(hf_test_shared(outputs[i]), 16, &expected, &size, &err), &err);
        assert_int_equal(size, 2);
        assert_memory_equal(got, expected, 2);
        hits += hf_top_class((const int8_t *)expected, 2) == 1;
        free(expected);
        hf_buffer_printf(&csv, "%s,2,1\n", name);
    }
    sample_write_text(folder, "y_labels.csv", hf_buffer_text(&csv));
    hf_buffer_free(&csv);
    hf_dataset dataset = {0};
    must(hf_dataset_open(folder, &dataset, &err), &err);
    hf_evaluate_options options = defaults;
    options.reading.bin = HF_BIN_I8;
    hf_evaluation e = {0};
    must(hf_evaluate(&model, &dataset, &options, &e, &err), &err);
    assert_true(e.top1.value == hits / 3.0);
    assert_false(e.auc.has_value); /* all of one class */
    hf_evaluation_free(&e);
    close_both(&model, &dataset);
}

static uint32_t progress_calls, progress_last;

static void count_progress(void *user, uint32_t done, uint32_t of)
{
    (void)user;
    assert_int_equal(done, ++progress_calls); /* one call at a time */
    progress_last = of;
}

/* 240 samples, of which every seventh has the wrong size. */
static void write_many(void)
{
    hf_buffer csv = HF_BUFFER_INIT;
    uint8_t image[16];
    char name[16];
    for (int i = 0; i < 240; i++) {
        memset(image, (i * 37) % 256, sizeof image);
        snprintf(name, sizeof name, "%d.bin", i);
        sample_write(folder, name, image, i % 7 == 3 ? 5 : sizeof image);
        hf_buffer_printf(&csv, "%s,2,%d\n", name, i % 2);
    }
    sample_write_text(folder, "y_labels.csv", hf_buffer_text(&csv));
    hf_buffer_free(&csv);
}

/* Nothing depends on how many processors take part. */
static void one_processor_gives_the_same(void **state)
{
    (void)state;
    cpu_set_t all, one;
    hf_evaluated_model model = {0};
    hf_dataset dataset = {0};
    hf_evaluation first = {0}, second = {0};
    hf_error err = {0};
    hf_evaluate_options options = defaults;
    options.progress = count_progress;
    write_many();
    open_both(sample_bright_model(), &model, &dataset);
    progress_calls = 0;
    must(hf_evaluate(&model, &dataset, &options, &first, &err), &err);
    assert_int_equal(progress_calls, 240);
    assert_int_equal(progress_last, 240);
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    CPU_ZERO(&one);
    for (int cpu = 0; CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    progress_calls = 0;
    must(hf_evaluate(&model, &dataset, &options, &second, &err), &err);
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
    assert_int_equal(first.unreadable, 34);
    assert_int_equal(first.scored_count, second.scored_count);
    assert_memory_equal(first.scored, second.scored, first.scored_count * sizeof *first.scored);
    assert_memory_equal(first.messages, second.messages, sizeof first.messages);
    assert_memory_equal(first.confusion, second.confusion, 4 * sizeof *first.confusion);
    assert_int_equal(first.inferences, second.inferences);
    assert_true(first.auc.value == second.auc.value && first.top1.value == second.top1.value);
    assert_non_null(strstr(first.messages[0], "/10.bin")); /* by class: of class 0, number 10 is the first */
    hf_evaluation_free(&first);
    hf_evaluation_free(&second);
    close_both(&model, &dataset);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(classes_are_scored),
        TEST(a_limit_is_spread_over_the_classes),
        TEST(unreadable_samples_are_counted),
        TEST(no_readable_sample_is_an_error),
        TEST(model_and_data_must_match),
        TEST(anomalies_by_reconstruction_error),
        TEST(json_has_every_field),
        TEST(predictions_and_agreement),
        TEST(golden_tensors_as_a_data_set),
        TEST(one_processor_gives_the_same),
    };
    return cmocka_run_group_tests_name("evaluate_model", tests, NULL, NULL);
}
