/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/agent_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "farm_reader.h"
#include "spec_reader.h"
#include "text_file.h"

#define COUNT_OF(a)     (uint32_t)(sizeof(a) / sizeof((a)[0]))
#define PATH_LENGTH_MAX 1024

typedef struct agent_owner {
    hf_agent_file file; /* first: what callers see */
    hf_pool pool;
    hf_farm own;           /* of boards in this file */
    const char *farm_path; /* NULL = the boards are in this file */
    hf_farm *loaded;       /* owned; from farm_path */
} agent_owner;

static const hf_field fields[] = {
    {.name = "host",
     .read = hf_read_host_name,
     .offset = offsetof(agent_owner, file.host),
     .min = 1,
     .max = HF_HOST_NAME_MAX,
     .required = true},
    {.name = "broker",
     .read = hf_read_broker,
     .offset = offsetof(agent_owner, file.broker),
     .required = true},
    {.name = "farm",
     .read = hf_read_path,
     .offset = offsetof(agent_owner, farm_path),
     .min = 1,
     .max = PATH_LENGTH_MAX},
    {.name = "boards", .read = hf_farm_read_boards, .offset = offsetof(agent_owner, own)},
    {.name = "hooks", .read = hf_farm_read_hooks, .offset = offsetof(agent_owner, own)},
};

/* Where the boards are. */
static void check_place(hf_reader *r, const hf_yaml_node *root)
{
    const hf_yaml_node *farm = hf_map_get(root, "farm"), *boards = hf_map_get(root, "boards"),
                       *hooks = hf_map_get(root, "hooks");
    if (farm && boards)
        HF_READER_ERROR(r, boards->key, "both \"farm\" and \"boards\", expected one of them");
    else if (farm && hooks)
        HF_READER_ERROR(r, hooks->key, "\"hooks\" next to \"farm\", expected them in the farm file");
    else if (!farm && !boards && hf_is_missing(root, "farm", fields, COUNT_OF(fields)) &&
             hf_is_missing(root, "boards", fields, COUNT_OF(fields)))
        HF_READER_ERROR(r, root, "neither \"farm\" nor \"boards\", expected one of them");
}

/* Ids that other hosts use are part of names with dots. */
static void check_ids(hf_reader *r, const hf_farm *farm)
{
    for (uint32_t i = 0; i < farm->board_count; i++) {
        const hf_farm_board *board = &farm->boards[i];
        if (board->config.id && strchr(board->config.id, '.'))
            hf_diagnostics_add(r->diagnostics, farm->path, board->line, board->column,
                               "id: \"%s\", expected no '.' in the id of a board that other hosts use",
                               board->config.id);
    }
}

static hf_status load_farm(hf_reader *r, const hf_yaml_node *root, agent_owner *owner, hf_error *err)
{
    hf_status status = hf_farm_load(owner->farm_path, &owner->loaded, r->diagnostics, err);
    if (status == HF_OK && owner->loaded->broker.url)
        HF_READER_ERROR(
            r, hf_map_get(root, "farm"),
            "farm: \"%s\" has a \"broker\", expected a farm file with the boards of this host alone",
            owner->farm_path);
    return status;
}

hf_status hf_agent_file_parse(const char *path, const char *text, size_t text_bytes, hf_agent_file **out,
                              hf_diagnostics *diagnostics, hf_error *err)
{
    const uint32_t before = hf_diagnostics_total(diagnostics);
    agent_owner *owner = calloc(1, sizeof *owner);
    if (!owner)
        return HF_FAIL(err, HF_ENOMEM, "no memory to read %s", path);
    hf_reader r = {.file = path, .pool = &owner->pool, .diagnostics = diagnostics};
    hf_pool tree = {0};
    hf_status status = HF_OK;
    owner->file.path = hf_pool_copy(&owner->pool, path, strlen(path));
    hf_farm_begin(&r, text, text_bytes, &owner->own);
    const hf_yaml_node *root = hf_yaml_parse(path, text, text_bytes, &tree, diagnostics);
    if (root) {
        hf_read_fields(&r, "the agent's file", root, fields, COUNT_OF(fields), owner);
        if (root->kind == HF_NODE_MAP)
            check_place(&r, root);
        if (owner->farm_path)
            status = load_farm(&r, root, owner, err);
    }
    hf_farm_end(&owner->own);
    owner->file.farm = owner->loaded ? owner->loaded : &owner->own;
    check_ids(&r, owner->file.farm);
    const bool no_memory = tree.failed || owner->pool.failed || hf_diagnostics_failed(diagnostics);
    hf_pool_free(&tree);
    const uint32_t mistakes = hf_diagnostics_total(diagnostics) - before;
    if (no_memory || status == HF_ENOMEM || mistakes)
        status = hf_text_file_verdict(path, no_memory || status == HF_ENOMEM, mistakes, err);
    if (status != HF_OK)
        hf_agent_file_free(&owner->file);
    else
        *out = &owner->file;
    return status;
}

hf_status hf_agent_file_load(const char *path, hf_agent_file **out, hf_diagnostics *diagnostics,
                             hf_error *err)
{
    char *text = NULL;
    size_t text_bytes = 0;
    hf_status status = hf_text_file_read(path, "a readable file", &text, &text_bytes, diagnostics, err);
    if (status != HF_OK)
        return status;
    status = hf_agent_file_parse(path, text, text_bytes, out, diagnostics, err);
    free(text);
    return status;
}

void hf_agent_file_free(hf_agent_file *file)
{
    if (!file)
        return;
    agent_owner *owner = (agent_owner *)file;
    hf_farm_free(owner->loaded);
    hf_pool_free(&owner->pool);
    free(owner);
}
