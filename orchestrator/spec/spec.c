/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/spec.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "spec_reader.h"
#include "text_file.h"

#define COUNT_OF(a)       (uint32_t)(sizeof(a) / sizeof((a)[0]))
#define MAX_BYTES         (UINT64_C(1) << 40)
#define MAX_MACS          UINT64_C(1000000000000)
#define MAX_RUN_MS        (UINT64_C(30) * 86400000)
#define MAX_QUARANTINE_MS UINT64_C(86400000)
#define MAX_LATENCY_MS    600000
#define TAG_LENGTH_MAX    64

static void read_name(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    const char *expected = "letters, digits, '_', '-' and '.', beginning with a letter or digit";
    if (!hf_is_scalar(r, field->name, value, expected))
        return;
    if (!hf_is_name(value->text) || strlen(value->text) > HF_SPEC_NAME_MAX)
        HF_READER_ERROR(r, value, "%s: %s, expected at most %d of: %s", field->name, HF_SHOW(value),
                        HF_SPEC_NAME_MAX, expected);
    else
        hf_read_text(r, field, value, at);
}

/* A farm file lists its boards; a spec names tags of boards, and models. */
static bool looks_like_farm(const hf_yaml_node *root)
{
    if (!root || root->kind != HF_NODE_MAP || hf_map_get(root, "models"))
        return false;
    const hf_yaml_node *boards = hf_map_get(root, "boards");
    return boards && boards->kind == HF_NODE_LIST && boards->first && boards->first->kind == HF_NODE_MAP;
}

/* The file name without folder and extension, with invalid characters replaced. */
static const char *default_name(hf_reader *r)
{
    const char *slash = strrchr(r->file, '/');
    const char *base = slash ? slash + 1 : r->file;
    const char *dot = strrchr(base, '.');
    size_t length = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    if (length > HF_SPEC_NAME_MAX)
        length = HF_SPEC_NAME_MAX;
    char *name = hf_pool_copy(r->pool, base, length);
    for (char *at = name; at && *at; at++)
        if (!isalnum((unsigned char)*at) && (at == name || !strchr("_-.", *at)))
            *at = at == name ? 'x' : '_';
    return name && !*name ? "run" : name;
}

/* ---- Boards ---- */

static void read_tags(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_spec *spec = at;
    hf_texts tags = {0};
    hf_read_texts(r, field->name, value, TAG_LENGTH_MAX, &tags);
    spec->tags = tags.texts;
    spec->tag_lines = tags.lines;
    spec->tag_columns = tags.columns;
    spec->tag_count = tags.count;
}

static const hf_field boards_fields[] = {{.name = "tags", .read = read_tags}};

static void read_boards(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_spec *spec = at;
    spec->boards_line = value->key->line;
    spec->boards_column = value->key->column;
    hf_read_fields(r, field->name, value, boards_fields, COUNT_OF(boards_fields), spec);
}

/* ---- The table of all keys; offsets are relative to hf_spec ---- */

static const hf_field constraint_fields[] = {
    {.name = "ram",
     .synonyms = "memory sram arena",
     .read = hf_read_bytes,
     .offset = offsetof(hf_spec, constraints.ram_bytes),
     .min = 1,
     .max = MAX_BYTES},
    {.name = "rom",
     .synonyms = "flash",
     .read = hf_read_bytes,
     .offset = offsetof(hf_spec, constraints.rom_bytes),
     .min = 1,
     .max = MAX_BYTES},
    {.name = "macs",
     .synonyms = "mac madds mults flops",
     .read = hf_read_count,
     .offset = offsetof(hf_spec, constraints.macs),
     .min = 1,
     .max = MAX_MACS},
    {.name = "latency",
     .synonyms = "time",
     .read = hf_read_duration_64,
     .offset = offsetof(hf_spec, optimization.latency_limit_ms),
     .min = 1,
     .max = MAX_LATENCY_MS},
    {.name = "accuracy",
     .synonyms = "top1 acc",
     .read = hf_read_percent,
     .offset = offsetof(hf_spec, optimization.accuracy_floor_percent)},
};

/* (bool) */
static void read_on_unsupported(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    static const char expected[] = "\"skip\" or \"stop\"";
    if (!hf_is_scalar(r, field->name, value, expected))
        return;
    if (strcmp(value->text, "skip") != 0 && strcmp(value->text, "stop") != 0)
        HF_READER_ERROR(r, value, "%s: %s, expected %s", field->name, HF_SHOW(value), expected);
    else
        *(bool *)at = strcmp(value->text, "stop") == 0;
}

/* (hf_spec_objective) */
static void read_objective(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    static const char expected[] = "time, speed or ram";
    if (!hf_is_scalar(r, field->name, value, expected))
        return;
    if (strcmp(value->text, "time") == 0)
        *(hf_spec_objective *)at = HF_SPEC_OBJECTIVE_TIME;
    else if (strcmp(value->text, "speed") == 0)
        *(hf_spec_objective *)at = HF_SPEC_OBJECTIVE_SPEED;
    else if (strcmp(value->text, "ram") == 0)
        *(hf_spec_objective *)at = HF_SPEC_OBJECTIVE_RAM;
    else
        HF_READER_ERROR(r, value, "%s: %s, expected %s", field->name, HF_SHOW(value), expected);
}

static const hf_field measure_fields[] = {
    {.name = "warmup",
     .synonyms = "warm_up",
     .read = hf_read_u32,
     .offset = offsetof(hf_spec, measure.warmup),
     .max = 1000},
    {.name = "runs",
     .synonyms = "repeat repeats repetitions iterations",
     .read = hf_read_u32,
     .offset = offsetof(hf_spec, measure.runs),
     .min = 1,
     .max = 10000},
    {.name = "layers", .read = hf_read_bool, .offset = offsetof(hf_spec, measure.layers)},
    {.name = "outputs", .read = hf_read_bool, .offset = offsetof(hf_spec, measure.outputs)},
    {.name = "steps",
     .read = hf_read_u32,
     .offset = offsetof(hf_spec, measure.steps),
     .min = 1,
     .max = HF_SPEC_MAX_INFERENCES},
    {.name = "input", .read = hf_read_inputs},
};
static const hf_field deadline_fields[] = {
    HF_DEADLINE_FIELDS(hf_spec),
    {.name = "run",
     .read = hf_read_duration_64,
     .offset = offsetof(hf_spec, run_deadline_ms),
     .min = 1,
     .max = MAX_RUN_MS},
};
static const hf_field retry_fields[] = {
    {.name = "attempts",
     .read = hf_read_u32,
     .offset = offsetof(hf_spec, retries.attempts),
     .min = 1,
     .max = 20},
    {.name = "delay",
     .read = hf_read_duration_64,
     .offset = offsetof(hf_spec, retries.delay_ms),
     .max = HF_MAX_DEADLINE_MS},
    {.name = "strikes",
     .read = hf_read_u32,
     .offset = offsetof(hf_spec, retries.strikes),
     .min = 1,
     .max = 100},
    {.name = "quarantine",
     .read = hf_read_duration_64,
     .offset = offsetof(hf_spec, retries.quarantine_ms),
     .max = MAX_QUARANTINE_MS},
    {.name = "max_quarantines",
     .read = hf_read_u32,
     .offset = offsetof(hf_spec, retries.max_quarantines),
     .max = 100},
};
static const hf_field weight_fields[] = {
    {.name = "seed", .read = hf_read_u32, .offset = offsetof(hf_spec, weights_seed), .max = UINT32_MAX},
};

#define SECTION(fields) .read = hf_read_section, .also = (fields), .also_count = COUNT_OF(fields)
static const hf_field spec_fields[] = {
    {.name = "name", .read = read_name, .offset = offsetof(hf_spec, name), .min = 1, .max = HF_SPEC_NAME_MAX},
    {.name = "constraints", .synonyms = "limits budget", SECTION(constraint_fields)},
    {.name = "objective", .read = read_objective, .offset = offsetof(hf_spec, objective)},
    {.name = "on_unsupported", .read = read_on_unsupported, .offset = offsetof(hf_spec, stop_on_unsupported)},
    {.name = "models", .synonyms = "model networks variations", .read = hf_read_models, .required = true},
    {.name = "boards", .synonyms = "board targets devices", .read = read_boards},
    {.name = "measure", SECTION(measure_fields)},
    {.name = "deadlines", SECTION(deadline_fields)},
    {.name = "retries", SECTION(retry_fields)},
    {.name = "weights", SECTION(weight_fields)},
    {.name = "train", .read = hf_read_training, .offset = offsetof(hf_spec, training)},
    {.name = "optimize", .read = hf_read_optimization},
};

static const hf_spec defaults = {
    .measure = {.warmup = 1,
                .runs = 10,
                .layers = true,
                .steps = 8,
                .seeds = (const uint32_t[]){1},
                .seed_count = 1},
    .retries = {.attempts = 3, .strikes = 3, .quarantine_ms = 30000, .max_quarantines = 3},
    .weights_seed = HF_WEIGHTS_SEED_DEFAULT,
    .optimization =
        {.seed = 1, .first_rung_epochs = 3, .growth = 3, .candidates = 100, .weights = {1, 1, 0, 0}},
};

static void read_spec(hf_spec_owner *owner, const char *path, const char *text, size_t text_bytes,
                      hf_diagnostics *diagnostics)
{
    hf_spec *spec = &owner->spec;
    *spec = defaults;
    spec->path = hf_pool_copy(&owner->pool, path, strlen(path));
    spec->text = hf_pool_copy(&owner->pool, text, text_bytes);
    spec->text_bytes = text_bytes;
    hf_reader r = {.file = path, .pool = &owner->pool, .diagnostics = diagnostics, .user = owner};
    hf_pool tree = {0};
    const hf_yaml_node *root = hf_yaml_parse(path, text, text_bytes, &tree, diagnostics);
    /* Needed while models are read, wherever it stands. */
    const hf_yaml_node *unsupported =
        root && root->kind == HF_NODE_MAP ? hf_map_get(root, "on_unsupported") : NULL;
    spec->stop_on_unsupported =
        unsupported && unsupported->kind == HF_NODE_SCALAR && strcmp(unsupported->text, "stop") == 0;
    const bool is_farm = looks_like_farm(root);
    if (is_farm)
        HF_READER_ERROR(
            &r, root,
            "this is a farm file, expected a spec; check a farm file together with a spec: hilfarm "
            "validate SPEC.yaml --farm %s",
            path);
    else if (root)
        hf_read_fields(&r, "the spec", root, spec_fields, COUNT_OF(spec_fields), spec);
    hf_spec_bind_trained(&r, root && root->kind == HF_NODE_MAP ? hf_map_get(root, "models") : NULL);
    if (!spec->name)
        spec->name = default_name(&r);
    if (root && root->kind == HF_NODE_MAP)
        hf_spec_check_optimization(&r, root);
    owner->pool.failed |= tree.failed;
    hf_pool_free(&tree);
}

/* Like hf_spec_parse(); on HF_EINVALID returns what could be read in *faulty unless that is NULL. */
static hf_status parse_keep(const char *path, const char *text, size_t text_bytes, bool open_files,
                            const char *tree, hf_spec **out, hf_spec **faulty, hf_diagnostics *diagnostics,
                            hf_error *err)
{
    uint32_t before = hf_diagnostics_total(diagnostics);
    hf_spec_owner *owner = calloc(1, sizeof *owner);
    if (!owner)
        return HF_FAIL(err, HF_ENOMEM, "no memory to read %s", path);
    owner->open_files = open_files;
    owner->tree = tree;
    read_spec(owner, path, text, text_bytes, diagnostics);
    const bool no_memory = owner->pool.failed || hf_diagnostics_failed(diagnostics);
    const hf_status status =
        hf_text_file_verdict(path, no_memory, hf_diagnostics_total(diagnostics) - before, err);
    if (status == HF_OK)
        *out = &owner->spec;
    else if (status == HF_EINVALID && faulty)
        *faulty = &owner->spec;
    else
        hf_spec_free(&owner->spec);
    return status;
}

hf_status hf_spec_parse(const char *path, const char *text, size_t text_bytes, bool open_files, hf_spec **out,
                        hf_diagnostics *diagnostics, hf_error *err)
{
    return parse_keep(path, text, text_bytes, open_files, NULL, out, NULL, diagnostics, err);
}

hf_status hf_spec_parse_in_tree(const char *path, const char *text, size_t text_bytes, const char *tree,
                                hf_spec **out, hf_diagnostics *diagnostics, hf_error *err)
{
    return parse_keep(path, text, text_bytes, true, tree, out, NULL, diagnostics, err);
}

hf_status hf_spec_load_keep(const char *path, hf_spec **out, hf_spec **faulty, hf_diagnostics *diagnostics,
                            hf_error *err)
{
    char *text = NULL;
    size_t text_bytes = 0;
    hf_status status = hf_text_file_read(path, "a readable job spec", &text, &text_bytes, diagnostics, err);
    if (status != HF_OK)
        return status;
    status = parse_keep(path, text, text_bytes, true, NULL, out, faulty, diagnostics, err);
    free(text);
    return status;
}

hf_status hf_spec_load(const char *path, hf_spec **out, hf_diagnostics *diagnostics, hf_error *err)
{
    return hf_spec_load_keep(path, out, NULL, diagnostics, err);
}

void hf_spec_free(hf_spec *spec)
{
    if (!spec)
        return;
    hf_spec_owner *owner = (hf_spec_owner *)spec;
    hf_pool_free(&owner->pool);
    free(owner);
}
