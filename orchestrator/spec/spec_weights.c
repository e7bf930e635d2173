/* SPDX-License-Identifier: Apache-2.0 */
/* `weights` of an item: which file holds the weights of a variation. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "spec_models.h"

#define MAX_PATH_LENGTH  4000
#define NAME_PLACEHOLDER "{name}"

/* A pattern with the variation's name in place of {name}. @return in the pool */
static const char *expand(hf_reader *r, const char *pattern, const char *name)
{
    const char *place = strstr(pattern, NAME_PLACEHOLDER);
    char path[PATH_MAX];
    if (!place)
        return pattern;
    const int length = snprintf(path, sizeof path, "%.*s%s%s", (int)(place - pattern), pattern, name,
                                place + strlen(NAME_PLACEHOLDER));
    return length < (int)sizeof path ? hf_pool_copy(r->pool, path, (size_t)length) : NULL;
}

void hf_spec_bind_weights(hf_reader *r, const hf_yaml_node *item, uint32_t first)
{
    const hf_spec_owner *owner = hf_spec_owner_of(r);
    const hf_yaml_node *value = item->kind == HF_NODE_MAP ? hf_map_get(item, "weights") : NULL;
    const char *pattern = NULL;
    const hf_field field = {.name = "weights", .min = 1, .max = MAX_PATH_LENGTH};
    if (value)
        hf_read_text(r, &field, value, &pattern);
    if (!pattern)
        return;
    if (owner->spec.variation_count - first > 1 && !strstr(pattern, NAME_PLACEHOLDER)) {
        HF_READER_ERROR(r, value,
                        "weights: one file for %u variations, expected " NAME_PLACEHOLDER " in its name",
                        owner->spec.variation_count - first);
        return;
    }
    for (uint32_t i = first; i < owner->spec.variation_count; i++) {
        hf_spec_variation *variation = &owner->spec.variations[i];
        const char *name = expand(r, pattern, variation->name);
        const char *path = name ? hf_spec_file_path(r, "weights", value, name) : NULL;
        if (!path)
            continue;
        variation->weights_path = path;
        variation->weights_name = hf_pool_path(r->pool, r->file, name);
        if (owner->open_files && access(path, R_OK) != 0)
            HF_READER_ERROR(r, value, "weights: cannot read %s: %s", variation->weights_name,
                            strerror(errno));
    }
}
