/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority_state.h"
#include "base/file.h"

/* How long it is remembered that a host was revoked, or how a token was used. */
#define REMEMBER_S (90 * HF_DAY_S)

hf_entry *hf_registry_add(hf_registry *registry, hf_entry_kind kind, const char *name, const char *id)
{
    hf_entry *more = realloc(registry->entries, (registry->entry_count + 1u) * sizeof *more);
    if (!more)
        return NULL;
    registry->entries = more;
    hf_entry *entry = &more[registry->entry_count++];
    *entry = (hf_entry){.kind = kind};
    snprintf(entry->name, sizeof entry->name, "%s", name);
    snprintf(entry->id, sizeof entry->id, "%s", id);
    return entry;
}

hf_entry *hf_registry_find(hf_registry *registry, hf_entry_kind kind, const char *id)
{
    for (uint32_t i = 0; i < registry->entry_count; i++)
        if (registry->entries[i].kind == kind && strcmp(registry->entries[i].id, id) == 0)
            return &registry->entries[i];
    return NULL;
}

static bool is_over(const hf_entry *entry, int64_t now_s)
{
    return entry->kind != HF_ENTRY_FARM && (now_s > entry->until_s + REMEMBER_S ||
                                            (entry->revoked_s && now_s > entry->revoked_s + REMEMBER_S));
}

void hf_registry_tidy(hf_registry *registry, int64_t now_s)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < registry->entry_count; i++) {
        if (is_over(&registry->entries[i], now_s))
            free(registry->entries[i].reply);
        else
            registry->entries[kept++] = registry->entries[i];
    }
    registry->entry_count = kept;
}

void hf_registry_free(hf_registry *registry)
{
    for (uint32_t i = 0; i < registry->entry_count; i++)
        free(registry->entries[i].reply);
    free(registry->entries);
    free(registry->names);
    *registry = (hf_registry){0};
}

hf_status hf_registry_load(const hf_authority *authority, hf_registry *out, hf_error *err)
{
    char path[PATH_MAX];
    uint8_t *text = NULL;
    size_t size = 0;
    hf_error cause = {0};
    hf_status status = hf_authority_path(authority, HF_REGISTRY_FILE, path, err);
    if (status == HF_OK)
        status = hf_file_read(path, HF_REGISTRY_MAX, &text, &size, err);
    if (status != HF_OK)
        return status;
    status = hf_registry_parse((char *)text, size, out, &cause);
    free(text);
    hf_error_context(&cause, HF_FAULT_NONE, "%s", path);
    return status == HF_OK ? HF_OK : hf_error_pass(err, &cause);
}

hf_status hf_registry_save(const hf_authority *authority, const hf_registry *registry, hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_registry_render(registry, &text);
    hf_status status = hf_authority_save(authority, HF_REGISTRY_FILE, &text, err);
    hf_buffer_free(&text);
    return status;
}
