/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"
#include "submitted.h"

static hf_submitted sample(void)
{
    static hf_api_file file = {.path = "m.tflite", .sha256 = "00", .size_bytes = 7};
    return (hf_submitted){.key = "20261130-9f0c21ab",
                          .owner = "ann \"x\"\n",
                          .uid = 1000,
                          .submitted_ms = 1764500000000,
                          .resumes = true,
                          .submission = {.spec = {.path = "a.yaml", .text = "name: a\nmodels: []\n"},
                                         .files = &file,
                                         .file_count = 1,
                                         .options = {.only = "x*", .priority = -3}}};
}

static void a_submission_survives(void **state)
{
    (void)state;
    const hf_submitted written = sample();
    hf_submitted read;
    hf_buffer text = HF_BUFFER_INIT;
    assert_int_equal(hf_submitted_write(&written, &text, NULL), HF_OK);
    assert_int_equal(hf_submitted_read("20261130-9f0c21ab-r2", hf_buffer_text(&text), text.size, &read, NULL),
                     HF_OK);
    assert_string_equal(read.key, written.key);
    assert_string_equal(read.spool_key, "20261130-9f0c21ab-r2");
    assert_string_equal(read.owner, written.owner);
    assert_int_equal(read.uid, 1000);
    assert_int_equal(read.submitted_ms, 1764500000000);
    assert_true(read.resumes);
    assert_string_equal(read.submission.spec.text, written.submission.spec.text);
    assert_int_equal(read.submission.file_count, 1);
    assert_string_equal(read.submission.files[0].path, "m.tflite");
    assert_string_equal(read.submission.options.only, "x*");
    assert_null(read.submission.options.boards);
    assert_int_equal(read.submission.options.priority, -3);
    hf_submitted_clear(&read);
    hf_buffer_free(&text);
}

/* A damaged entry is an error, not a crash: cut at every byte, and with every byte changed. */
static void damage_is_found(void **state)
{
    (void)state;
    const hf_submitted written = sample();
    hf_buffer text = HF_BUFFER_INIT;
    assert_int_equal(hf_submitted_write(&written, &text, NULL), HF_OK);
    for (size_t size = 0; size < text.size; size++) {
        hf_submitted read;
        hf_error err = {0};
        const hf_status status = hf_submitted_read("k", text.data, size, &read, &err);
        assert_true(status == HF_EFORMAT || status == HF_ELIMIT);
        assert_true(err.message[0]);
    }
    for (size_t i = 0; i < text.size; i++) {
        hf_submitted read;
        char *damaged = malloc(text.size);
        memcpy(damaged, text.data, text.size);
        damaged[i] ^= 0x15;
        if (hf_submitted_read("k", damaged, text.size, &read, NULL) == HF_OK)
            hf_submitted_clear(&read);
        free(damaged);
    }
    hf_buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_submission_survives),
                                       cmocka_unit_test(damage_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
