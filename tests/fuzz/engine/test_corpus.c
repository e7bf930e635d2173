/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <dirent.h>

#include "base/file.h"
#include "check_image.h"

/* Replays the fuzzer's corpus: files named valid_* are images, the others are refused or run,
 * but never harm. */

#define CORPUS "tests/fuzz/engine/corpus"

static void corpus_does_no_harm(void **state)
{
    (void)state;
    DIR *folder = opendir(CORPUS);
    assert_non_null(folder);
    uint32_t files = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        char path[512];
        snprintf(path, sizeof path, CORPUS "/%s", entry->d_name);
        uint8_t *bytes;
        size_t size;
        hf_error err = {0};
        if (hf_file_read(path, 1 << 20, &bytes, &size, &err))
            fail_msg("%s", err.message);
        hf_engine_status status = check_image(bytes, size);
        if (strncmp(entry->d_name, "valid_", 6) == 0 && status != HF_ENGINE_OK)
            fail_msg("%s: %s", entry->d_name, hf_engine_status_text(status));
        free(bytes);
        files++;
    }
    closedir(folder);
    assert_true(files >= 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(corpus_does_no_harm)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
