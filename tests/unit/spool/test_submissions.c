/* SPDX-License-Identifier: Apache-2.0 */
/* Submissions in the spool: order, files, end, limits. */
#include "fixture.h"

static hf_status add(hf_spool *spool, const char *key, const hf_spool_file *files, uint32_t count,
                     hf_error *err)
{
    char text[80];
    const int length = snprintf(text, sizeof text, "text of %s", key);
    return hf_spool_add(spool, key, text, (size_t)length, files, count, err);
}

static void expect_entries(hf_spool *spool, const char *expected)
{
    char found[256] = "";
    hf_spool_entry *entries = NULL;
    uint32_t count = 0;
    assert_int_equal(hf_spool_list(spool, &entries, &count, NULL), HF_OK);
    for (uint32_t i = 0; i < count; i++) {
        const size_t used = strlen(found);
        snprintf(found + used, sizeof found - used, "%s%s ", entries[i].key, entries[i].is_over ? "+" : "");
        assert_true(entries[i].is_over == (entries[i].over_ms > 0));
    }
    free(entries);
    assert_string_equal(found, expected);
}

static void test_order_and_text_survive(void **state)
{
    (void)state;
    hf_spool *spool = open_spool(NULL);
    assert_int_equal(add(spool, "z-1", NULL, 0, NULL), HF_OK);
    assert_int_equal(add(spool, "a_2", NULL, 0, NULL), HF_OK);
    hf_spool *second = NULL;
    hf_error err = {0};
    assert_int_equal(hf_spool_open(spool_folder, NULL, &second, &err), HF_EBUSY);
    assert_non_null(strstr(err.message, "used by another process"));
    hf_spool_close(spool);
    spool = open_spool(NULL);
    assert_int_equal(add(spool, "b", NULL, 0, NULL), HF_OK);
    expect_entries(spool, "z-1 a_2 b ");
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(hf_spool_read(spool, "a_2", &text, &size, NULL), HF_OK);
    assert_string_equal(text, "text of a_2");
    assert_int_equal(size, 11);
    free(text);
    assert_int_equal(hf_spool_read(spool, "c", &text, &size, NULL), HF_ENOTFOUND);
    assert_null(hf_spool_tree(spool, "c"));
    hf_spool_close(spool);
}

static void test_files_have_their_places(void **state)
{
    (void)state;
    hf_spool *spool = open_spool(NULL);
    char one[HF_SHA256_HEX_SIZE], two[HF_SHA256_HEX_SIZE];
    assert_int_equal(upload(spool, "one", one, NULL), HF_OK);
    assert_int_equal(upload(spool, "two", two, NULL), HF_OK);
    const hf_spool_file files[] = {{"m/a.tflite", one}, {"../../../../m/a.tflite", two}, {"/etc/m", one}};
    assert_int_equal(add(spool, "k", files, 3, NULL), HF_OK);
    char *tree = hf_spool_tree(spool, "k");
    expect_content(tree, "rel/m/a.tflite", "one");
    expect_content(tree, "rel/@up/@up/@up/@up/m/a.tflite", "two");
    expect_content(tree, "abs/etc/m", "one");
    assert_int_equal(add(spool, "l", files, 1, NULL), HF_OK);
    assert_int_equal(count_files("files"), 2); /* four places, two files */
    assert_int_equal(hf_spool_set_over(spool, "k", "done", 4, NULL), HF_OK);
    assert_int_not_equal(access(tree, F_OK), 0);
    free(tree);
    tree = hf_spool_tree(spool, "l"); /* the other submission still has its file */
    expect_content(tree, "rel/m/a.tflite", "one");
    free(tree);
    hf_spool_close(spool);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    const hf_spool_options options = {.max_waiting = 2};
    hf_spool *spool = open_spool(&options);
    char one[HF_SHA256_HEX_SIZE], none[HF_SHA256_HEX_SIZE];
    assert_int_equal(upload(spool, "one", one, NULL), HF_OK);
    hf_sha256_hex("none", 4, none);
    const hf_spool_file twice[] = {{"m/a", one}, {"./m//a", one}}, below[] = {{"m/a", one}, {"m/a/b", one}},
                        missing[] = {{"m/a", none}};
    hf_error err = {0};
    assert_int_equal(add(spool, "k", twice, 2, &err), HF_EINVALID);
    assert_string_equal(err.message, "./m//a is named twice");
    assert_int_not_equal(add(spool, "k", below, 2, NULL), HF_OK);
    hf_error_clear(&err);
    assert_int_equal(add(spool, "k", missing, 1, &err), HF_ENOTFOUND);
    assert_non_null(strstr(err.message, "m/a"));
    assert_non_null(strstr(err.message, none));
    static const char *const keys[] = {"", "..", "a/b", "a b",
                                       "12345678901234567890123456789012345678901234567890123456789012345"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(add(spool, keys[i], NULL, 0, NULL), HF_EINVALID);
    expect_entries(spool, "");
    assert_int_equal(count_files("runs"), 0);
    assert_int_equal(add(spool, "k", NULL, 0, NULL), HF_OK);
    assert_int_equal(add(spool, "k", NULL, 0, NULL), HF_EINVALID);
    assert_int_equal(add(spool, "l", NULL, 0, NULL), HF_OK);
    hf_error_clear(&err);
    assert_int_equal(add(spool, "m", NULL, 0, &err), HF_ELIMIT);
    assert_non_null(strstr(err.message, "2 runs wait"));
    assert_int_equal(hf_spool_set_over(spool, "k", "", 0, NULL), HF_OK); /* makes room */
    assert_int_equal(add(spool, "m", NULL, 0, NULL), HF_OK);
    hf_spool_close(spool);
}

static void test_the_end_of_a_run(void **state)
{
    (void)state;
    hf_spool *spool = open_spool(NULL);
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(add(spool, "k", NULL, 0, NULL), HF_OK);
    assert_int_equal(add(spool, "l", NULL, 0, NULL), HF_OK);
    assert_int_equal(hf_spool_read_over(spool, "k", &text, &size, NULL), HF_ENOTFOUND);
    assert_int_equal(hf_spool_set_over(spool, "k", "12 measured", 11, NULL), HF_OK);
    assert_int_equal(hf_spool_set_over(spool, "k", "something else", 14, NULL), HF_OK);
    assert_int_equal(hf_spool_set_over(spool, "x", "", 0, NULL), HF_ENOTFOUND);
    hf_spool_close(spool);
    spool = open_spool(NULL);
    expect_entries(spool, "k+ l ");
    assert_int_equal(hf_spool_read_over(spool, "k", &text, &size, NULL), HF_OK);
    assert_string_equal(text, "12 measured");
    free(text);
    assert_int_equal(hf_spool_prune(spool, 1, NULL), HF_OK);
    expect_entries(spool, "k+ l ");
    assert_int_equal(hf_spool_prune(spool, INT64_MAX, NULL), HF_OK);
    expect_entries(spool, "l ");
    hf_spool_close(spool);
    spool = open_spool(NULL);
    expect_entries(spool, "l ");
    hf_spool_close(spool);
}

static char steps_seen[8]; /* by step: whether the submission has its name */

static void note_step(void *user)
{
    (void)user;
    char path[128];
    snprintf(path, sizeof path, "%s/runs/0000000001-k", spool_folder);
    const size_t used = strlen(steps_seen);
    if (used < sizeof steps_seen - 1)
        steps_seen[used] = access(path, F_OK) == 0 ? 'y' : 'n';
}

/* A submission that is half removed must not be taken for one that waits. */
static void test_a_removed_submission_loses_its_name_first(void **state)
{
    (void)state;
    const hf_spool_options options = {.step = note_step};
    hf_spool *spool = open_spool(&options);
    assert_int_equal(add(spool, "k", NULL, 0, NULL), HF_OK);
    assert_int_equal(hf_spool_set_over(spool, "k", "", 0, NULL), HF_OK);
    memset(steps_seen, 0, sizeof steps_seen);
    assert_int_equal(hf_spool_prune(spool, INT64_MAX, NULL), HF_OK);
    assert_string_equal(steps_seen, "yn");
    hf_spool_close(spool);
}

static void test_unused_files_are_pruned(void **state)
{
    (void)state;
    hf_spool *spool = open_spool(NULL);
    char one[HF_SHA256_HEX_SIZE], two[HF_SHA256_HEX_SIZE];
    assert_int_equal(upload(spool, "one", one, NULL), HF_OK);
    assert_int_equal(upload(spool, "two", two, NULL), HF_OK);
    const hf_spool_file file = {"m/a", one};
    assert_int_equal(add(spool, "k", &file, 1, NULL), HF_OK);
    assert_int_equal(hf_spool_prune(spool, 1, NULL), HF_OK);
    assert_true(hf_spool_has(spool, two));
    assert_int_equal(hf_spool_prune(spool, INT64_MAX, NULL), HF_OK);
    assert_true(hf_spool_has(spool, one));
    assert_false(hf_spool_has(spool, two));
    hf_spool_close(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order_and_text_survive, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_files_have_their_places, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_what_is_refused, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_the_end_of_a_run, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_removed_submission_loses_its_name_first, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_unused_files_are_pruned, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("spool_submissions", tests, NULL, NULL);
}
