/* SPDX-License-Identifier: Apache-2.0 */
/* Several .tflite files in one item of a spec: a pattern or a folder. */
#include <ctype.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "spec_models.h"

#define MAX_PATTERN    4096
#define NAME_MARK_SIZE 10 /* "-1a2b3c4d" */

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

/* ---- Names ---- */

/* FNV-1a of 32 bits (Fowler, Noll and Vo). */
static uint32_t hash_of(const char *bytes, size_t count)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ (uint8_t)bytes[i]) * 16777619u;
    return hash;
}

const char *hf_spec_matched_name(hf_reader *r, const char *text)
{
    if (hf_is_name(text) && strlen(text) < HF_VARIATION_NAME_SIZE)
        return text;
    char name[HF_VARIATION_NAME_SIZE];
    const size_t most = sizeof name - NAME_MARK_SIZE;
    size_t length = 0;
    for (const char *at = text; *at && length < most; at++) {
        const unsigned char c = (unsigned char)*at;
        if ((c & 0xc0) == 0x80) /* continues a character of UTF-8 */
            continue;
        const bool valid = c < 0x80 && (isalnum(c) || (length && strchr("_-.", c)));
        name[length] = *at;
        if (!valid)
            name[length] = "x_"[length > 0];
        length++;
    }
    if (!length)
        name[length++] = 'x';
    length +=
        (size_t)snprintf(name + length, sizeof name - length, "-%08" PRIx32, hash_of(text, strlen(text)));
    return hf_pool_copy(r->pool, name, length);
}
