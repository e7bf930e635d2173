/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "spec/spec.h"
#include "yaml_errors.h"

#define MAX_ANCHORS 1000 /* each alias searches all of them */

typedef hf_yaml_node node;

typedef struct anchor {
    const char *name;
    node *target;
    bool open; /* its content is still being read: an alias to it would be recursive */
    struct anchor *next;
} anchor;

typedef struct tree_reader {
    yaml_parser_t *parser;
    hf_yaml_source source;
    hf_pool *pool;
    uint32_t anchor_count;
    anchor *anchors; /* latest first: a later anchor shadows an earlier one of the same name */
    bool stopped;    /* reported, or out of memory: reading cannot continue */
} tree_reader;

static node *read_node(tree_reader *r, yaml_event_t *event, uint32_t depth);

const char *hf_node_kind_name(hf_node_kind kind)
{
    return kind == HF_NODE_LIST ? "a list" : kind == HF_NODE_MAP ? "a mapping" : "a single value";
}

#define REPORT(r, mark, ...) HF_YAML_REPORT(&(r)->source, mark, __VA_ARGS__)

static bool next_event(tree_reader *r, yaml_event_t *event)
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

static node *new_node(tree_reader *r, hf_node_kind kind, yaml_mark_t mark)
{
    node *made = hf_pool_alloc(r->pool, sizeof *made);
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

static void append(node *parent, node *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
}

/* Adds a child's weight; stops reading if the limit is exceeded. */
static void weigh(tree_reader *r, node *parent, uint32_t weight, yaml_mark_t mark)
{
    parent->weight += weight; /* both are at most HF_SPEC_MAX_NODES */
    if (parent->weight <= HF_SPEC_MAX_NODES || r->stopped)
        return;
    REPORT(r, mark, "more than %d values when every alias is expanded, expected fewer", HF_SPEC_MAX_NODES);
    r->stopped = true;
}

static anchor *add_anchor(tree_reader *r, const yaml_char_t *name, node *target)
{
    if (!name || !target)
        return NULL;
    if (++r->anchor_count > MAX_ANCHORS) {
        hf_diagnostics_add(r->source.diagnostics, r->source.file, target->line, target->column,
                           "more than %d anchors", MAX_ANCHORS);
        r->stopped = true;
        return NULL;
    }
    anchor *made = hf_pool_alloc(r->pool, sizeof *made);
    const char *text = hf_pool_copy(r->pool, (const char *)name, strlen((const char *)name));
    if (!made || !text) {
        r->stopped = true;
        return NULL;
    }
    *made = (anchor){.name = text, .target = target, .open = true, .next = r->anchors};
    r->anchors = made;
    return made;
}

static node *read_alias(tree_reader *r, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    const anchor *found = r->anchors;
    while (found && strcmp(found->name, name) != 0)
        found = found->next;
    if (found && !found->open) {
        node *copy = new_node(r, found->target->kind, event->start_mark);
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
        REPORT(r, event->start_mark, "the alias \"*%s\" refers to the value that contains it", name);
    else
        REPORT(r, event->start_mark, "unknown alias \"*%s\", expected one with an anchor \"&%s\" before it",
               name, name);
    return new_node(r, HF_NODE_BAD, event->start_mark);
}

static node *read_scalar(tree_reader *r, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    node *made = new_node(r, HF_NODE_SCALAR, event->start_mark);
    if (!made)
        return NULL;
    if (event->data.scalar.tag) {
        REPORT(r, event->start_mark, "the YAML tag \"%s\" is not supported, expected a value without a tag",
               (const char *)event->data.scalar.tag);
        made->kind = HF_NODE_BAD;
    } else if (memchr(value, '\0', length)) {
        REPORT(r, event->start_mark, "the string contains a NUL character, expected plain text");
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

static node *read_list(tree_reader *r, const yaml_event_t *event, uint32_t depth)
{
    node *list = new_node(r, HF_NODE_LIST, event->start_mark);
    anchor *own = add_anchor(r, event->data.sequence_start.anchor, list);
    if (event->data.sequence_start.tag && list)
        REPORT(r, event->start_mark, "the YAML tag \"%s\" is not supported, expected a value without a tag",
               (const char *)event->data.sequence_start.tag);
    bool ended = false;
    while (!r->stopped && !ended) {
        yaml_event_t inner;
        if (!next_event(r, &inner))
            break;
        ended = inner.type == YAML_SEQUENCE_END_EVENT;
        node *item = ended ? NULL : read_node(r, &inner, depth);
        if (item) {
            append(list, item);
            weigh(r, list, item->weight, inner.start_mark);
        }
        yaml_event_delete(&inner);
    }
    if (own)
        own->open = false;
    return r->stopped ? NULL : list;
}

static node *find(const node *map, const char *key)
{
    for (node *value = map->first; value; value = value->next)
        if (value->key->kind == HF_NODE_SCALAR && strcmp(value->key->text, key) == 0)
            return value;
    return NULL;
}

/* "<<: *common": adds the keys of the other mapping that this one lacks. */
static void merge(tree_reader *r, node *map, const node *source)
{
    if (source->kind == HF_NODE_LIST) {
        for (const node *item = source->first; item && !r->stopped; item = item->next) {
            if (item->kind == HF_NODE_MAP)
                merge(r, map, item);
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
    for (const node *value = source->first; value && !r->stopped; value = value->next) {
        if (value->key->kind != HF_NODE_SCALAR || find(map, value->key->text) ||
            map->count >= HF_NODE_MAX_KEYS)
            continue;
        yaml_mark_t mark = {.line = value->line - 1, .column = value->column - 1};
        node *copy = new_node(r, value->kind, mark);
        if (!copy)
            return;
        *copy = *value;
        copy->next = NULL;
        append(map, copy);
        weigh(r, map, value->weight + 1, mark);
    }
}

/* Attaches a value to its mapping unless the key is invalid or a duplicate. */
static void add_value(tree_reader *r, node *map, node *key, node *value)
{
    if (key->kind == HF_NODE_BAD)
        return;
    if (key->kind != HF_NODE_SCALAR) {
        hf_diagnostics_add(r->source.diagnostics, r->source.file, key->line, key->column,
                           "%s as a key, expected a word", hf_node_kind_name(key->kind));
        return;
    }
    const node *before = find(map, key->text);
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
    append(map, value);
}

static node *read_map(tree_reader *r, const yaml_event_t *event, uint32_t depth)
{
    node *map = new_node(r, HF_NODE_MAP, event->start_mark);
    anchor *own = add_anchor(r, event->data.mapping_start.anchor, map);
    if (event->data.mapping_start.tag && map)
        REPORT(r, event->start_mark, "the YAML tag \"%s\" is not supported, expected a value without a tag",
               (const char *)event->data.mapping_start.tag);
    node *key = NULL;
    node merged = {.kind = HF_NODE_LIST};
    bool ended = false;
    while (!r->stopped && !ended) {
        yaml_event_t inner;
        if (!next_event(r, &inner))
            break;
        ended = inner.type == YAML_MAPPING_END_EVENT;
        node *child = ended ? NULL : read_node(r, &inner, depth);
        if (child)
            weigh(r, map, child->weight, inner.start_mark);
        yaml_event_delete(&inner);
        if (!child)
            continue;
        if (!key) {
            key = child;
            continue;
        }
        if (key->kind == HF_NODE_SCALAR && key->plain && strcmp(key->text, "<<") == 0)
            append(&merged, child);
        else
            add_value(r, map, key, child);
        key = NULL;
    }
    for (const node *source = merged.first; source && !r->stopped; source = source->next)
        merge(r, map, source);
    if (own)
        own->open = false;
    return r->stopped ? NULL : map;
}

/* Reads the node that starts with this event; NULL once reading has stopped. */
static node *read_node(tree_reader *r, yaml_event_t *event, uint32_t depth)
{
    if (event->type == YAML_SCALAR_EVENT)
        return read_scalar(r, event);
    if (event->type == YAML_ALIAS_EVENT)
        return read_alias(r, event);
    if (depth == HF_SPEC_MAX_DEPTH) {
        REPORT(r, event->start_mark, "nested more than %d levels deep", HF_SPEC_MAX_DEPTH);
        r->stopped = true;
        return NULL;
    }
    return event->type == YAML_SEQUENCE_START_EVENT ? read_list(r, event, depth + 1)
                                                    : read_map(r, event, depth + 1);
}

/* The only document of the text; NULL, and reported, if there is none. */
static node *read_document(tree_reader *r)
{
    node *root = NULL;
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
                REPORT(r, event.start_mark, "a second YAML document, expected one per file");
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
    tree_reader r = {
        .parser = &parser,
        .source = {.file = file, .text = text, .text_bytes = text_bytes, .diagnostics = diagnostics},
        .pool = pool};
    hf_yaml_node *root = read_document(&r);
    yaml_parser_delete(&parser);
    return pool->failed ? NULL : root;
}
