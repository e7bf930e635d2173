/* SPDX-License-Identifier: Apache-2.0 */
/* Loading models by name and from files. */
#include "hf_test.h"

#include <stdlib.h>
#include <unistd.h>

#include "source/source.h"
#include "tflite/tflite.h"

static void assert_ok(hf_status status, const hf_error *err)
{
    if (status != HF_OK)
        fail_msg("%s", err->message);
}

static void names_are_parsed_and_checked(void **state)
{
    (void)state;
    hf_source source;
    hf_error err = {0};
    assert_ok(hf_source_parse("mobilenetv1_0.25_96_c3_o2", &source, &err), &err);
    assert_string_equal(source.name, "mobilenetv1_0.25_96_c3_o2");
    assert_null(source.tflite_path);
    assert_int_equal(source.weights_seed, HF_WEIGHTS_SEED_DEFAULT);
    const char *const wrong[] = {"mobilenetv9_0.25_96_c3_o2", "mobilenetv1_0.25_96_c2_o2", "", "a/b",
                                 "x.yaml"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        hf_error_clear(&err);
        if (hf_source_parse(wrong[i], &source, &err) != HF_EINVALID)
            fail_msg("'%s' was accepted", wrong[i]);
        assert_true(err.message[0] != '\0');
    }
    assert_string_equal(source.name, "mobilenetv1_0.25_96_c3_o2"); /* written on success only */
}

static void models_of_files_are_named_after_the_file(void **state)
{
    (void)state;
    hf_source source;
    hf_error err = {0};
    static const char path[] = "/nonexistent/net.tflite";
    assert_ok(hf_source_parse(path, &source, &err), &err);
    assert_string_equal(source.name, "net");
    assert_ptr_equal(source.tflite_path, path);
    hf_graph *graph = NULL;
    assert_int_not_equal(hf_source_load(&source, &graph, &err), HF_OK);
    assert_null(graph);
}

/* A variation is built without weights and loaded with those of its seed. A file has weights of its own. */
static void loaded_models_have_weights(void **state)
{
    (void)state;
    hf_source source, file;
    hf_error err = {0};
    hf_graph *bare = NULL, *one = NULL, *two = NULL, *read = NULL;
    uint8_t *first = NULL, *second = NULL, *again = NULL;
    size_t first_size = 0, second_size = 0, again_size = 0;
    assert_ok(hf_source_parse("mobilenetv1_0.1_32_c1_o2", &source, &err), &err);
    assert_ok(hf_source_build(&source, &bare, &err), &err);
    assert_ok(hf_source_load(&source, &one, &err), &err);
    source.weights_seed++;
    assert_ok(hf_source_load(&source, &two, &err), &err);
    assert_int_not_equal(hf_tflite_write(bare, &first, &first_size, NULL), HF_OK);
    assert_ok(hf_tflite_write(one, &first, &first_size, &err), &err);
    assert_ok(hf_tflite_write(two, &second, &second_size, &err), &err);
    assert_true(first_size != second_size || memcmp(first, second, first_size) != 0);

    char path[] = "/tmp/hilfarm-source-XXXXXX.tflite";
    int fd = mkstemps(path, 7);
    assert_true(fd >= 0 && write(fd, first, first_size) == (ssize_t)first_size && close(fd) == 0);
    assert_ok(hf_source_parse(path, &file, &err), &err);
    assert_ok(hf_source_load(&file, &read, &err), &err);
    unlink(path);
    assert_ok(hf_tflite_write(read, &again, &again_size, &err), &err);
    assert_int_equal(read->node_count, one->node_count);
    free(first);
    free(second);
    free(again);
    hf_graph_free(bare);
    hf_graph_free(one);
    hf_graph_free(two);
    hf_graph_free(read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_parsed_and_checked),
        cmocka_unit_test(models_of_files_are_named_after_the_file),
        cmocka_unit_test(loaded_models_have_weights),
    };
    return cmocka_run_group_tests_name("models_source", tests, NULL, NULL);
}
