/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>

#include "check_frame.h"
#include "hf_test.h"

static size_t read_seed(const char *name, uint8_t *bytes, size_t capacity)
{
    char path[512];
    snprintf(path, sizeof path, "tests/fuzz/proto/corpus/%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, capacity, file);
    fclose(file);
    return size;
}

/* Every seed, whole, cut at every byte, and with seeded changes of one to four bytes. */
static void test_corpus(void **state)
{
    (void)state;
    DIR *folder = opendir("tests/fuzz/proto/corpus");
    assert_non_null(folder);
    uint32_t seeds = 0, lcg = 1;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        uint8_t bytes[2048], changed[2048];
        size_t size = read_seed(entry->d_name, bytes, sizeof bytes);
        seeds++;
        for (size_t cut = 0; cut <= size; cut++)
            check_frame(bytes, cut);
        for (int round = 0; size > 0 && round < 2000; round++) {
            memcpy(changed, bytes, size);
            for (int i = 0; i <= round % 4; i++) {
                lcg = lcg * 1664525U + 1013904223U;
                changed[(lcg >> 8) % size] = (uint8_t)(lcg >> 24);
            }
            check_frame(changed, size);
        }
    }
    closedir(folder);
    assert_true(seeds >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corpus),
    };
    return cmocka_run_group_tests_name("proto_replay", tests, NULL, NULL);
}
