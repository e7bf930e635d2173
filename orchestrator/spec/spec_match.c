/* SPDX-License-Identifier: Apache-2.0 */
/* Several .tflite files in one item of a spec: a pattern or a folder. */
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "spec_models.h"

#define MAX_PATTERN 4096

bool hf_spec_match(hf_reader *r, const hf_yaml_node *value, const char *path, hf_spec_matches *matches)
{
    struct stat info;
    char pattern[MAX_PATTERN];
    const bool exists = stat(path, &info) == 0;
    const bool is_folder = exists && S_ISDIR(info.st_mode);
    *matches = (hf_spec_matches){0};
    if (!is_folder && (exists || !strpbrk(path, "*?[")))
        return false;
    if (snprintf(pattern, sizeof pattern, is_folder ? "%s/*.tflite" : "%s", path) >= (int)sizeof pattern) {
        HF_READER_ERROR(r, value, "tflite: %s is too long", path);
        return true;
    }
    glob_t found = {0};
    const int result = glob(pattern, 0, NULL, &found);
    if (result == GLOB_NOSPACE) {
        r->pool->failed = true;
    } else if (result != 0 || found.gl_pathc == 0) {
        HF_READER_ERROR(r, value, "tflite: no file matches %s", pattern);
    } else {
        matches->paths = hf_pool_alloc(r->pool, found.gl_pathc * sizeof *matches->paths);
        for (size_t i = 0; matches->paths && i < found.gl_pathc; i++)
            if ((matches->paths[i] = hf_pool_copy(r->pool, found.gl_pathv[i], strlen(found.gl_pathv[i]))))
                matches->count = i + 1;
    }
    globfree(&found);
    return true;
}
