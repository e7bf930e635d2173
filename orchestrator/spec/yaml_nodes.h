/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_YAML_NODES_H
#define HF_SPEC_YAML_NODES_H

#include "spec/yaml_tree.h"
#include "yaml_errors.h"

/**
 * @file yaml_nodes.h
 * The nodes of a YAML tree under construction: yaml_tree.c reads libyaml's events, yaml_nodes.c makes nodes
 * of them.
 */

typedef struct hf_yaml_anchor {
    const char *name;
    hf_yaml_node *target;
    bool open; /* its content is still being read: an alias to it would be recursive */
    struct hf_yaml_anchor *next;
} hf_yaml_anchor;

typedef struct hf_yaml_builder {
    yaml_parser_t *parser;
    hf_yaml_source source;
    hf_pool *pool;
    uint32_t anchor_count;
    hf_yaml_anchor *anchors; /* latest first: a later anchor shadows an earlier one of the same name */
    bool stopped;            /* reported, or out of memory: reading cannot continue */
} hf_yaml_builder;

#define HF_BUILDER_REPORT(r, mark, ...) HF_YAML_REPORT(&(r)->source, mark, __VA_ARGS__)

/** A node without content. @return NULL, with r->stopped set, when out of memory */
hf_yaml_node *hf_yaml_new_node(hf_yaml_builder *r, hf_node_kind kind, yaml_mark_t mark);
/** Appends an item or a value. */
void hf_yaml_append(hf_yaml_node *parent, hf_yaml_node *child);
/** Adds a child's weight; stops reading if the limit is exceeded. */
void hf_yaml_weigh(hf_yaml_builder *r, hf_yaml_node *parent, uint32_t weight, yaml_mark_t mark);
/** Attaches a value to its mapping unless the key is invalid or a duplicate. */
void hf_yaml_add_value(hf_yaml_builder *r, hf_yaml_node *map, hf_yaml_node *key, hf_yaml_node *value);
/** "<<: *common": adds the keys of the other mapping, or of a list of them, that this one lacks. */
void hf_yaml_merge(hf_yaml_builder *r, hf_yaml_node *map, const hf_yaml_node *source);

#endif
