/* SPDX-License-Identifier: Apache-2.0 */
#include "odd_inputs.h"

#include "base/file.h"
#include "sample.h"

char odd_folder[64];

int odd_set_up(void **state)
{
    (void)state;
    sample_folder(odd_folder);
    return 0;
}

int odd_tear_down(void **state)
{
    (void)state;
    return hf_remove_tree(odd_folder, NULL);
}

const char *odd_path(const char *name)
{
    static char path[256];
    if (strcmp(name, ".") == 0)
        return odd_folder;
    snprintf(path, sizeof path, "%s/%s", odd_folder, name);
    return path;
}

void odd_refuse(const char *name, const char *where, const char *says)
{
    hf_dataset dataset = {0};
    hf_error err = {0};
    if (hf_dataset_open(odd_path(name), &dataset, &err) == HF_OK)
        fail_msg("%s: accepted, expected '%s'", name, says);
    assert_null(dataset.samples);
    if (!strstr(err.message, odd_path(where)) || !strstr(err.message, says))
        fail_msg("expected '%s' and '%s' in '%s'", odd_path(where), says, err.message);
}

void odd_accept(const char *name, uint32_t classes, uint32_t samples, hf_dataset *dataset)
{
    hf_error err = {0};
    if (hf_dataset_open(odd_path(name), dataset, &err) != HF_OK)
        fail_msg("%s: %s", name, err.message);
    assert_int_equal(dataset->class_count, classes);
    assert_int_equal(dataset->sample_count, samples);
}
