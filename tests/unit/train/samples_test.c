/* SPDX-License-Identifier: Apache-2.0 */
/* Samples that cannot be read, and trainings that have learnt nothing. */
#include "hf_test.h"

#include <unistd.h>

#include "base/file.h"
#include "guessing.h"
#include "job_file.h"
#include "sample.h"

static char folder[64], samples[128];

static int set_up(void **state)
{
    (void)state;
    sample_folder(folder);
    snprintf(samples, sizeof samples, "%s/out.samples", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return hf_remove_tree(folder, NULL);
}

static void link_to_nowhere(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(symlink("nowhere", path), 0);
}

static hf_status write_samples(hf_left_out *left_out, hf_error *err)
{
    const hf_tensor input = {
        .height = 2, .width = 2, .channels = 1, .quant = {.scale = 1.0f / 255, .zero_point = -128}};
    const hf_pixel_range pixels = hf_pixels_default();
    hf_dataset dataset = {0};
    assert_int_equal(hf_dataset_open(folder, &dataset, NULL), HF_OK);
    const hf_status status = hf_training_write_samples(samples, &dataset, &input, &pixels, 2, left_out, err);
    hf_dataset_free(&dataset);
    return status;
}

/* A link to nowhere and a damaged image cost their samples, not the training; what is left is complete. */
static void unreadable_samples_are_left_out(void **state)
{
    (void)state;
    hf_left_out left_out = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    uint32_t header[5];
    char digest[HF_SHA256_HEX_SIZE], whole[HF_SHA256_HEX_SIZE];
    sample_write_gray(folder, "a/1.pgm", 10);
    sample_write_gray(folder, "b/2.pgm", 250);
    assert_int_equal(hf_dataset_digest(folder, whole, NULL), HF_OK);
    assert_int_equal(write_samples(&left_out, NULL), HF_OK);
    assert_int_equal(left_out.count, 0);
    link_to_nowhere("a/0.png");
    sample_write_text(folder, "b/1.png", "not an image");
    assert_int_equal(write_samples(&left_out, NULL), HF_OK);
    assert_int_equal(left_out.count, 2);
    assert_non_null(strstr(left_out.first, "a/0.png"));
    assert_int_equal(hf_file_read(samples, 1000, &bytes, &size, NULL), HF_OK);
    memcpy(header, bytes + 8, sizeof header);
    assert_int_equal(header[0], 2);
    assert_int_equal(size, 8 + sizeof header + 2 * sizeof(uint32_t) + 2 * sizeof(uint32_t));
    const uint32_t labels[] = {0, 1};
    assert_memory_equal(bytes + 8 + sizeof header, labels, sizeof labels);
    assert_int_equal((int8_t)bytes[size - 1], 250 - 128);
    free(bytes);
    /* It is another data set than the one without them. */
    assert_int_equal(hf_dataset_digest(folder, digest, NULL), HF_OK);
    assert_string_not_equal(digest, whole);
}

static void some_sample_must_be_readable(void **state)
{
    (void)state;
    hf_left_out left_out = {0};
    hf_error err = {0};
    sample_write_text(folder, "a/1.png", "no");
    sample_write_text(folder, "b/1.png", "no");
    assert_int_equal(write_samples(&left_out, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "no sample of 2 can be read; the first: "));
    assert_int_not_equal(access(samples, F_OK), 0);
}

/* The larger class has three quarters of 400 samples: the 95 % interval of 75 % reaches down to 70.5 %. */
static void guessing_is_told(void **state)
{
    (void)state;
    static hf_dataset_sample some[400];
    char *classes[] = {"a", "b"}, text[200];
    for (int i = 0; i < 400; i++)
        some[i].label = i % 4 == 0;
    const hf_dataset set = {.classes = classes, .class_count = 2, .samples = some, .sample_count = 400};
    const struct {
        double percent, share;
        bool is_guessing;
    } cases[] = {{75, 1, true},  {50, 1, true},    {79, 1, true},      {80, 1, false}, {100, 1, false},
                 {-1, 1, false}, {90, 0.05, true}, {100, 0.05, false}, {10, 0, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hf_training_describe_guessing(cases[i].percent, &set, cases[i].share, "test", text, sizeof text);
        if (cases[i].is_guessing != (*text != '\0'))
            fail_msg("%g %% on a share of %g: '%s'", cases[i].percent, cases[i].share, text);
    }
    hf_training_describe_guessing(75, &set, 1, "test", text, sizeof text);
    assert_non_null(strstr(text,
                           "75.00 % on the test samples is no better than guessing (the most frequent class "
                           "has 75.00 %)"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(unreadable_samples_are_left_out),
        TEST(some_sample_must_be_readable),
        TEST(guessing_is_told),
    };
    return cmocka_run_group_tests_name("train_samples", tests, NULL, NULL);
}
