/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a spec needs: named ones, data sets, each once. */
#include "check.h"

#include "base/file.h"
#include "spec/list_files.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hilfarm-list-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return hf_remove_tree(folder, NULL) == HF_OK ? 0 : -1;
}

static void write_file(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(hf_make_dirs(path, NULL), HF_OK);
    *slash = '/';
    assert_int_equal(hf_file_write(path, text, strlen(text), NULL), HF_OK);
}

static hf_spec *load(const char *text)
{
    write_file("t.yaml", text);
    char path[128];
    snprintf(path, sizeof path, "%s/t.yaml", folder);
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_spec *spec = NULL;
    assert_int_equal(hf_spec_load(path, &spec, diagnostics, NULL), HF_OK);
    hf_diagnostics_free(diagnostics);
    return spec;
}

/* @param expected the paths below the folder, each followed by a space */
static void expect_files(const hf_spec *spec, const char *expected)
{
    char found[512] = "";
    hf_spec_file_list list = {0};
    hf_error err = {0};
    if (hf_spec_list_files(spec, &list, &err) != HF_OK)
        fail_msg("%s", err.message);
    for (uint32_t i = 0; i < list.count; i++) {
        const size_t used = strlen(found), skipped = strlen(folder) + 1;
        assert_true(strncmp(list.paths[i], folder, skipped - 1) == 0);
        snprintf(found + used, sizeof found - used, "%s ", list.paths[i] + skipped);
    }
    hf_spec_file_list_free(&list);
    assert_string_equal(found, expected);
}

static void test_nothing_is_named(void **state)
{
    (void)state;
    hf_spec *spec = load("models: [mobilenetv1_0.25_96_c3_o2]\n");
    expect_files(spec, "");
    hf_spec_free(spec);
}

static void test_a_data_set_and_an_input(void **state)
{
    (void)state;
    write_file("set/cat/1.png", "1");
    write_file("set/cat/.2.png.swp", "2");
    write_file("set/.git/config", "3");
    write_file("set/labels.txt", "cat");
    write_file("in.bin", "12345678");
    write_file("b.npy", "1");
    write_file("c.npy", "2");
    char link[128];
    snprintf(link, sizeof link, "%s/set/dog", folder);
    assert_int_equal(symlink("cat", link), 0); /* data sets follow links */
    hf_spec *spec = load("models: [{name: mobilenetv1_0.25_96_c3_o2, data: set},\n"
                         "         {name: mobilenetv1_0.25_96_c1_o2, data: set}]\n"
                         "measure: {input: {files: [in.bin, [in.bin, b.npy], c.npy]}}\n");
    expect_files(spec, "b.npy c.npy in.bin set/cat/1.png set/dog/1.png set/labels.txt ");
    /* A link to a folder above would never end. */
    snprintf(link, sizeof link, "%s/set/up", folder);
    assert_int_equal(symlink("..", link), 0);
    hf_spec_file_list list = {0};
    hf_error err = {0};
    assert_int_equal(hf_spec_list_files(spec, &list, &err), HF_EIO);
    assert_non_null(strstr(err.message, "is a link to a folder above it"));
    assert_int_equal(list.count, 0);
    hf_error_clear(&err);
    char set[128];
    snprintf(set, sizeof set, "%s/set", folder);
    assert_int_equal(hf_remove_tree(set, NULL), HF_OK);
    assert_int_equal(hf_spec_list_files(spec, &list, &err), HF_EIO);
    assert_non_null(strstr(err.message, "set: No such file"));
    hf_spec_free(spec);
}

static void test_data_sets_that_are_files(void **state)
{
    (void)state;
    write_file("x/a-images-idx3-ubyte.gz", "1");
    write_file("x/a-labels-idx1-ubyte.gz", "2");
    write_file("x/b-images-idx3-ubyte.gz", "3");
    write_file("x/labels.txt", "cat");
    write_file("y/set.csv", "1.png,cat\n2.png,dog\n1.png,cat\n");
    write_file("y/1.png", "1");
    write_file("y/2.png", "2");
    write_file("y/3.png", "3");
    hf_spec *spec = load("models: [{name: mobilenetv1_0.25_96_c3_o2, data: x/a-images-idx3-ubyte.gz},\n"
                         "         {name: mobilenetv1_0.25_96_c1_o2, data: y/set.csv}]\n");
    expect_files(spec,
                 "x/a-images-idx3-ubyte.gz x/a-labels-idx1-ubyte.gz x/labels.txt y/1.png y/2.png y/set.csv ");
    hf_spec_free(spec);
}

static void test_a_model_is_listed_once(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SHARED(model, "models/kws_ref_model.tflite");
    char absolute[4096], text[8400];
    assert_non_null(realpath(model, absolute));
    snprintf(text, sizeof text, "models: [{tflite: %s}, {tflite: %s, name: again}]\n", absolute, absolute);
    hf_spec *spec = load(text);
    hf_spec_file_list list = {0};
    assert_int_equal(hf_spec_list_files(spec, &list, NULL), HF_OK);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.paths[0], absolute);
    hf_spec_file_list_free(&list);
    hf_spec_free(spec);
}

/* With trained weights goes the record of their training, if there is one. */
static void test_trained_weights(void **state)
{
    (void)state;
    write_file("w/a.tflite", "1");
    write_file("w/a.tflite.json", "{}");
    write_file("w/b.tflite", "1");
    hf_spec *spec = load("models: [{name: mobilenetv1_0.25_96_c3_o2, weights: w/a.tflite},\n"
                         "         {name: mobilenetv1_0.25_96_c1_o2, weights: w/b.tflite}]\n");
    expect_files(spec, "w/a.tflite w/a.tflite.json w/b.tflite ");
    hf_spec_free(spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_is_named, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_data_set_and_an_input, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_data_sets_that_are_files, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_trained_weights, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_model_is_listed_once, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("spec_list_files", tests, NULL, NULL);
}
