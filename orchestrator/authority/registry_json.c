/* SPDX-License-Identifier: Apache-2.0 */
/* registry.json. It has no secrets, but decides who is let in: what does not conform is rejected as a whole. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority_state.h"

#define VERSION 1

static const char *const kinds[] = {
    [HF_ENTRY_FARM] = "farm", [HF_ENTRY_HOST] = "host", [HF_ENTRY_INVITATION] = "invitation"};

/* ---- Writing ---- */

static json_t *render_entry(const hf_entry *entry)
{
    return json_pack("{ss ss ss sI sI sI sI ss ss*}", "kind", kinds[entry->kind], "name", entry->name, "id",
                     entry->id, "signed", (json_int_t)entry->signed_s, "until", (json_int_t)entry->until_s,
                     "revoked", (json_int_t)entry->revoked_s, "used", (json_int_t)entry->used_s, "key",
                     entry->key_sha256, "reply", entry->reply);
}

void hf_registry_render(const hf_registry *registry, hf_buffer *out)
{
    json_t *names = json_array(), *entries = json_array();
    bool ok = names && entries;
    for (uint32_t i = 0; ok && i < registry->name_count; i++)
        ok = json_array_append_new(names, json_string(registry->names[i])) == 0;
    for (uint32_t i = 0; ok && i < registry->entry_count; i++)
        ok = json_array_append_new(entries, render_entry(&registry->entries[i])) == 0;
    json_t *root = json_pack("{si ss so so}", "version", VERSION, "listen", registry->listen, "names", names,
                             "entries", entries);
    char *text = ok && root ? json_dumps(root, JSON_INDENT(1)) : NULL;
    if (text)
        hf_buffer_printf(out, "%s\n", text);
    else
        out->failed = true;
    free(text);
    json_decref(root);
}

/* ---- Reading ---- */

static bool copy(char *out, size_t size, const char *text)
{
    return (size_t)snprintf(out, size, "%s", text) < size;
}

static bool is_hexadecimal(const char *text)
{
    return text[strspn(text, "0123456789abcdef")] == '\0';
}

static bool find_kind(const char *name, hf_entry_kind *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i], name) == 0) {
            *kind = (hf_entry_kind)i;
            return true;
        }
    return false;
}

static bool name_ok(hf_entry_kind kind, const char *name)
{
    return kind == HF_ENTRY_FARM ? strcmp(name, "farm") == 0 : hf_join_host_ok(name);
}

static bool parse_entry(json_t *from, hf_registry *registry)
{
    const char *kind_name, *name, *id, *key, *reply = NULL;
    json_int_t signed_s, until_s, revoked_s, used_s;
    hf_entry_kind kind;
    if (json_unpack(from, "{ss ss ss sI sI sI sI ss s?s !}", "kind", &kind_name, "name", &name, "id", &id,
                    "signed", &signed_s, "until", &until_s, "revoked", &revoked_s, "used", &used_s, "key",
                    &key, "reply", &reply) != 0 ||
        !find_kind(kind_name, &kind) || !name_ok(kind, name) || strlen(id) != HF_CREDENTIAL_ID_SIZE - 1 ||
        !is_hexadecimal(id) || !is_hexadecimal(key))
        return false;
    hf_entry *entry = hf_registry_add(registry, kind, name, id);
    if (!entry || !copy(entry->key_sha256, sizeof entry->key_sha256, key))
        return false;
    entry->signed_s = signed_s;
    entry->until_s = until_s;
    entry->revoked_s = revoked_s;
    entry->used_s = used_s;
    entry->reply = reply ? strdup(reply) : NULL;
    return !reply || entry->reply;
}

static bool parse_names(json_t *from, hf_registry *registry)
{
    size_t i;
    json_t *name;
    registry->names = calloc(json_array_size(from) + 1, sizeof *registry->names);
    if (!registry->names || json_array_size(from) > HF_NAMES_MAX)
        return false;
    json_array_foreach(from, i, name)
    {
        if (!json_is_string(name) || !copy(registry->names[i], HF_NAME_SIZE, json_string_value(name)))
            return false;
        registry->name_count++;
    }
    return true;
}

static bool parse(json_t *root, hf_registry *out)
{
    int version = 0;
    const char *listen;
    json_t *names, *entries, *entry;
    size_t i;
    if (json_unpack(root, "{si ss so so !}", "version", &version, "listen", &listen, "names", &names,
                    "entries", &entries) != 0 ||
        version != VERSION || !json_is_array(names) || !json_is_array(entries) ||
        !copy(out->listen, sizeof out->listen, listen) || !parse_names(names, out))
        return false;
    json_array_foreach(entries, i, entry)
    {
        if (!parse_entry(entry, out))
            return false;
    }
    return true;
}

hf_status hf_registry_parse(const char *text, size_t size, hf_registry *out, hf_error *err)
{
    json_error_t where;
    hf_registry registry = {0};
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
    if (!root)
        return HF_FAIL(err, HF_EFORMAT, "line %d: %s", where.line, where.text);
    const bool ok = parse(root, &registry);
    json_decref(root);
    if (!ok) {
        hf_registry_free(&registry);
        return HF_FAIL(err, HF_EFORMAT, "not the list of an authority, or of another version of hilfarm");
    }
    *out = registry;
    return HF_OK;
}
