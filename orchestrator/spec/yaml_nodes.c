/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_nodes.h"

#include <string.h>

#include "spec/spec.h"

const char *hf_node_kind_name(hf_node_kind kind)
{
    return kind == HF_NODE_LIST ? "a list" : kind == HF_NODE_MAP ? "a mapping" : "a single value";
}

hf_yaml_node *hf_yaml_new_node(hf_yaml_builder *r, hf_node_kind kind, yaml_mark_t mark)
{
    hf_yaml_node *made = hf_pool_alloc(r->pool, sizeof *made);
    if (!made) {
        r->stopped = true;
        return NULL;
    }
    made->kind = kind;
    made->line = hf_yaml_line(mark);
    made->column = hf_yaml_column(mark);
    made->text = "";
    made->weight = 1;
    return made;
}

void hf_yaml_append(hf_yaml_node *parent, hf_yaml_node *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
}

void hf_yaml_weigh(hf_yaml_builder *r, hf_yaml_node *parent, uint32_t weight, yaml_mark_t mark)
{
    parent->weight += weight; /* both are at most HF_SPEC_MAX_NODES */
    if (parent->weight <= HF_SPEC_MAX_NODES || r->stopped)
        return;
    HF_BUILDER_REPORT(r, mark, "more than %d values when every alias is expanded, expected fewer",
                      HF_SPEC_MAX_NODES);
    r->stopped = true;
}

static hf_yaml_node *find(const hf_yaml_node *map, const char *key)
{
    for (hf_yaml_node *value = map->first; value; value = value->next)
        if (value->key->kind == HF_NODE_SCALAR && strcmp(value->key->text, key) == 0)
            return value;
    return NULL;
}

void hf_yaml_merge(hf_yaml_builder *r, hf_yaml_node *map, const hf_yaml_node *source)
{
    if (source->kind == HF_NODE_LIST) {
        for (const hf_yaml_node *item = source->first; item && !r->stopped; item = item->next) {
            if (item->kind == HF_NODE_MAP)
                hf_yaml_merge(r, map, item);
            else if (item->kind != HF_NODE_BAD)
                hf_diagnostics_add(r->source.diagnostics, r->source.file, item->line, item->column,
                                   "\"<<\": %s, expected a mapping to merge", hf_node_kind_name(item->kind));
        }
        return;
    }
    if (source->kind != HF_NODE_MAP) {
        if (source->kind != HF_NODE_BAD)
            hf_diagnostics_add(r->source.diagnostics, r->source.file, source->line, source->column,
                               "\"<<\": %s, expected a mapping to merge", hf_node_kind_name(source->kind));
        return;
    }
    for (const hf_yaml_node *value = source->first; value && !r->stopped; value = value->next) {
        if (value->key->kind != HF_NODE_SCALAR || find(map, value->key->text) ||
            map->count >= HF_NODE_MAX_KEYS)
            continue;
        yaml_mark_t mark = {.line = value->line - 1, .column = value->column - 1};
        hf_yaml_node *copy = hf_yaml_new_node(r, value->kind, mark);
        if (!copy)
            return;
        *copy = *value;
        copy->next = NULL;
        hf_yaml_append(map, copy);
        hf_yaml_weigh(r, map, value->weight + 1, mark);
    }
}

void hf_yaml_add_value(hf_yaml_builder *r, hf_yaml_node *map, hf_yaml_node *key, hf_yaml_node *value)
{
    if (key->kind == HF_NODE_BAD)
        return;
    if (key->kind != HF_NODE_SCALAR) {
        hf_diagnostics_add(r->source.diagnostics, r->source.file, key->line, key->column,
                           "%s as a key, expected a word", hf_node_kind_name(key->kind));
        return;
    }
    const hf_yaml_node *before = find(map, key->text);
    if (before) {
        hf_diagnostics_add(r->source.diagnostics, r->source.file, key->line, key->column,
                           "the key \"%s\" appears twice, first on line %u", key->text, before->key->line);
        return;
    }
    if (map->count == HF_NODE_MAX_KEYS) {
        hf_diagnostics_add(r->source.diagnostics, r->source.file, key->line, key->column,
                           "more than %d keys in one mapping", HF_NODE_MAX_KEYS);
        r->stopped = true;
        return;
    }
    value->key = key;
    hf_yaml_append(map, value);
}
