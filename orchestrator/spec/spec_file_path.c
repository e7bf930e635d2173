/* SPDX-License-Identifier: Apache-2.0 */
/* Where the files are that a spec names: relative to its folder, or in a copy. */
#include <limits.h>
#include <string.h>

#include "base/path.h"
#include "spec_reader.h"

const char *hf_spec_file_path(hf_reader *r, const char *field, const hf_yaml_node *value, const char *name)
{
    const hf_spec_owner *owner = r->user;
    const char *path = hf_pool_path(r->pool, r->file, name);
    if (!path || !owner->tree)
        return path;
    char place[PATH_MAX];
    hf_error error = {0};
    if (hf_path_in_tree(owner->tree, path, place, sizeof place, &error) == HF_OK)
        return hf_pool_copy(r->pool, place, strlen(place));
    HF_READER_ERROR(r, value, "%s: %s", field, error.message);
    return NULL;
}
