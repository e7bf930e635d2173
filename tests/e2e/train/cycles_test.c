/* SPDX-License-Identifier: Apache-2.0 */
/* Trainings that pause at an epoch, with a schedule in cycles, as `hilfarm optimize` needs them. Skipped where torch is missing. */
#include "hf_test.h"

#include <stdio.h>

#include "base/file.h"
#include "shapes.h"
#include "spec/spec.h"
#include "train/train.h"

#define MODEL "mobilenetv1_0.1_32_c3_o4_l1"

static char folder[64], trainer[512];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hilfarm-pause-XXXXXX");
    snprintf(trainer, sizeof trainer, "%s/hilfarm-train", getenv("HILFARM_BIN_DIR"));
    if (!mkdtemp(folder))
        return -1;
    assert_int_equal(shapes_write(folder, "train", 64, 32, 1, NULL), HF_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return hf_remove_tree(folder, NULL);
}

/* Trains until an epoch, and reads the record. @return trainings that were not kept from before */
static uint32_t train_until(const hf_spec *spec, uint32_t epoch, hf_training_record *record)
{
    const hf_training_options options = {
        .program = trainer, .jobs = 1, .until_epoch = epoch, .cancel_fd = -1};
    hf_training_summary summary = {0};
    hf_error err = {0};
    if (hf_train(spec, &options, &summary, &err) != HF_OK)
        fail_msg("%s", err.message);
    assert_int_equal(summary.failed + summary.stopped, 0);
    assert_int_equal(hf_training_record_read(spec->variations[0].weights_path, record, &err), HF_OK);
    return summary.trained;
}

static void digest(const hf_spec *spec, char to[HF_SHA256_HEX_SIZE])
{
    uint64_t size = 0;
    assert_int_equal(hf_sha256_file(spec->variations[0].weights_path, to, &size, NULL), HF_OK);
}

static hf_spec *parse(const char *models)
{
    char path[128], text[512];
    hf_spec *spec = NULL;
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    snprintf(path, sizeof path, "%s/t.yaml", folder);
    snprintf(text, sizeof text,
             "models: [" MODEL "]\ntrain: {data: train-images-idx4-ubyte, models: %s, epochs: 6, batch: 8}\n",
             models);
    assert_int_equal(hf_spec_parse(path, text, strlen(text), true, &spec, diagnostics, NULL), HF_OK);
    hf_diagnostics_free(diagnostics);
    spec->training.cycle_epochs = 2;
    spec->training.cycle_growth = 2;
    return spec;
}

static void paused_and_continued(void **state)
{
    (void)state;
    if (access(trainer, X_OK) != 0) {
        printf("SKIPPED: %s is not built (libtorch-dev)\n", trainer);
        skip();
    }
    char in_pieces[HF_SHA256_HEX_SIZE], at_once[HF_SHA256_HEX_SIZE];
    hf_training_record record = {0};
    hf_spec *spec = parse("pieces"), *other = parse("whole");
    assert_int_equal(train_until(spec, 2, &record), 1);
    assert_int_equal(record.epochs, 2);
    assert_false(record.complete);
    assert_true(record.validation_percent >= 0);
    assert_int_equal(train_until(spec, 2, &record), 0); /* it is there already */
    assert_int_equal(train_until(spec, 4, &record), 1);
    assert_int_equal(record.epochs, 4);
    assert_int_equal(train_until(spec, 0, &record), 1);
    assert_int_equal(record.epochs, 6);
    assert_true(record.complete);
    digest(spec, in_pieces);

    assert_int_equal(train_until(other, 0, &record), 1);
    digest(other, at_once);
    assert_string_equal(in_pieces, at_once);

    /* Without cycles it is another training. */
    other->training.cycle_epochs = other->training.cycle_growth = 0;
    assert_int_equal(train_until(other, 0, &record), 1);
    digest(other, at_once);
    assert_string_not_equal(in_pieces, at_once);
    hf_spec_free(spec);
    hf_spec_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(paused_and_continued, set_up, tear_down)};
    return cmocka_run_group_tests_name("train_cycles", tests, NULL, NULL);
}
