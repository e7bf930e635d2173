/* SPDX-License-Identifier: Apache-2.0 */
/* What boards are given: seeds, or files. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "spec_reader.h"

#define COUNT_OF(a)     (uint32_t)(sizeof(a) / sizeof((a)[0]))
#define PATH_LENGTH_MAX 4000
#define MODEL_INPUTS    64 /* of one model, that is, files of one input */

static void set_seeds(hf_spec *spec, const uint32_t *seeds, uint32_t count)
{
    spec->measure.seeds = seeds;
    spec->measure.seed_count = count;
}

/* ---- Seeds ---- */

static const hf_field seed_value = {.name = "seeds", .read = hf_read_u32, .max = UINT32_MAX};

/* "1..8" */
static void read_seed_range(hf_reader *r, const hf_yaml_node *value, hf_spec *spec)
{
    uint64_t first = 0, last = 0;
    char text[32] = "";
    const char *dots = strstr(value->text, "..");
    const bool fits = dots && (size_t)(dots - value->text) < sizeof text;
    if (fits)
        memcpy(text, value->text, (size_t)(dots - value->text));
    if (!fits || !hf_parse_u64(text, &first) || !hf_parse_u64(dots + 2, &last) || last > UINT32_MAX ||
        first > last || last - first >= HF_SPEC_MAX_INFERENCES) {
        HF_READER_ERROR(r, value, "seeds: %s, expected a list or a range such as 1..8 of at most %d seeds",
                        HF_SHOW(value), HF_SPEC_MAX_INFERENCES);
        return;
    }
    const uint32_t count = (uint32_t)(last - first) + 1;
    uint32_t *seeds = hf_pool_alloc(r->pool, count * sizeof *seeds);
    for (uint32_t i = 0; seeds && i < count; i++)
        seeds[i] = (uint32_t)first + i;
    if (seeds)
        set_seeds(spec, seeds, count);
}

static void read_seed_list(hf_reader *r, const hf_yaml_node *value, hf_spec *spec)
{
    uint32_t *seeds = hf_pool_alloc(r->pool, value->count * sizeof *seeds), count = 0;
    for (const hf_yaml_node *item = value->first; seeds && item; item = item->next) {
        const uint32_t before = hf_diagnostics_total(r->diagnostics);
        hf_read_u32(r, &seed_value, item, &seeds[count]);
        uint32_t same = 0;
        while (same < count && seeds[same] != seeds[count])
            same++;
        if (hf_diagnostics_total(r->diagnostics) != before)
            continue;
        if (same < count)
            HF_READER_ERROR(r, item, "seeds: %s appears twice", HF_SHOW(item));
        else
            count++;
    }
    if (seeds && count)
        set_seeds(spec, seeds, count);
}

static void read_seeds(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    if (value->kind == HF_NODE_SCALAR)
        read_seed_range(r, value, at);
    else if (value->kind == HF_NODE_LIST && value->count && value->count <= HF_SPEC_MAX_INFERENCES)
        read_seed_list(r, value, at);
    else if (value->kind != HF_NODE_BAD)
        HF_READER_ERROR(r, value, "%s: %s, expected a list or a range such as 1..8 of at most %d seeds",
                        field->name, HF_SHOW(value), HF_SPEC_MAX_INFERENCES);
}

static void read_seed(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    uint32_t *seed = hf_pool_alloc(r->pool, sizeof *seed);
    const uint32_t before = hf_diagnostics_total(r->diagnostics);
    if (seed)
        hf_read_u32(r, field, value, seed);
    if (seed && hf_diagnostics_total(r->diagnostics) == before)
        set_seeds(at, seed, 1);
}

/* ---- Files ---- */

/* Reports a file that cannot be read or is empty. */
static void check_file(hf_reader *r, const char *field, const hf_yaml_node *value, const char *path)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_error error = {0};
    hf_status status = hf_file_read(path, HF_SPEC_INPUT_MAX_BYTES, &bytes, &size, &error);
    if (status == HF_ENOMEM)
        r->pool->failed = true;
    else if (status != HF_OK)
        HF_READER_ERROR(r, value, "%s: %s, expected a file with inputs of the model", field, error.message);
    else if (!size)
        HF_READER_ERROR(r, value, "%s: %s is empty, expected a file with inputs of the model", field, path);
    free(bytes);
}

/* @return in the reader's pool; NULL after a mistake */
static const char *read_path(hf_reader *r, const char *field, const hf_yaml_node *value)
{
    const hf_spec_owner *owner = r->user;
    const hf_field text = {.name = field, .min = 1, .max = PATH_LENGTH_MAX};
    const char *name = NULL;
    hf_read_text(r, &text, value, &name);
    const char *path = name ? hf_spec_file_path(r, field, value, name) : NULL;
    if (path && owner->open_files)
        check_file(r, field, value, path);
    return path;
}

/* An item of `files`: a path, or one path for each input of the model. */
static bool read_input(hf_reader *r, const char *field, const hf_yaml_node *item, hf_spec_input *out)
{
    const bool list = item->kind == HF_NODE_LIST;
    if (list && (!item->count || item->count > MODEL_INPUTS)) {
        HF_READER_ERROR(r, item, "%s: a list of %u paths, expected one for each of the model's inputs", field,
                        item->count);
        return false;
    }
    const char **paths = hf_pool_alloc(r->pool, (list ? item->count : 1) * sizeof *paths);
    uint32_t count = 0;
    for (const hf_yaml_node *at = list ? item->first : item; paths && at; at = list ? at->next : NULL) {
        paths[count] = read_path(r, field, at);
        count += paths[count] != NULL;
    }
    *out = (hf_spec_input){.paths = paths, .path_count = count};
    return paths && count == (list ? item->count : 1);
}

static void set_files(hf_spec *spec, const hf_spec_input *inputs, uint32_t count)
{
    spec->measure.inputs = inputs;
    spec->measure.input_count = count;
    set_seeds(spec, NULL, 0);
}

static void read_files(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    if (value->kind == HF_NODE_BAD)
        return;
    if (value->kind != HF_NODE_LIST || !value->count || value->count > HF_SPEC_MAX_INFERENCES) {
        HF_READER_ERROR(r, value,
                        "%s: %s, expected a list of at most %d inputs, each a path or one path for each "
                        "input of the model",
                        field->name, HF_SHOW(value), HF_SPEC_MAX_INFERENCES);
        return;
    }
    hf_spec_input *inputs = hf_pool_alloc(r->pool, value->count * sizeof *inputs);
    uint32_t count = 0;
    for (const hf_yaml_node *item = value->first; inputs && item; item = item->next)
        count += read_input(r, field->name, item, &inputs[count]);
    if (inputs && count)
        set_files(at, inputs, count);
}

static void read_file(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_spec_input *input = hf_pool_alloc(r->pool, sizeof *input);
    if (!input || !hf_is_scalar(r, field->name, value, "a path"))
        return;
    if (read_input(r, field->name, value, input))
        set_files(at, input, 1);
}

static const hf_field input_fields[] = {
    {.name = "seed", .read = read_seed, .max = UINT32_MAX},
    {.name = "seeds", .read = read_seeds},
    {.name = "file", .read = read_file},
    {.name = "files", .read = read_files},
};

void hf_read_inputs(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    static const char expected[] = "\"seed\", \"seeds\", \"file\" or \"files\"";
    const char *first = NULL;
    hf_read_fields(r, field->name, value, input_fields, COUNT_OF(input_fields), at);
    if (value->kind == HF_NODE_MAP && !value->count)
        HF_READER_ERROR(r, value, "input: an empty mapping, expected %s", expected);
    for (uint32_t i = 0; value->kind == HF_NODE_MAP && i < COUNT_OF(input_fields); i++) {
        if (!hf_map_get(value, input_fields[i].name))
            continue;
        if (first)
            HF_READER_ERROR(r, value, "input: both \"%s\" and \"%s\", expected one of them", first,
                            input_fields[i].name);
        first = first ? first : input_fields[i].name;
    }
}
