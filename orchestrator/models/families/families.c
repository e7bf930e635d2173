/* SPDX-License-Identifier: Apache-2.0 */
#include "family.h"

#include <string.h>

/* To add a family: its own file, a declaration in family.h and an entry here. */
static const hf_family *const families[] = {
    &hf_family_mobilenetv1,
    &hf_family_mobilenetv2,
    &hf_family_mobilenetv3small_sq,
    &hf_family_mobilenetv3small_nsq,
    &hf_family_shufflenetv1,
    &hf_family_shufflenetv2,
    NULL,
};

const hf_family *hf_family_at(uint32_t index)
{
    uint32_t i = 0;
    while (i < index && families[i])
        i++;
    return families[i];
}

const hf_family *hf_family_find(const char *name)
{
    for (uint32_t i = 0; name && hf_family_at(i); i++)
        if (strcmp(hf_family_at(i)->name, name) == 0)
            return hf_family_at(i);
    return NULL;
}

const hf_factor_range *hf_family_range(const hf_family *family, hf_factor factor)
{
    for (uint32_t i = 0; i < family->range_count; i++)
        if (family->ranges[i].factor == factor)
            return &family->ranges[i];
    return NULL;
}
