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

static void data_sets_to_train_on_must_exist(void **state)
{
    const char *both[] = {"train: data: cannot read /nonexistent/train: No such file or directory",
                          "train: test: cannot read /nonexistent/test: No such file or directory"};
    expect(*state, MODEL "train: {data: /nonexistent/train, test: /nonexistent/test}\n", 2, both);
    write_file(*state, "set.csv", "x", 1);
    expect(*state, MODEL "train: {data: set.csv, test: set.csv}\n", 0, NULL);
    expect(*state, MODEL "train: {data: set.csv, test: /nonexistent/test}\n", 1, &both[1]);
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
        cmocka_unit_test_setup_teardown(inputs_must_fit_the_models, fixture_folder_make,
                                        fixture_folder_remove),
    };
    return cmocka_run_group_tests_name("farm_check_spec_files", tests, NULL, NULL);
}
