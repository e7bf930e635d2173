/* SPDX-License-Identifier: Apache-2.0 */
/* Replays the corpus as an ordinary test: each file unchanged, truncated, and with bytes changed by a seeded
 * generator. CORPUS is its folder. */
#include "hf_test.h"

#include <dirent.h>

#include "base/file.h"
#include "replay_corpus.h"

#define MUTANTS 300

static uint32_t random_state;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % below;
}

static void mutate(uint8_t *bytes, size_t size)
{
    static const char interesting[] = "\0\t\n -\"'[]{}:,&*#!?<|>%@`~0199999.eExX\xc2\xff";
    uint32_t changes = 1 + draw(4);
    for (uint32_t i = 0; i < changes; i++) {
        uint32_t copies = draw(2);
        uint32_t to = draw((uint32_t)size), from = draw((uint32_t)size);
        uint32_t which = draw(sizeof interesting - 1);
        bytes[to] = copies ? bytes[from] : (uint8_t)interesting[which];
    }
}

static void test_replay(void **state)
{
    (void)state;
    DIR *folder = opendir(CORPUS);
    assert_non_null(folder);
    uint32_t files = 0;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        char path[512];
        snprintf(path, sizeof path, CORPUS "/%s", entry->d_name);
        uint8_t *bytes = NULL;
        size_t size = 0;
        assert_int_equal(hf_file_read(path, 1u << 20, &bytes, &size, NULL), HF_OK);
        files++;
        LLVMFuzzerTestOneInput(bytes, size);
        random_state = (uint32_t)size; /* the same mutants regardless of directory order */
        for (uint32_t i = 0; size && i < MUTANTS; i++) {
            uint8_t *copy = malloc(size);
            memcpy(copy, bytes, size);
            mutate(copy, size);
            LLVMFuzzerTestOneInput(copy, i % 4 ? size : draw((uint32_t)size));
            free(copy);
        }
        free(bytes);
    }
    closedir(folder);
    assert_true(files >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_replay)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
