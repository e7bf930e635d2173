/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a spec that a training or a run would refuse are found without either. */
#include "hf_test.h"

#include "base/file.h"
#include "farm/check_spec_files.h"
#include "fixture.h"

static char path[256]; /* of the spec */

static void write_file(void *folder, const char *name, const char *text, size_t size)
{
    hf_error err = {0};
    snprintf(path, sizeof path, "%s/%s", (const char *)folder, name);
    assert_ok(hf_file_write(path, text, size, &err), &err);
}

/* Reads the spec, which has no mistake of its own, and expects these mistakes in its files. */
static void expect(void *folder, const char *text, uint32_t count, const char *const *says)
{
    hf_error err = {0};
    hf_spec *spec = NULL;
    hf_diagnostics *found = hf_diagnostics_new();
    assert_non_null(found);
    write_file(folder, "t.yaml", text, strlen(text));
    assert_ok(hf_spec_load(path, &spec, found, &err), &err);
    assert_ok(hf_check_spec_files(spec, found, &err), &err);
    assert_int_equal(hf_diagnostics_total(found), count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(hf_diagnostics_at(found, i)->line, 2);
        if (!strstr(hf_diagnostics_at(found, i)->text, says[i]))
            fail_msg("expected '%s' in '%s'", says[i], hf_diagnostics_at(found, i)->text);
    }
    hf_spec_free(spec);
    hf_diagnostics_free(found);
}

#define MODEL "models: [mobilenetv1_0.25_96_c3_o2]\n"

#define SET "1.png,cat\n2.png,dog\n"

static void data_sets_to_train_on_must_exist(void **state)
{
    const char *data = "train: data: /nonexistent/train: No such file or directory",
               *test = "train: test: /nonexistent/test: No such file or directory";
    expect(*state, MODEL "train: {data: /nonexistent/train, test: /nonexistent/test}\n", 1, &data);
    write_file(*state, "set.csv", SET, strlen(SET));
    expect(*state, MODEL "train: {data: set.csv, test: set.csv}\n", 0, NULL);
    expect(*state, MODEL "train: {data: set.csv, test: /nonexistent/test}\n", 1, &test);
}

/* Each model that is trained or scored has the classes of its data sets: before anything is trained or measured. */
static void classes_must_fit_the_data(void **state)
{
    const char *has_2[] = {"train: data: ",
                           "mobilenetv1_0.25_96_c3_o4 has 4 outputs, but the data set has 2 classes"};
    const char *both[] = {has_2[1], "mobilenetv1_0.5_48_c3_o4 has 4 outputs"};
    write_file(*state, "set.csv", SET, strlen(SET));
    /* Only the first of an item's models is named, and the one of another item too. */
    expect(*state,
           "name: x\nmodels: [{family: mobilenetv1, alpha: [0.25, 0.5], resolution: 96, channels: 3, "
           "classes: 4}, "
           "mobilenetv1_0.5_48_c3_o4, mobilenetv1_0.5_48_c3_o2]\n"
           "train: {data: set.csv}\n",
           2, both);
    expect(*state, "name: x\nmodels: [mobilenetv1_0.25_96_c3_o4]\ntrain: {data: set.csv}\n", 1, &has_2[1]);
    const char *scored = "data: ";
    expect(*state, "name: x\nmodels: [{name: mobilenetv1_0.25_96_c3_o4, data: set.csv}]\n", 1, &scored);
    expect(*state, "name: x\nmodels: [{name: mobilenetv1_0.25_96_c3_o2, data: set.csv}]\n", 0, NULL);
    /* Its own recipe, without a section; a model that is not trained. */
    expect(*state, "name: x\nmodels: [{name: mobilenetv1_0.25_96_c3_o4, train: {data: set.csv}}]\n", 1,
           has_2);
    expect(*state,
           "name: x\nmodels: [{name: mobilenetv1_0.25_96_c3_o4, train: false}]\ntrain: {data: set.csv}\n", 0,
           NULL);
}

/* 96 x 96 x 3 bytes, of which a file may have several. */
static void inputs_must_fit_the_models(void **state)
{
    static char bytes[2 * 96 * 96 * 3];
    const char *size = "mobilenetv1_0.25_96_c3_o2: input: ";
    write_file(*state, "fits.bin", bytes, sizeof bytes);
    write_file(*state, "short.bin", bytes, sizeof bytes - 1);
    expect(*state, "measure: {input: {file: fits.bin}}\nmodels: [mobilenetv1_0.25_96_c3_o2]\n", 0, NULL);
    expect(*state, "measure: {input: {file: short.bin}}\nmodels: [mobilenetv1_0.25_96_c3_o2]\n", 1, &size);
    /* Once for models with the same inputs; again for another one. */
    const char *other[] = {"short.bin has 55295 bytes, expected 27648 for each input (int8 96x96x3)",
                           "mobilenetv1_0.5_48_c3_o2: input: "};
    expect(*state,
           "measure: {input: {file: short.bin}}\n"
           "models: [mobilenetv1_0.25_96_c3_o2, mobilenetv1_0.5_96_c3_o2, mobilenetv1_0.5_48_c3_o2]\n",
           2, other);
    const char *many = "but the model has 1 input";
    expect(*state, "measure: {input: {files: [[fits.bin, fits.bin]]}}\nmodels: [mobilenetv1_0.25_96_c3_o2]\n",
           1, &many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(data_sets_to_train_on_must_exist, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(classes_must_fit_the_data, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(inputs_must_fit_the_models, fixture_folder_make,
                                        fixture_folder_remove),
    };
    return cmocka_run_group_tests_name("farm_check_spec_files", tests, NULL, NULL);
}
