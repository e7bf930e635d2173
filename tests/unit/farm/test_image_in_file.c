/* SPDX-License-Identifier: Apache-2.0 */
/* Prepared images wait in files without names instead of memory. */
#include "fixture.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "image_in_file.h"

static hf_prepared prepared;
static uint8_t *copy;

static void prepare(const char *name)
{
    hf_error err = {0};
    hf_prepare_request request = {.input_seed = 1};
    assert_ok(hf_source_parse(name, &request.source, &err), &err);
    assert_ok(hf_prepare(&request, &prepared, &err), &err);
    hf_prepared_shrink(&prepared);
    copy = malloc(prepared.image.size);
    assert_non_null(copy);
    memcpy(copy, prepared.image.bytes, prepared.image.size);
}

static void check_and_free(bool mapped)
{
    assert_true(prepared.image_mapped == mapped);
    assert_memory_equal(prepared.image.bytes, copy, prepared.image.size);
    hf_prepared_free(&prepared);
    assert_null(prepared.image.bytes);
    free(copy);
}

static int files_in(const char *folder)
{
    int count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

/* Whether the mappings of this process begin one at `address`, of a file that has no name any more. */
static bool is_mapping_of_unnamed_file(const void *address)
{
    char line[512], want[32];
    bool found = false;
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    snprintf(want, sizeof want, "%lx-", (unsigned long)(uintptr_t)address);
    while (fgets(line, sizeof line, maps))
        found |= strncmp(line, want, strlen(want)) == 0 && strstr(line, "(deleted)");
    fclose(maps);
    return found;
}

static void test_an_image_moves_into_a_file(void **state)
{
    prepare("mobilenetv1_0.25_32_c1_o2");
    hf_image_into_file(&prepared, *state);
    assert_true(is_mapping_of_unnamed_file(prepared.image.bytes));
    assert_int_equal(files_in(*state), 0); /* nothing stays behind, whatever ends the process */
    const uint8_t *bytes = prepared.image.bytes;
    hf_image_into_file(&prepared, *state); /* it is there already */
    assert_ptr_equal(prepared.image.bytes, bytes);
    check_and_free(true);
}

static void test_images_that_stay_in_memory(void **state)
{
    prepare("mobilenetv1_0.25_32_c1_o2");
    hf_image_into_file(&prepared, NULL);
    hf_image_into_file(&prepared, fixture_path(state, "missing"));
    check_and_free(false);

    prepare("mobilenetv1_0.1_32_c1_o2");
    prepared.image.size = 1000; /* too small to be worth it */
    hf_image_into_file(&prepared, *state);
    check_and_free(false);

    hf_image_into_file(&prepared, *state); /* a variation without an image */
    assert_false(prepared.image_mapped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_image_moves_into_a_file),
        cmocka_unit_test(test_images_that_stay_in_memory),
    };
    return cmocka_run_group_tests_name("farm_image_in_file", tests, fixture_folder_make,
                                       fixture_folder_remove);
}
