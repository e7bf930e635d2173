/* SPDX-License-Identifier: Apache-2.0 */
/* configs/train_shapes.yaml as it is shipped, with fewer images of those that scripts/shapes.sh writes. */
#include "hf_test.h"

#include "base/file.h"
#include "process.h"

#define DEADLINE_MS 240000
#define SPEC        "configs/train_shapes.yaml"

static char folder[64];
static process child;

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hilfarm-shapes-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    process_stop(&child, 5000);
    return hf_remove_tree(folder, NULL);
}

/* Runs a program of the build folder. @return exit status; the output is in child.output */
static int run(const char *program, const char *const *words)
{
    char path[512];
    const char *argv[8] = {path};
    snprintf(path, sizeof path, "%s/%s", getenv("HILFARM_BIN_DIR"), program);
    for (int i = 1; *words && i < 7; i++)
        argv[i] = *words++;
    child = (process){0};
    assert_true(process_start(&child, argv));
    return process_wait_exit(&child, DEADLINE_MS);
}

#define RUN(program, ...) run(program, (const char *const[]){__VA_ARGS__, NULL})

static void assert_says(const char *text)
{
    if (!strstr(child.output, text))
        fail_msg("expected '%s' in:\n%s", text, child.output);
}

static void the_shipped_spec_trains(void **state)
{
    (void)state;
    char images[128], configs[128], spec[256], trainer[512];
    uint8_t *bytes = NULL;
    size_t size = 0;
    snprintf(images, sizeof images, "%s/results/shapes", folder);
    snprintf(configs, sizeof configs, "%s/configs", folder);
    snprintf(spec, sizeof spec, "%s/%s", folder, SPEC);
    assert_int_equal(RUN("make_shapes", images, "32", "16"), 0);
    assert_says("results/shapes/train: 32 images of 96 x 96 pixels in 4 classes");
    assert_says("results/shapes/test: 16 images");
    snprintf(trainer, sizeof trainer, "%s/hilfarm-train", getenv("HILFARM_BIN_DIR"));
    if (access(trainer, X_OK) != 0)
        skip();
    assert_int_equal(hf_file_read(SPEC, 1 << 20, &bytes, &size, NULL), HF_OK);
    assert_int_equal(hf_make_dirs(configs, NULL), HF_OK);
    assert_int_equal(hf_file_write(spec, bytes, size, NULL), HF_OK);
    free(bytes);
    const int status = RUN("hilfarm", "train", spec, "--plain");
    assert_says("trained: 1 new, 0 kept from before, 0 failed");
    assert_int_equal(status, 0);
}

static void mistakes_are_explained(void **state)
{
    (void)state;
    assert_int_equal(RUN("make_shapes", folder, "many"), 2);
    assert_says("images 'many': expected a number");
    assert_int_equal(RUN("make_shapes", folder, "0"), 1);
    assert_says("0 images: expected 1 to 100000");
    assert_int_equal(RUN("make_shapes", folder, "1", "1", "7"), 1);
    assert_says("images of 7 pixels a side: expected 8 to 1024");
    assert_int_equal(RUN("make_shapes", "/proc/nowhere"), 1);
    assert_says("/proc/nowhere");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(the_shipped_spec_trains), TEST(mistakes_are_explained)};
    return cmocka_run_group_tests_name("train_shapes", tests, NULL, NULL);
}
