/* SPDX-License-Identifier: Apache-2.0 */
/* hf_train() with pauses and a cache. Skipped where torch is missing. */
#include "hf_test.h"

#include "base/file.h"
#include "shapes.h"
#include "train/train.h"

#define EPOCHS 5

static char folder[64], program[512];
static hf_spec_training recipe;
static hf_variation variation;
static char data_path[128], models_dir[128], tflite_path[128];

static const char *in_folder(char path[128], const char *name)
{
    snprintf(path, 128, "%s/%s", folder, name);
    return path;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hilfarm-pause-XXXXXX");
    snprintf(program, sizeof program, "%s/hilfarm-train", getenv("HILFARM_BIN_DIR"));
    if (!mkdtemp(folder))
        return -1;
    assert_int_equal(shapes_write(folder, "train", 120, 32, 1, NULL), HF_OK);
    recipe = (hf_spec_training){.data_path = in_folder(data_path, "train-images-idx4-ubyte"),
                                .models_dir = in_folder(models_dir, "trained"),
                                .epochs = EPOCHS,
                                .batch = 16,
                                .learning_rate = 0.1,
                                .validation_share = 0.2};
    in_folder(tflite_path, "trained/m.tflite");
    return hf_variation_parse("mobilenetv1_0.1_32_c3_o4_l1", &variation, NULL) == HF_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return hf_remove_tree(folder, NULL);
}

static void keep_event(void *user, const hf_training_progress *p)
{
    if (p->event == HF_TRAINING_FAILED)
        print_error("%s: %s\n", p->name, p->message);
    *(hf_training_event *)user = p->event;
}

static hf_training_event train(const char *with, const char *path, uint32_t until_epoch, hf_cache *cache)
{
    hf_training_event last = HF_TRAINING_FAILED;
    hf_training_summary summary = {0};
    hf_error err = {0};
    const hf_training_item item = {.name = "m",
                                   .variation = &variation,
                                   .recipe = &recipe,
                                   .tflite_path = path,
                                   .until_epoch = until_epoch};
    const hf_training_options options = {
        .program = with, .cancel_fd = -1, .cache = cache, .progress = keep_event, .user = &last};
    if (hf_train_items(&item, 1, &options, &summary, &err) != HF_OK)
        fail_msg("%s", err.message);
    return last;
}

static void digest_of(const char *path, char digest[HF_SHA256_HEX_SIZE])
{
    uint64_t size = 0;
    assert_int_equal(hf_sha256_file(path, digest, &size, NULL), HF_OK);
}

/* Paused twice: the epochs so far and their accuracy are known, and the end is that of a training without pauses. */
static void pauses_change_nothing(void **state)
{
    (void)state;
    if (access(program, X_OK) != 0)
        skip();
    char whole[HF_SHA256_HEX_SIZE], paused[HF_SHA256_HEX_SIZE];
    hf_training_record record = {0};
    hf_training_epoch *before = NULL, *after = NULL;
    uint32_t count = 0;
    assert_int_equal(train(program, tflite_path, 0, NULL), HF_TRAINING_DONE);
    digest_of(tflite_path, whole);
    assert_int_equal(hf_training_curve_read(tflite_path, &before, &count, NULL), HF_OK);
    assert_int_equal(count, EPOCHS);
    assert_int_equal(unlink(tflite_path), 0);

    for (uint32_t epochs = 2; epochs <= 3; epochs++) {
        assert_int_equal(train(program, tflite_path, epochs, NULL), HF_TRAINING_DONE);
        assert_int_equal(hf_training_record_read(tflite_path, &record, NULL), HF_OK);
        assert_false(record.complete);
        assert_int_equal(record.epochs, epochs);
        assert_true(record.validation_percent >= 0);
        assert_int_equal(hf_training_curve_read(tflite_path, &after, &count, NULL), HF_OK);
        assert_int_equal(count, epochs);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(after[i].epoch, i + 1);
            assert_true(after[i].loss == before[i].loss);
            assert_true(after[i].validation_percent == before[i].validation_percent);
        }
        free(after);
    }
    /* So far it has come already, and further than that. */
    assert_int_equal(train(NULL, tflite_path, 2, NULL), HF_TRAINING_KEPT);
    assert_int_equal(train(program, tflite_path, 0, NULL), HF_TRAINING_DONE);
    digest_of(tflite_path, paused);
    assert_string_equal(paused, whole);
    assert_int_equal(hf_training_record_read(tflite_path, &record, NULL), HF_OK);
    assert_true(record.complete && record.epochs == EPOCHS);
    free(before);
    assert_int_not_equal(access(in_folder((char[128]){0}, "trained/.training"), F_OK), 0);
}

/* What one spec has trained, another gets without a trainer, unless its recipe differs. */
static void a_cache_is_shared(void **state)
{
    (void)state;
    if (access(program, X_OK) != 0)
        skip();
    char first[HF_SHA256_HEX_SIZE], second[HF_SHA256_HEX_SIZE], path[128];
    hf_cache *cache = NULL;
    recipe.epochs = 1;
    assert_int_equal(hf_cache_open(in_folder(path, "cache"), 0, &cache, NULL), HF_OK);
    assert_int_equal(train(program, tflite_path, 0, cache), HF_TRAINING_DONE);
    digest_of(tflite_path, first);
    in_folder(path, "elsewhere");
    recipe.models_dir = path;
    char other[128];
    in_folder(other, "elsewhere/m.tflite");
    assert_int_equal(train(NULL, other, 0, cache), HF_TRAINING_KEPT);
    digest_of(other, second);
    assert_string_equal(first, second);
    recipe.seed = 2;
    assert_int_equal(train(program, other, 0, cache), HF_TRAINING_DONE);
    digest_of(other, second);
    assert_string_not_equal(first, second);
    hf_cache_close(cache);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pauses_change_nothing),
        TEST(a_cache_is_shared),
    };
    return cmocka_run_group_tests_name("train_pause", tests, NULL, NULL);
}
