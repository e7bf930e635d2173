/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/farm_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "farm_reader.h"
#include "spec_reader.h"
#include "text_file.h"

#define COUNT_OF(a) (uint32_t)(sizeof(a) / sizeof((a)[0]))

typedef struct farm_owner {
    hf_farm farm; /* first: what callers see */
    hf_pool pool;
    uint32_t capacity; /* of the boards, once some were added */
} farm_owner;

void hf_farm_read_boards(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_farm *farm = at;
    if (value->kind == HF_NODE_BAD)
        return;
    if (value->kind == HF_NODE_LIST && value->count > HF_FARM_MAX_BOARDS) {
        HF_READER_ERROR(r, value, "%s: a list of %u boards, expected 1 to %d", field->name, value->count,
                        HF_FARM_MAX_BOARDS);
        return;
    }
    if (value->kind != HF_NODE_LIST || !value->count) {
        HF_READER_ERROR(r, value, "%s: %s, expected a list of 1 to %d boards", field->name,
                        value->kind != HF_NODE_LIST ? HF_SHOW(value) : "an empty list", HF_FARM_MAX_BOARDS);
        return;
    }
    farm->boards = hf_pool_alloc(r->pool, value->count * sizeof *farm->boards);
    if (!farm->boards)
        return;
    for (const hf_yaml_node *item = value->first; item; item = item->next) {
        hf_farm_board *board = &farm->boards[farm->board_count++];
        hf_farm_read_board(r, item, board);
        unsigned clashes = 0;
        for (uint32_t i = 0; i + 1 < farm->board_count; i++)
            clashes = hf_farm_compare(r, &farm->boards[i], board, clashes);
    }
}

#define COMMAND_LENGTH_MAX    1024
#define DEFAULT_HOOK_LIMIT_MS 30000
#define HOOK_FIELD(key)                                                                                      \
    {                                                                                                        \
        .name = #key, .read = hf_read_text, .offset = offsetof(hf_farm, hooks.key), .min = 1,                \
        .max = COMMAND_LENGTH_MAX                                                                            \
    }
static const hf_field hook_fields[] = {
    HOOK_FIELD(before_run),
    HOOK_FIELD(after_run),
    HOOK_FIELD(before_attempt),
    HOOK_FIELD(after_attempt),
    {.name = "deadline",
     .read = hf_read_duration_32,
     .offset = offsetof(hf_farm, hooks.limit_ms),
     .min = 1,
     .max = HF_MAX_DEADLINE_MS},
};
void hf_farm_read_hooks(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_read_fields(r, field->name, value, hook_fields, COUNT_OF(hook_fields), at);
}

/* ---- Hosts ---- */

static const hf_field host_fields[] = {
    {.name = "name",
     .read = hf_read_host_name,
     .offset = offsetof(hf_farm_host, name),
     .min = 1,
     .max = HF_HOST_NAME_MAX,
     .required = true},
    {.name = "tags", .read = hf_read_tag_list, .offset = offsetof(hf_farm_host, tags)},
};

/* A name alone, or a mapping. */
static void read_host(hf_reader *r, const hf_yaml_node *item, hf_farm *farm)
{
    hf_farm_host *host = &farm->hosts[farm->host_count];
    host->line = item->line;
    host->column = item->column;
    if (item->kind == HF_NODE_MAP)
        hf_read_fields(r, "a host", item, host_fields, COUNT_OF(host_fields), host);
    else
        hf_read_host_name(r, &host_fields[0], item, &host->name);
    if (!host->name)
        return;
    for (uint32_t i = 0; i < farm->host_count; i++)
        if (strcmp(farm->hosts[i].name, host->name) == 0)
            HF_READER_ERROR(r, item, "the host \"%s\" appears twice, first on line %u", host->name,
                            farm->hosts[i].line);
    farm->host_count++;
}

static void read_hosts(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_farm *farm = at;
    if (value->kind == HF_NODE_BAD)
        return;
    if (value->kind != HF_NODE_LIST || value->count > HF_FARM_MAX_HOSTS) {
        HF_READER_ERROR(r, value, "%s: %s, expected a list of at most %d hosts", field->name,
                        value->kind != HF_NODE_LIST ? HF_SHOW(value) : "more", HF_FARM_MAX_HOSTS);
        return;
    }
    farm->hosts = hf_pool_alloc(r->pool, (value->count + 1u) * sizeof *farm->hosts);
    for (const hf_yaml_node *item = value->first; item && farm->hosts; item = item->next)
        read_host(r, item, farm);
}

static const hf_field farm_fields[] = {
    {.name = "boards", .read = hf_farm_read_boards},
    {.name = "hooks", .read = hf_farm_read_hooks},
    {.name = "broker", .read = hf_read_farm_broker, .offset = offsetof(hf_farm, broker)},
    {.name = "hosts", .read = read_hosts},
};

/* A farm has boards of its own, or a broker by which to find others. */
static void check_sections(hf_reader *r, const hf_yaml_node *root)
{
    const hf_yaml_node *hosts = hf_map_get(root, "hosts");
    const bool no_broker = hf_is_missing(root, "broker", farm_fields, COUNT_OF(farm_fields));
    if (hosts && no_broker)
        HF_READER_ERROR(r, hosts->key, "\"hosts\" without \"broker\", expected both");
    else if (no_broker && hf_is_missing(root, "boards", farm_fields, COUNT_OF(farm_fields)))
        HF_READER_ERROR(r, root, "the farm has no \"boards\", which is required");
}

/* The mistake of whoever wants to examine a host: its agent reads another kind of file. */
static bool is_agent_file(hf_reader *r, const hf_yaml_node *root)
{
    const hf_yaml_node *host = root->kind == HF_NODE_MAP ? hf_map_get(root, "host") : NULL;
    if (!host || !hf_map_get(root, "broker"))
        return false;
    HF_READER_ERROR(
        r, host->key,
        "\"host\" and \"broker\": this is the file of an agent, expected a farm file, which may list "
        "\"hosts\"; whether this host is connected is in the log of its hilfarm-agent");
    return true;
}

/* ---- The whole file ---- */

void hf_farm_begin(hf_reader *r, const char *text, size_t text_bytes, hf_farm *farm)
{
    farm->path = hf_pool_copy(r->pool, r->file, strlen(r->file));
    farm->text = hf_pool_copy(r->pool, text, text_bytes);
    farm->text_bytes = text_bytes;
    farm->hooks.limit_ms = DEFAULT_HOOK_LIMIT_MS;
}

void hf_farm_end(hf_farm *farm)
{
    for (uint32_t i = 0; i < farm->board_count; i++)
        farm->boards[i].config.hooks = &farm->hooks;
}

hf_status hf_farm_parse(const char *path, const char *text, size_t text_bytes, hf_farm **out,
                        hf_diagnostics *diagnostics, hf_error *err)
{
    uint32_t before = hf_diagnostics_total(diagnostics);
    farm_owner *owner = calloc(1, sizeof *owner);
    if (!owner)
        return HF_FAIL(err, HF_ENOMEM, "no memory to read %s", path);
    hf_farm *farm = &owner->farm;
    hf_reader r = {.file = path, .pool = &owner->pool, .diagnostics = diagnostics};
    hf_farm_begin(&r, text, text_bytes, farm);
    hf_pool tree = {0};
    const hf_yaml_node *root = hf_yaml_parse(path, text, text_bytes, &tree, diagnostics);
    const bool reads = root && !is_agent_file(&r, root);
    if (reads)
        hf_read_fields(&r, "the farm", root, farm_fields, COUNT_OF(farm_fields), farm);
    if (reads && root->kind == HF_NODE_MAP)
        check_sections(&r, root);
    hf_farm_end(farm);
    bool no_memory = tree.failed || owner->pool.failed || hf_diagnostics_failed(diagnostics);
    hf_pool_free(&tree);
    hf_status status = hf_text_file_verdict(path, no_memory, hf_diagnostics_total(diagnostics) - before, err);
    if (status != HF_OK)
        hf_farm_free(farm);
    else
        *out = farm;
    return status;
}

hf_status hf_farm_load(const char *path, hf_farm **out, hf_diagnostics *diagnostics, hf_error *err)
{
    char *text = NULL;
    size_t text_bytes = 0;
    hf_status status = hf_text_file_read(path, "a readable farm file", &text, &text_bytes, diagnostics, err);
    if (status != HF_OK)
        return status;
    status = hf_farm_parse(path, text, text_bytes, out, diagnostics, err);
    free(text);
    return status;
}

hf_status hf_farm_default(hf_farm **out, hf_error *err)
{
    static const char *const ids[] = {"virtual-1", "virtual-2"};
    const hf_chip *chip = hf_chip_find("stm32l4r5zi");
    farm_owner *owner = calloc(1, sizeof *owner);
    hf_farm_board *boards = owner ? hf_pool_alloc(&owner->pool, COUNT_OF(ids) * sizeof *boards) : NULL;
    if (!boards || !chip) {
        free(owner);
        return HF_FAIL(err, chip ? HF_ENOMEM : HF_ENOTFOUND, "cannot set up the default farm");
    }
    for (uint32_t i = 0; i < COUNT_OF(ids); i++)
        boards[i] = (hf_farm_board){
            .config = {.id = ids[i], .chip = chip->name, .is_virtual = true, .baud = 921600}, .chip = chip};
    owner->farm.boards = boards;
    owner->farm.board_count = COUNT_OF(ids);
    *out = &owner->farm;
    return HF_OK;
}

void hf_farm_free(hf_farm *farm)
{
    if (!farm)
        return;
    farm_owner *owner = (farm_owner *)farm;
    hf_pool_free(&owner->pool);
    free(owner);
}

/* ---- Boards of other hosts ---- */

static const char *const *copy_tags(hf_pool *pool, const hf_farm_remote_board *remote, uint32_t *count)
{
    const char **tags =
        hf_pool_alloc(pool, (remote->tags.count + remote->host_tags.count + 1u) * sizeof *tags);
    *count = 0;
    for (uint32_t i = 0; tags && i < remote->tags.count; i++)
        tags[(*count)++] = hf_pool_copy(pool, remote->tags.tags[i], strlen(remote->tags.tags[i]));
    for (uint32_t i = 0; tags && i < remote->host_tags.count; i++)
        tags[(*count)++] = hf_pool_copy(pool, remote->host_tags.tags[i], strlen(remote->host_tags.tags[i]));
    if (tags)
        tags[(*count)++] = hf_pool_copy(pool, remote->host, strlen(remote->host));
    return tags;
}

static void fill_remote(hf_pool *pool, const hf_farm *farm, const hf_farm_remote_board *remote,
                        hf_farm_board *board)
{
    const size_t host = strlen(remote->host), id = strlen(remote->id);
    char *full = hf_pool_alloc(pool, host + id + 2);
    if (full) {
        memcpy(full, remote->host, host);
        full[host] = '/';
        memcpy(full + host + 1, remote->id, id + 1);
    }
    *board = (hf_farm_board){.config = {.id = full,
                                        .chip = board->chip->name,
                                        .modelled = remote->modelled,
                                        .hooks = &farm->hooks},
                             .chip = board->chip,
                             .deadlines = remote->deadlines,
                             .host = hf_pool_copy(pool, remote->host, host),
                             .remote_id = full ? full + host + 1 : NULL};
    board->config.tags = copy_tags(pool, remote, &board->config.tag_count);
}

hf_status hf_farm_reserve(hf_farm *farm, uint32_t capacity, hf_error *err)
{
    farm_owner *owner = (farm_owner *)farm;
    if (capacity <= owner->capacity)
        return HF_OK;
    hf_farm_board *boards = hf_pool_alloc(&owner->pool, capacity * sizeof *boards);
    if (!boards) {
        owner->pool.failed = false;
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u boards", capacity);
    }
    if (farm->board_count)
        memcpy(boards, farm->boards, farm->board_count * sizeof *boards);
    farm->boards = boards;
    owner->capacity = capacity;
    return HF_OK;
}

hf_status hf_farm_add_board(hf_farm *farm, const hf_farm_remote_board *remote, hf_error *err)
{
    farm_owner *owner = (farm_owner *)farm;
    hf_pool *pool = &owner->pool;
    hf_farm_board added = {.chip = hf_chip_find(remote->chip)};
    if (!added.chip)
        return HF_FAIL(err, HF_ENOTFOUND, "board %s/%s has an unknown chip: %s", remote->host, remote->id,
                       remote->chip);
    if (farm->board_count >= HF_FARM_MAX_BOARDS)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT, "board %s/%s is one too many: a farm has at most %d",
                          remote->host, remote->id, HF_FARM_MAX_BOARDS);
    if (farm->board_count >= owner->capacity) {
        hf_status status = hf_farm_reserve(farm, farm->board_count * 2 + 16, err);
        if (status != HF_OK)
            return status;
    }
    fill_remote(pool, farm, remote, &added);
    if (pool->failed) {
        pool->failed = false;
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for board %s/%s", remote->host,
                          remote->id);
    }
    farm->boards[farm->board_count] = added;
    __atomic_store_n(&farm->board_count, farm->board_count + 1, __ATOMIC_RELEASE);
    return HF_OK;
}

bool hf_farm_first_with_script(const hf_farm *farm, uint32_t board)
{
    for (uint32_t i = 0; i < board; i++)
        if (hf_farm_board_has_probe(&farm->boards[i]) &&
            strcmp(farm->boards[i].config.probe_interface, farm->boards[board].config.probe_interface) == 0)
            return false;
    return true;
}
