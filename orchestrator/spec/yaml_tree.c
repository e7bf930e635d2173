/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/yaml_tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "spec/spec.h"
#include "yaml_nodes.h"

#define MAX_ANCHORS 1000 /* each alias searches all of them */

static hf_yaml_node *read_node(hf_yaml_builder *r, yaml_event_t *event, uint32_t depth);

static bool next_event(hf_yaml_builder *r, yaml_event_t *event)
{
    if (yaml_parser_parse(r->parser, event))
        return true;
    r->stopped = true;
    if (r->parser->error == YAML_MEMORY_ERROR)
        r->pool->failed = true;
    else
        hf_yaml_report_syntax(&r->source, r->parser);
    return false;
}

static hf_yaml_anchor *add_anchor(hf_yaml_builder *r, const yaml_char_t *name, hf_yaml_node *target)
{
    if (!name || !target)
        return NULL;
    if (++r->anchor_count > MAX_ANCHORS) {
        hf_diagnostics_add(r->source.diagnostics, r->source.file, target->line, target->column,
                           "more than %d anchors", MAX_ANCHORS);
        r->stopped = true;
        return NULL;
    }
    hf_yaml_anchor *made = hf_pool_alloc(r->pool, sizeof *made);
    const char *text = hf_pool_copy(r->pool, (const char *)name, strlen((const char *)name));
    if (!made || !text) {
        r->stopped = true;
        return NULL;
    }
    *made = (hf_yaml_anchor){.name = text, .target = target, .open = true, .next = r->anchors};
    r->anchors = made;
    return made;
}

static hf_yaml_node *read_alias(hf_yaml_builder *r, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    const hf_yaml_anchor *found = r->anchors;
    while (found && strcmp(found->name, name) != 0)
        found = found->next;
    if (found && !found->open) {
        hf_yaml_node *copy = hf_yaml_new_node(r, found->target->kind, event->start_mark);
        if (!copy)
            return NULL;
        uint32_t line = copy->line, column = copy->column;
        *copy = *found->target;
        copy->line = line;
        copy->column = column;
        copy->next = copy->key = NULL;
        return copy;
    }
    if (found)
        HF_BUILDER_REPORT(r, event->start_mark, "the alias \"*%s\" refers to the value that contains it",
                          name);
    else
        HF_BUILDER_REPORT(r, event->start_mark,
                          "unknown alias \"*%s\", expected one with an anchor \"&%s\" before it", name, name);
    return hf_yaml_new_node(r, HF_NODE_BAD, event->start_mark);
}

static hf_yaml_node *read_scalar(hf_yaml_builder *r, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    hf_yaml_node *made = hf_yaml_new_node(r, HF_NODE_SCALAR, event->start_mark);
    if (!made)
        return NULL;
    if (event->data.scalar.tag) {
        HF_BUILDER_REPORT(r, event->start_mark,
                          "the YAML tag \"%s\" is not supported, expected a value without a tag",
                          (const char *)event->data.scalar.tag);
        made->kind = HF_NODE_BAD;
    } else if (memchr(value, '\0', length)) {
        HF_BUILDER_REPORT(r, event->start_mark, "the string contains a NUL character, expected plain text");
        made->kind = HF_NODE_BAD;
    }
    made->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    made->text = hf_pool_copy(r->pool, value, length);
    if (!made->text)
        r->stopped = true;
    add_anchor(r, event->data.scalar.anchor, made);
    if (r->anchors && r->anchors->target == made)
        r->anchors->open = false;
    return r->stopped ? NULL : made;
}

static hf_yaml_node *read_list(hf_yaml_builder *r, const yaml_event_t *event, uint32_t depth)
{
    hf_yaml_node *list = hf_yaml_new_node(r, HF_NODE_LIST, event->start_mark);
    hf_yaml_anchor *own = add_anchor(r, event->data.sequence_start.anchor, list);
    if (event->data.sequence_start.tag && list)
        HF_BUILDER_REPORT(r, event->start_mark,
                          "the YAML tag \"%s\" is not supported, expected a value without a tag",
                          (const char *)event->data.sequence_start.tag);
    bool ended = false;
    while (!r->stopped && !ended) {
        yaml_event_t inner;
        if (!next_event(r, &inner))
            break;
        ended = inner.type == YAML_SEQUENCE_END_EVENT;
        hf_yaml_node *item = ended ? NULL : read_node(r, &inner, depth);
        if (item) {
            hf_yaml_append(list, item);
            hf_yaml_weigh(r, list, item->weight, inner.start_mark);
        }
        yaml_event_delete(&inner);
    }
    if (own)
        own->open = false;
    return r->stopped ? NULL : list;
}

static hf_yaml_node *read_map(hf_yaml_builder *r, const yaml_event_t *event, uint32_t depth)
{
    hf_yaml_node *map = hf_yaml_new_node(r, HF_NODE_MAP, event->start_mark);
    hf_yaml_anchor *own = add_anchor(r, event->data.mapping_start.anchor, map);
    if (event->data.mapping_start.tag && map)
        HF_BUILDER_REPORT(r, event->start_mark,
                          "the YAML tag \"%s\" is not supported, expected a value without a tag",
                          (const char *)event->data.mapping_start.tag);
    hf_yaml_node *key = NULL;
    hf_yaml_node merged = {.kind = HF_NODE_LIST};
    bool ended = false;
    while (!r->stopped && !ended) {
        yaml_event_t inner;
        if (!next_event(r, &inner))
            break;
        ended = inner.type == YAML_MAPPING_END_EVENT;
        hf_yaml_node *child = ended ? NULL : read_node(r, &inner, depth);
        if (child)
            hf_yaml_weigh(r, map, child->weight, inner.start_mark);
        yaml_event_delete(&inner);
        if (!child)
            continue;
        if (!key) {
            key = child;
            continue;
        }
        if (key->kind == HF_NODE_SCALAR && key->plain && strcmp(key->text, "<<") == 0)
            hf_yaml_append(&merged, child);
        else
            hf_yaml_add_value(r, map, key, child);
        key = NULL;
    }
    for (const hf_yaml_node *source = merged.first; source && !r->stopped; source = source->next)
        hf_yaml_merge(r, map, source);
    if (own)
        own->open = false;
    return r->stopped ? NULL : map;
}

/* Reads the node that starts with this event; NULL once reading has stopped. */
static hf_yaml_node *read_node(hf_yaml_builder *r, yaml_event_t *event, uint32_t depth)
{
    if (event->type == YAML_SCALAR_EVENT)
        return read_scalar(r, event);
    if (event->type == YAML_ALIAS_EVENT)
        return read_alias(r, event);
    if (depth == HF_SPEC_MAX_DEPTH) {
        HF_BUILDER_REPORT(r, event->start_mark, "nested more than %d levels deep", HF_SPEC_MAX_DEPTH);
        r->stopped = true;
        return NULL;
    }
    return event->type == YAML_SEQUENCE_START_EVENT ? read_list(r, event, depth + 1)
                                                    : read_map(r, event, depth + 1);
}

/* The only document of the text; NULL, and reported, if there is none. */
static hf_yaml_node *read_document(hf_yaml_builder *r)
{
    hf_yaml_node *root = NULL;
    bool ended = false;
    uint32_t documents = 0;
    while (!r->stopped && !ended) {
        yaml_event_t event;
        if (!next_event(r, &event))
            return NULL;
        switch (event.type) {
        case YAML_STREAM_END_EVENT:
            ended = true;
            break;
        case YAML_DOCUMENT_START_EVENT:
            if (++documents == 2) {
                HF_BUILDER_REPORT(r, event.start_mark, "a second YAML document, expected one per file");
                r->stopped = true;
            }
            break;
        case YAML_SCALAR_EVENT:
        case YAML_ALIAS_EVENT:
        case YAML_SEQUENCE_START_EVENT:
        case YAML_MAPPING_START_EVENT:
            root = read_node(r, &event, 0);
            break;
        default:
            break;
        }
        yaml_event_delete(&event);
    }
    if (!r->stopped && !root)
        hf_diagnostics_add(r->source.diagnostics, r->source.file, 1, 1,
                           "the file is empty, expected a mapping");
    return r->stopped ? NULL : root;
}

hf_yaml_node *hf_yaml_parse(const char *file, const char *text, size_t text_bytes, hf_pool *pool,
                            hf_diagnostics *diagnostics)
{
    if (text_bytes > HF_SPEC_MAX_BYTES) {
        hf_diagnostics_add(diagnostics, file, 0, 0, "%zu bytes, expected at most %u", text_bytes,
                           HF_SPEC_MAX_BYTES);
        return NULL;
    }
    if (text_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
        text += 3;
        text_bytes -= 3;
    }
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        pool->failed = true;
        return NULL;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, text_bytes);
    hf_yaml_builder r = {
        .parser = &parser,
        .source = {.file = file, .text = text, .text_bytes = text_bytes, .diagnostics = diagnostics},
        .pool = pool};
    hf_yaml_node *root = read_document(&r);
    yaml_parser_delete(&parser);
    return pool->failed ? NULL : root;
}
