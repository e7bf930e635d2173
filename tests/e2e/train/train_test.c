/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm train` and `run` with hilfarm-train on small data sets. Skipped where torch is missing. */
#include "hf_test.h"

#include <jansson.h>
#include <math.h>
#include <signal.h>

#include "base/file.h"
#include "shapes.h"
#include "training_fixture.h"

#define DEADLINE_MS 240000

static int set_up(void **state)
{
    (void)state;
    return training_fixture_open(200, 80);
}

static int tear_down(void **state)
{
    (void)state;
    return training_fixture_close();
}

/* @param models items of the list, one per line @param recipe further keys of `train` */
static void write_spec(const char *models, const char *recipe)
{
    char text[2048];
    snprintf(text, sizeof text,
             "name: shapes\nmodels:\n%s"
             "train: {data: train-images-idx4-ubyte, test: test-images-idx4-ubyte, models: trained, %s}\n"
             "boards: {tags: [stm32l4r5zi]}\nmeasure: {warmup: 0, runs: 1, layers: false}\n",
             models, recipe);
    assert_int_equal(hf_file_write(in_folder("t.yaml"), text, strlen(text), NULL), HF_OK);
}

/* @return exit status; the output is in fixture.child.output */
static int run_hilfarm(const char *const *words)
{
    const char *argv[16] = {fixture.hilfarm};
    for (int i = 1; *words && i < 15; i++)
        argv[i] = *words++;
    fixture.child = (process){0};
    assert_true(process_start(&fixture.child, argv));
    return process_wait_exit(&fixture.child, DEADLINE_MS);
}

#define HILFARM(...) run_hilfarm((const char *const[]){__VA_ARGS__, NULL})

static void must(int exit_status)
{
    if (exit_status != 0)
        fail_msg("exit status %d:\n%s", exit_status, fixture.child.output);
}

static json_t *record_of(const char *model)
{
    char name[256];
    snprintf(name, sizeof name, "%s/trained/%s.tflite.json", fixture.folder, model);
    json_t *record = json_load_file(name, 0, NULL);
    assert_non_null(record);
    return record;
}

static double number_of(const json_t *record, const char *key)
{
    return json_number_value(json_object_get(record, key));
}

static void digest_of(const char *model, char digest[HF_SHA256_HEX_SIZE])
{
    char path[256];
    uint64_t size = 0;
    snprintf(path, sizeof path, "%s/trained/%s.tflite", fixture.folder, model);
    assert_int_equal(hf_sha256_file(path, digest, &size, NULL), HF_OK);
}

#define SMALL "mobilenetv1_0.1_32_c3_o4_l1"

/* From data to measured models: trained, scored as int8, equal on the board; nothing is done twice. */
static void trained_and_measured(void **state)
{
    (void)state;
    if (!has_trainer())
        skip();
    write_spec(
        "  - {family: mobilenetv1, alpha: [0.1, 0.2], resolution: 32, channels: 3, classes: 4, l: 1}\n",
        "epochs: 20, batch: 8");
    must(HILFARM("run", in_folder("t.yaml"), "--local", "--plain", "--db", in_folder("store.db")));
    assert_says("trained: 2 new, 0 kept from before, 0 failed");
    assert_says("2 measured");
    json_t *record = record_of(SMALL);
    assert_true(json_is_true(json_object_get(record, "complete")));
    assert_int_equal(json_array_size(json_object_get(record, "history")), 20);
    /* One in four would be right by chance. */
    assert_true(number_of(record, "float_percent") >= 60);
    assert_true(number_of(record, "int8_percent") >= number_of(record, "float_percent") - 5);
    /* The run scored the same file: its accuracy is that of the record, and family and factors are kept. */
    const double accuracy = number_of(record, "int8_percent");
    json_decref(record);
    must(HILFARM("export", "csv", "latest", "--db", in_folder("store.db")));
    const char *row = strstr(fixture.child.output, SMALL ",");
    assert_non_null(row);
    assert_true(strncmp(row + strlen(SMALL ","), "mobilenetv1,", 12) == 0);
    const char *at = strstr(row, ",top-1 on "); /* after the accuracy and both ends of its interval */
    assert_non_null(at);
    for (int commas = 0; commas < 3;)
        commas += *--at == ',';
    assert_true(fabs(strtod(at + 1, NULL) - accuracy) < 1e-6);
    /* The run keeps how they were trained. */
    must(HILFARM("export", "json", "latest", "--db", in_folder("store.db")));
    assert_says("\"training\":{\"key\":\"");
    assert_says(",\"complete\":true,\"epochs\":20,");
    assert_says("{\"epoch\":20,\"loss\":");

    char before[HF_SHA256_HEX_SIZE], after[HF_SHA256_HEX_SIZE];
    digest_of(SMALL, before);
    must(HILFARM("train", in_folder("t.yaml"), "--plain"));
    assert_says("trained: 0 new, 2 kept from before, 0 failed");

    /* Without a trainer, what is trained can be used. */
    must(HILFARM("train", in_folder("t.yaml"), "--plain", "--trainer", "/nowhere/hilfarm-train"));
    assert_says("2 kept from before");

    /* Removed and trained again: bit for bit the same. */
    must(unlink(in_folder("trained/" SMALL ".tflite")));
    must(HILFARM("train", in_folder("t.yaml"), "--plain", "--jobs", "1"));
    assert_says("trained: 1 new, 1 kept from before, 0 failed");
    digest_of(SMALL, after);
    assert_string_equal(before, after);
}

/* Each family, with quantisation-aware training for one: the result is read back and scored. */
static void every_family(void **state)
{
    (void)state;
    if (!has_trainer())
        skip();
    write_spec(
        "  - mobilenetv2_0.1_32_c3_o4_l64\n"
        "  - shufflenetv1_0.25_32_c3_o4\n"
        "  - shufflenetv2_0.05_32_c3_o4_l64\n"
        "  - mobilenetv1_0.1_32_c3_o4_l1.GAP\n",
        "epochs: 1, batch: 16, quantize: qat, augment: [flip, crop], class_weights: true, pixels: -1..1");
    must(HILFARM("train", in_folder("t.yaml"), "--plain"));
    assert_says("trained: 4 new, 0 kept from before, 0 failed");
    assert_int_equal(shapes_write(fixture.folder, "train", 48, 64, 1, NULL), HF_OK);
    assert_int_equal(shapes_write(fixture.folder, "test", 16, 64, 2, NULL), HF_OK);
    write_spec("  - mobilenetv3smallSQ_0.1_64_c3_o4_l32pl32\n"
               "  - mobilenetv3smallNSQ_0.1_64_c3_o4_l32pl32\n",
               "epochs: 1, batch: 16, schedule: linear");
    must(HILFARM("train", in_folder("t.yaml"), "--plain"));
    assert_says("trained: 2 new, 0 kept from before, 0 failed");
    json_t *record = record_of("mobilenetv3smallSQ_0.1_64_c3_o4_l32pl32");
    assert_true(number_of(record, "int8_percent") >= 0);
    json_decref(record);
}

/* A teacher is trained first, also if it comes last; first weights come from it; what cannot be measured is not trained, but pruned. */
static void learning_from_others(void **state)
{
    (void)state;
    if (!has_trainer())
        skip();
    static const char text[] =
        "name: shapes\nconstraints: {macs: 200 k}\nmodels:\n"
        "  - {name: " SMALL ", train: {teacher: mobilenetv1_0.1_32_c3_o4_l2, from: "
        "mobilenetv1_0.1_32_c3_o4_l2}}\n"
        "  - mobilenetv1_0.5_32_c3_o4_l5\n"
        "  - mobilenetv1_0.1_32_c3_o4_l2\n"
        "train: {data: train-images-idx4-ubyte, models: trained, epochs: 2, batch: 8}\n"
        "boards: {tags: [stm32l4r5zi]}\nmeasure: {warmup: 0, runs: 1, layers: false}\n";
    assert_int_equal(hf_file_write(in_folder("t.yaml"), text, strlen(text), NULL), HF_OK);
    assert_int_equal(HILFARM("run", in_folder("t.yaml"), "--local", "--plain", "--db", in_folder("store.db")),
                     0);
    assert_says("mobilenetv1_0.5_32_c3_o4_l5: not trained: MACs: an inference takes");
    assert_says("trained: 2 new, 0 kept from before, 0 failed");
    assert_says("2 measured");
    assert_says("1 pruned");
    const char *teacher = strstr(fixture.child.output, "mobilenetv1_0.1_32_c3_o4_l2: trained"),
               *student = strstr(fixture.child.output, SMALL ": epoch 1");
    assert_true(teacher && student && teacher < student);
    /* Another teacher is another training. */
    must(unlink(in_folder("trained/mobilenetv1_0.1_32_c3_o4_l2.tflite")));
    must(HILFARM("export", "tflite", "mobilenetv1_0.1_32_c3_o4_l2", "-o",
                 in_folder("trained/mobilenetv1_0.1_32_c3_o4_l2.tflite")));
    must(HILFARM("train", in_folder("t.yaml"), "--plain", "--only", SMALL));
    assert_says("trained: 1 new, 0 kept from before, 0 failed");
}

/* Stopped in the middle and continued: the same file as without a stop. */
static void stopped_and_continued(void **state)
{
    (void)state;
    if (!has_trainer())
        skip();
    char whole[HF_SHA256_HEX_SIZE], continued[HF_SHA256_HEX_SIZE];
    write_spec("  - " SMALL "\n", "epochs: 12, batch: 16");
    const char *const argv[] = {fixture.hilfarm, "train", in_folder("t.yaml"), "--plain", NULL};
    fixture.child = (process){0};
    assert_true(process_start(&fixture.child, argv));
    assert_true(process_wait_output(&fixture.child, "epoch 1 of 12", DEADLINE_MS));
    assert_int_equal(kill(fixture.child.pid, SIGINT), 0);
    assert_int_equal(process_wait_exit(&fixture.child, DEADLINE_MS), 4);
    assert_says("the best is kept");
    json_t *record = record_of(SMALL);
    assert_true(json_is_false(json_object_get(record, "complete")));
    assert_true(number_of(record, "epochs") < 12);
    json_decref(record);
    must(HILFARM("train", in_folder("t.yaml"), "--plain"));
    assert_says("epoch 12 of 12");
    assert_null(strstr(fixture.child.output, "epoch 1 of 12"));
    record = record_of(SMALL);
    assert_int_equal(json_array_size(json_object_get(record, "history")), 12);
    json_decref(record);
    digest_of(SMALL, continued);
    must(unlink(in_folder("trained/" SMALL ".tflite")));
    must(HILFARM("train", in_folder("t.yaml"), "--plain"));
    assert_says("epoch 1 of 12");
    digest_of(SMALL, whole);
    assert_string_equal(whole, continued);
}

/* No trainer, no data, wrong classes, another network's weights: each says what is wrong. */
static void mistakes_are_explained(void **state)
{
    (void)state;
    write_spec("  - " SMALL "\n", "epochs: 1");
    assert_int_equal(HILFARM("train", in_folder("t.yaml"), "--plain", "--trainer", "/nowhere/hilfarm-train"),
                     2);
    assert_says("has to be trained, and hilfarm-train is not there");
    assert_says("apt install libtorch-dev");
    static const char no_data[] = "models: [" SMALL "]\ntrain: {data: nowhere.npy, epochs: 1}\n";
    assert_int_equal(hf_file_write(in_folder("t.yaml"), no_data, strlen(no_data), NULL), HF_OK);
    assert_int_equal(HILFARM("train", in_folder("t.yaml"), "--plain"), 2);
    assert_says("train: data: ");
    assert_says("nowhere.npy");
    static const char no_train[] = "models: [" SMALL "]\n";
    assert_int_equal(hf_file_write(in_folder("t.yaml"), no_train, strlen(no_train), NULL), HF_OK);
    assert_int_equal(HILFARM("train", in_folder("t.yaml"), "--plain"), 2);
    assert_says("trains no model: expected a \"train\" section");
    must(HILFARM("export", "tflite", "mobilenetv1_0.2_32_c3_o4_l1", "-o", in_folder("other.tflite")));
    static const char wrong[] =
        "models: [{name: " SMALL ", weights: other.tflite}]\nboards: {tags: [stm32l4r5zi]}\n";
    assert_int_equal(hf_file_write(in_folder("t.yaml"), wrong, strlen(wrong), NULL), HF_OK);
    assert_int_equal(HILFARM("run", in_folder("t.yaml"), "--local", "--plain", "--db", in_folder("store.db")),
                     1);
    assert_says("not the weights of " SMALL);
    /* Before anything is trained or measured, and with one reason for all commands. */
    write_spec("  - mobilenetv1_0.1_32_c3_o7_l1\n", "epochs: 1");
    static const char *const commands[] = {"train", "run", "validate"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(HILFARM(commands[i], in_folder("t.yaml")), 2);
        assert_says("mobilenetv1_0.1_32_c3_o7_l1 has 7 outputs, but the data set has 4 classes");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(trained_and_measured),  TEST(every_family),           TEST(learning_from_others),
        TEST(stopped_and_continued), TEST(mistakes_are_explained),
    };
    return cmocka_run_group_tests_name("train_command", tests, NULL, NULL);
}
