/* SPDX-License-Identifier: Apache-2.0 */
#include "chips/chips.h"

#include <stddef.h>
#include <string.h>

static const hf_chip chips[] = {
#include "rows.inc"
};

const hf_chip *hf_chip_at(uint32_t index)
{
    return index < sizeof chips / sizeof chips[0] ? &chips[index] : NULL;
}

const hf_chip *hf_chip_find(const char *name)
{
    for (uint32_t i = 0; hf_chip_at(i); i++)
        if (strcmp(chips[i].name, name) == 0)
            return &chips[i];
    return NULL;
}
