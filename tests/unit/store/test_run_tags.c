/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "sample.h"
#include "store/run_tags.h"

/* Three runs; @return the handle */
static hf_store *make_runs(void **state, int64_t ids[3])
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report;
    assert_ok(hf_store_open(fixture_path(state, "a.db"), &store, &err), &err);
    sample_small(&report);
    for (int i = 0; i < 3; i++)
        assert_ok(fixture_record(store, &report, &ids[i], &err), &err);
    hf_report_free(&report);
    return store;
}

static int64_t found(hf_store *store, const char *text)
{
    hf_error err = {0};
    int64_t run_id = -1;
    assert_ok(hf_store_find_run(store, text, &run_id, &err), &err);
    return run_id;
}

static void tags_find_runs(void **state)
{
    hf_error err = {0};
    int64_t ids[3], run_id = 0;
    hf_store *store = make_runs(state, ids);
    assert_ok(hf_store_tag_run(store, "v1.0", ids[0], false, &err), &err);
    assert_ok(hf_store_tag_run(store, "release", ids[1], false, &err), &err);
    assert_ok(hf_store_tag_run(store, "release", ids[1], false, &err), &err); /* again: no change */
    assert_int_equal(found(store, "v1.0"), ids[0]);
    assert_int_equal(found(store, "release"), ids[1]);

    /* Another run gets it only on demand. */
    assert_int_equal(hf_store_tag_run(store, "release", ids[2], false, &err), HF_EBUSY);
    assert_non_null(strstr(err.message, "run 2"));
    hf_error_clear(&err);
    assert_int_equal(found(store, "release"), ids[1]);
    assert_ok(hf_store_tag_run(store, "release", ids[2], true, &err), &err);
    assert_int_equal(found(store, "release"), ids[2]);

    hf_tag_row *rows = NULL;
    size_t count = 0;
    assert_ok(hf_store_list_tags(store, &rows, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].name, "release");
    assert_int_equal(rows[0].run_id, ids[2]);
    assert_true(hf_store_key_is_valid(rows[0].run_key));
    assert_true(rows[0].tagged_ms > 1600000000000);
    assert_string_equal(rows[1].name, "v1.0");
    hf_rows_free(&hf_tag_row_type, rows, count);

    assert_ok(hf_store_untag(store, "release", &err), &err);
    assert_ok(hf_store_find_tag(store, "release", &run_id, &err), &err);
    assert_int_equal(run_id, 0);
    assert_int_equal(hf_store_untag(store, "release", &err), HF_ENOTFOUND);
    hf_error_clear(&err);
    assert_int_equal(hf_store_tag_run(store, "lost", 77, false, &err), HF_ENOTFOUND);
    hf_store_close(store);
}

/* A number, a key, "last-green" and "latest" come before a tag, a tag before a name, a name before a part of a key. */
static void the_order_of_meanings_is_fixed(void **state)
{
    hf_error err = {0};
    int64_t ids[3];
    hf_store *store = make_runs(state, ids);
    const char *path = fixture_path(state, "a.db");
    fixture_sql(path, "UPDATE runs SET name = '3' WHERE id = 1;"
                      "UPDATE runs SET name = 'night' WHERE id = 2;"
                      "UPDATE runs SET key = '20260101-abcdabcd' WHERE id = 3;");
    assert_int_equal(found(store, "3"), 3);
    assert_int_equal(found(store, "night"), 2);
    assert_ok(hf_store_tag_run(store, "night", 1, false, &err), &err);
    assert_int_equal(found(store, "night"), 1);
    assert_int_equal(found(store, "abcd"), 3);
    assert_ok(hf_store_tag_run(store, "abcd", 2, false, &err), &err);
    assert_int_equal(found(store, "abcd"), 2);
    assert_int_equal(found(store, "20260101-abcdabcd"), 3);
    assert_int_equal(found(store, "latest"), 0);
    fixture_sql(path, "UPDATE runs SET state = 'done';"
                      "UPDATE results SET outcome = 'measured' WHERE run_id = 2;"
                      "UPDATE results SET outcome = 'failed' WHERE run_id <> 2; DELETE FROM failures");
    assert_int_equal(found(store, "last-green"), 2);
    fixture_sql(path, "UPDATE results SET outcome = 'failed'");
    int64_t run_id = 5;
    assert_int_equal(hf_store_find_run(store, "last-green", &run_id, &err), HF_ENOTFOUND);
    assert_int_equal(run_id, 5);
    hf_store_close(store);
}

static void names_are_checked(void **state)
{
    (void)state;
    static const char *const good[] = {"v1", "v1.0-rc_2+a", "0x1f", "A", "20260101x"};
    static const char *const bad[] = {"",
                                      "7",
                                      "20260101-abcdabcd",
                                      "latest",
                                      "last-green",
                                      "-v",
                                      ".v",
                                      "a b",
                                      "a/b",
                                      "caf\xc3\xa9",
                                      "a\n",
                                      "a2345678901234567890123456789012345678901234567890123456789012345"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(hf_store_tag_check(good[i], NULL), HF_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        hf_error err = {0};
        assert_int_equal(hf_store_tag_check(bad[i], &err), HF_EINVALID);
        assert_non_null(strstr(err.message, "not a valid tag"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tags_find_runs, fixture_folder_make, fixture_folder_remove),
        cmocka_unit_test_setup_teardown(the_order_of_meanings_is_fixed, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test(names_are_checked),
    };
    return cmocka_run_group_tests_name("store_run_tags", tests, NULL, NULL);
}
