/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority_state.h"

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
