/* SPDX-License-Identifier: Apache-2.0 */
/* Uploaded files of the spool: checked, stored once, within limits. */
#include <pthread.h>

#include "fixture.h"

static void test_a_file_is_stored_once(void **state)
{
    (void)state;
    hf_spool *spool = open_spool(NULL);
    char sha256[HF_SHA256_HEX_SIZE];
    hf_sha256_hex("model", 5, sha256);
    assert_false(hf_spool_has(spool, sha256));
    assert_int_equal(upload(spool, "model", sha256, NULL), HF_OK);
    assert_true(hf_spool_has(spool, sha256));
    assert_int_equal(upload(spool, "model", sha256, NULL), HF_OK);
    assert_int_equal(count_files("files"), 1);
    hf_spool_close(spool);
    spool = open_spool(NULL);
    assert_true(hf_spool_has(spool, sha256));
    hf_spool_close(spool);
}

static void test_content_is_checked(void **state)
{
    (void)state;
    hf_spool *spool = open_spool(NULL);
    char sha256[HF_SHA256_HEX_SIZE];
    hf_sha256_hex("right", 5, sha256);
    hf_spool_upload *file = NULL;
    hf_error err = {0};
    assert_int_equal(hf_spool_upload_begin(spool, sha256, 5, &file, &err), HF_OK);
    assert_int_equal(hf_spool_upload_write(file, "wrong", 5, &err), HF_OK);
    assert_int_equal(hf_spool_upload_end(file, &err), HF_EMISMATCH);
    assert_non_null(strstr(err.message, sha256));
    hf_error_clear(&err);
    assert_int_equal(hf_spool_upload_begin(spool, sha256, 5, &file, &err), HF_OK);
    assert_int_equal(hf_spool_upload_write(file, "righ", 4, &err), HF_OK);
    assert_int_equal(hf_spool_upload_end(file, &err), HF_EMISMATCH);
    assert_string_equal(err.message, "4 bytes, but 5 were announced");
    hf_error_clear(&err);
    assert_int_equal(hf_spool_upload_begin(spool, sha256, 3, &file, &err), HF_OK);
    assert_int_equal(hf_spool_upload_write(file, "right", 5, &err), HF_EMISMATCH);
    hf_spool_upload_discard(file);
    assert_false(hf_spool_has(spool, sha256));
    assert_int_equal(count_files("files"), 0);
    static const char *const wrong[] = {"", "abc", "../../../etc/passwd", NULL};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        hf_error_clear(&err);
        assert_int_equal(hf_spool_upload_begin(spool, wrong[i], 5, &file, &err), HF_EINVALID);
        assert_false(hf_spool_has(spool, wrong[i]));
    }
    hf_spool_close(spool);
}

static void test_limits(void **state)
{
    (void)state;
    const hf_spool_options options = {.max_file_bytes = 6, .max_total_bytes = 10};
    hf_spool *spool = open_spool(&options);
    char sha256[HF_SHA256_HEX_SIZE];
    hf_error err = {0};
    assert_int_equal(upload(spool, "1234567", sha256, &err), HF_ELIMIT);
    assert_non_null(strstr(err.message, "the 6 allowed"));
    hf_error_clear(&err);
    assert_int_equal(upload(spool, "123456", sha256, &err), HF_OK);
    assert_int_equal(upload(spool, "123456", sha256, &err), HF_ELIMIT); /* while it is uploaded it counts */
    hf_error_clear(&err);
    assert_int_equal(upload(spool, "1234", sha256, &err), HF_OK);
    assert_int_equal(upload(spool, "1", sha256, &err), HF_ELIMIT);
    assert_non_null(strstr(err.message, "limit of 10 bytes"));
    hf_spool_close(spool);
    hf_error_clear(&err);
    spool = open_spool(&options); /* what is stored counts again */
    assert_int_equal(upload(spool, "1", sha256, &err), HF_ELIMIT);
    assert_int_equal(hf_spool_prune(spool, INT64_MAX, NULL), HF_OK);
    assert_int_equal(upload(spool, "1", sha256, NULL), HF_OK);
    hf_spool_upload *file = NULL; /* of unknown size */
    hf_error_clear(&err);
    assert_int_equal(hf_spool_upload_begin(spool, sha256, UINT64_MAX, &file, &err), HF_OK);
    assert_int_equal(hf_spool_upload_write(file, "12345", 5, &err), HF_OK);
    assert_int_equal(hf_spool_upload_write(file, "67", 2, &err), HF_ELIMIT);
    hf_spool_upload_discard(file);
    hf_spool_close(spool);
}

static void *upload_many(void *argument)
{
    for (int i = 0; i < 50; i++) {
        char text[16], sha256[HF_SHA256_HEX_SIZE];
        snprintf(text, sizeof text, "content %d", i);
        if (upload(argument, text, sha256, NULL) != HF_OK)
            return argument;
    }
    return NULL;
}

static void test_two_threads_upload_the_same_files(void **state)
{
    (void)state;
    hf_spool *spool = open_spool(NULL);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, upload_many, spool), 0);
    for (int i = 0; i < 2; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(count_files("files"), 50);
    hf_spool_close(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_file_is_stored_once, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_content_is_checked, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_limits, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_two_threads_upload_the_same_files, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("spool_files", tests, NULL, NULL);
}
