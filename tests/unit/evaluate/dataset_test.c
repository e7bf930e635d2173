/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "base/file.h"
#include "datasets/dataset.h"
#include "sample.h"

static char folder[64];

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

static void must_open(hf_dataset *dataset)
{
    hf_error err = {0};
    if (hf_dataset_open(folder, dataset, &err) != HF_OK)
        fail_msg("%s", err.message);
}

static void must_refuse(const char *says)
{
    hf_dataset dataset = {0};
    hf_error err = {0};
    assert_int_not_equal(hf_dataset_open(folder, &dataset, &err), HF_OK);
    assert_null(dataset.samples);
    if (!strstr(err.message, says))
        fail_msg("expected '%s' in '%s'", says, err.message);
}

static void folders_are_sorted(void **state)
{
    (void)state;
    sample_write_gray(folder, "zebra/2.pgm", 1);
    sample_write_gray(folder, "zebra/1.PGM", 1);
    sample_write_gray(folder, "ant/x.pgm", 1);
    sample_write_gray(folder, ".hidden/x.pgm", 1);
    sample_write_text(folder, "ant/notes.txt", "not an image");
    sample_write_text(folder, "readme", "not a class");
    hf_dataset dataset = {0};
    must_open(&dataset);
    assert_int_equal(dataset.kind, HF_DATASET_IMAGES);
    assert_int_equal(dataset.class_count, 2);
    assert_string_equal(dataset.classes[0], "ant");
    assert_string_equal(dataset.classes[1], "zebra");
    assert_int_equal(dataset.sample_count, 3);
    assert_int_equal(dataset.samples[0].label, 0);
    assert_non_null(strstr(dataset.samples[1].path, "zebra/1.PGM"));
    assert_int_equal(dataset.samples[2].label, 1);
    assert_int_equal(dataset.ignored_files, 1);
    hf_dataset_free(&dataset);

    sample_write_text(folder, "labels.txt", "zebra\r\nbee\nant");
    must_open(&dataset);
    assert_int_equal(dataset.class_count, 3);
    assert_string_equal(dataset.classes[1], "bee");
    assert_int_equal(dataset.samples[0].label, 2); /* ant */
    assert_int_equal(dataset.samples[1].label, 0);
    hf_dataset_free(&dataset);

    sample_write_text(folder, "labels.txt", "zebra\nbee\n");
    must_refuse("labels.txt: no line for the folder 'ant'");
    sample_write_text(folder, "labels.txt", "zebra\nant\nzebra\n");
    must_refuse("labels.txt:3: 'zebra' appears twice");
    sample_write_text(folder, "labels.txt", "zebra\n\nant\n");
    must_refuse("labels.txt:2: expected the name of a class");
}

static void missing_data(void **state)
{
    (void)state;
    must_refuse("found 0 folders without images");
    hf_dataset dataset = {0};
    hf_error err = {0};
    assert_int_equal(hf_dataset_open("/nowhere/at/all", &dataset, &err), HF_ENOTFOUND);
    sample_write_text(folder, "data.bin", "x");
    char path[128];
    snprintf(path, sizeof path, "%s/data.bin", folder);
    hf_error_clear(&err);
    assert_int_equal(hf_dataset_open(path, &dataset, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "expected a folder of images"));
}

static void csv_is_read(void **state)
{
    (void)state;
    sample_write_text(folder, "y_labels.csv", "a.bin,3,2\r\n\n sub/b.bin , 3, 0\nc.bin,3,1");
    hf_dataset dataset = {0};
    must_open(&dataset);
    assert_int_equal(dataset.kind, HF_DATASET_TENSORS);
    assert_int_equal(dataset.class_count, 3);
    assert_string_equal(dataset.classes[2], "2");
    assert_int_equal(dataset.sample_count, 3);
    assert_int_equal(dataset.samples[0].label, 2);
    assert_non_null(strstr(dataset.samples[1].path, "/sub/b.bin"));
    assert_int_equal(dataset.samples[1].window_bytes, 0);
    hf_dataset_free(&dataset);
    sample_write_text(folder, "y_labels.csv", "a.bin,2,1,2560,512\n");
    must_open(&dataset);
    assert_int_equal(dataset.samples[0].window_bytes, 2560);
    assert_int_equal(dataset.samples[0].stride_bytes, 512);
    hf_dataset_free(&dataset);
}

static void csv_mistakes_are_reported(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "the file lists no samples"},
        {"a.bin,3\n", ":1: expected file,classes,label"},
        {"a.bin,3,1,4\n", ":1: expected file,classes,label"},
        {"a.bin,3,1,4,4,4\n", ":1: expected file,classes,label"},
        {"a.bin,3,1\nb.bin,3,3\n", ":2: label '3': expected a number from 0 to 2"},
        {"a.bin,3,1\nb.bin,4,3\n", ":2: 4 classes, but 3 on the lines before"},
        {"a.bin,1,0\n", "number of classes '1'"},
        {"a.bin,99999999999999999999999,0\n", "number of classes"},
        {"a.bin,3,-1\n", "label '-1'"},
        {"a.bin,3,\n", "label ''"},
        {"a.bin,2,1,0,4\n", "window '0'"},
        {"a.bin,2,1,4,0\n", "stride '0'"},
        {"/etc/passwd,2,1\n", "expected the name of a file in or below"},
        {"../a.bin,2,1\n", "expected the name of a file in or below"},
        {"x/../../a.bin,2,1\n", "expected the name of a file in or below"},
        {",2,1\n", "expected the name of a file in or below"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sample_write_text(folder, "y_labels.csv", cases[i].text);
        must_refuse(cases[i].says);
    }
    sample_write(folder, "y_labels.csv", "a.bin,2,1\0\n", 11);
    must_refuse("not a text file");
}

static void read_as(const hf_dataset *dataset, const hf_sample_reading *how, const int8_t *expected,
                    uint32_t count)
{
    hf_sample_inputs inputs = {0};
    hf_error err = {0};
    if (hf_dataset_read(dataset, &dataset->samples[0], how, &inputs, &err) != HF_OK)
        fail_msg("%s", err.message);
    assert_int_equal(inputs.count, count);
    assert_memory_equal(inputs.values, expected, count * (size_t)hf_tensor_bytes(how->input));
    free(inputs.values);
}

static void read_fails(const hf_dataset *dataset, const hf_sample_reading *how, const char *says)
{
    hf_sample_inputs inputs = {0};
    hf_error err = {0};
    assert_int_not_equal(hf_dataset_read(dataset, &dataset->samples[0], how, &inputs, &err), HF_OK);
    assert_null(inputs.values);
    if (!strstr(err.message, says))
        fail_msg("expected '%s' in '%s'", says, err.message);
}

static void tensors_of_each_type(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0, 127, 128, 255};
    sample_write(folder, "a.bin", bytes, 4);
    sample_write_text(folder, "y_labels.csv", "a.bin,2,1\n");
    hf_dataset dataset = {0};
    must_open(&dataset);
    hf_tensor input = {.height = 2, .width = 2, .channels = 1, .quant = {0.5f, -128}};
    hf_sample_reading how = {.input = &input};
    const int8_t image[] = {-128, -1, 0, 127}, raw[] = {0, 127, -128, -1};
    read_as(&dataset, &how, image, 1); /* zero point -128: image bytes */
    input.quant.zero_point = 4;
    read_as(&dataset, &how, raw, 1);
    how.bin = HF_BIN_U8;
    read_as(&dataset, &how, image, 1);
    how.bin = HF_BIN_F32;
    read_fails(&dataset, &how, "a.bin: 4 bytes, but the model's input takes 16");
    const float numbers[] = {0.0f, 1.0f, -1.0f, 1e9f};
    sample_write(folder, "a.bin", numbers, sizeof numbers);
    const int8_t quantised[] = {4, 6, 2, 127};
    read_as(&dataset, &how, quantised, 1);
    how.bin = HF_BIN_I8;
    read_fails(&dataset, &how, "a.bin: 16 bytes, but the model's input takes 4");
    sample_write(folder, "a.bin", "", 0);
    read_fails(&dataset, &how, "0 bytes");
    char path[128];
    snprintf(path, sizeof path, "%s/a.bin", folder);
    unlink(path);
    read_fails(&dataset, &how, "a.bin");
    hf_dataset_free(&dataset);
}

static void sliding_windows(void **state)
{
    (void)state;
    const float numbers[] = {0, 1, 2, 3, 4};
    sample_write(folder, "a.bin", numbers, sizeof numbers);
    sample_write_text(folder, "y_labels.csv", "a.bin,2,0,12,4\n");
    hf_dataset dataset = {0};
    must_open(&dataset);
    hf_tensor input = {.height = 1, .width = 1, .channels = 3, .quant = {1.0f, 0}};
    hf_sample_reading how = {.input = &input};
    const int8_t windows[] = {0, 1, 2, 1, 2, 3, 2, 3, 4};
    read_as(&dataset, &how, windows, 3);
    sample_write(folder, "a.bin", numbers, 8);
    read_fails(&dataset, &how, "8 bytes, less than one window of 12");
    input.channels = 2;
    read_fails(&dataset, &how, "windows of 12 bytes, but the model's input takes 8");
    hf_dataset_free(&dataset);
}

static void spread_is_even(void **state)
{
    (void)state;
    const uint32_t expected[] = {0, 3, 6};
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(hf_dataset_spread(i, 3, 10), expected[i]);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(hf_dataset_spread(i, 10, 10), i);
    assert_int_equal(hf_dataset_spread(1999999, 2000000, 2000000), 1999999);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(folders_are_sorted),   TEST(missing_data),
        TEST(csv_is_read),          TEST(csv_mistakes_are_reported),
        TEST(tensors_of_each_type), TEST(sliding_windows),
        TEST(spread_is_even),
    };
    return cmocka_run_group_tests_name("evaluate_dataset", tests, NULL, NULL);
}
