/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "base/file.h"
#include "shapes.h"
#include "training_fixture.h"

#define IMAGE_PIXELS 32

training_fixture fixture;

int training_fixture_open(uint32_t train, uint32_t test)
{
    snprintf(fixture.folder, sizeof fixture.folder, "/tmp/hilfarm-train-XXXXXX");
    snprintf(fixture.hilfarm, sizeof fixture.hilfarm, "%s/hilfarm", getenv("HILFARM_BIN_DIR"));
    if (!mkdtemp(fixture.folder))
        return -1;
    assert_int_equal(shapes_write(fixture.folder, "train", train, IMAGE_PIXELS, 1, NULL), HF_OK);
    assert_int_equal(shapes_write(fixture.folder, "test", test, IMAGE_PIXELS, 2, NULL), HF_OK);
    return 0;
}

int training_fixture_close(void)
{
    process_stop(&fixture.child, 5000);
    return hf_remove_tree(fixture.folder, NULL);
}

bool has_trainer(void)
{
    char path[512];
    snprintf(path, sizeof path, "%s/hilfarm-train", getenv("HILFARM_BIN_DIR"));
    if (access(path, X_OK) == 0)
        return true;
    printf("SKIPPED: %s is not built (libtorch-dev)\n", path);
    return false;
}

const char *in_folder(const char *name)
{
    static char path[4][256];
    static int next;
    char *to = path[next++ % 4];
    snprintf(to, sizeof path[0], "%s/%s", fixture.folder, name);
    return to;
}

void assert_says(const char *text)
{
    if (!strstr(fixture.child.output, text))
        fail_msg("expected '%s' in:\n%s", text, fixture.child.output);
}
