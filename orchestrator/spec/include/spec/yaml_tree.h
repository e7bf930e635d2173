/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_YAML_TREE_H
#define HF_SPEC_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/diagnostics.h"
#include "spec/memory_pool.h"

/**
 * @file yaml_tree.h
 * YAML text as a tree with positions. Checks everything that does not depend on the format: syntax, duplicate
 * keys, anchors, and the limits that keep hostile input cheap. Aliases share their target, so the tree is
 * never larger than the text; the limit on nodes counts the nodes that a walk through every alias would
 * visit.
 */

typedef enum hf_node_kind {
    HF_NODE_SCALAR,
    HF_NODE_LIST,
    HF_NODE_MAP,
    HF_NODE_BAD, /**< already reported: readers skip it silently */
} hf_node_kind;

/* Keys in one mapping; the check for duplicates is quadratic. */
#define HF_NODE_MAX_KEYS 256

typedef struct hf_yaml_node {
    hf_node_kind kind;
    uint32_t line, column;      /**< from 1; for an alias, the position of the alias */
    bool plain;                 /**< unquoted scalar, which may be a number */
    const char *text;           /**< scalar, NUL-terminated; "" otherwise */
    struct hf_yaml_node *key;   /**< of a value in a map */
    struct hf_yaml_node *first; /**< items of a list, values of a map */
    struct hf_yaml_node *last;
    struct hf_yaml_node *next; /**< in the parent */
    uint32_t count;            /**< of items or values */
    uint32_t weight;           /**< nodes in this subtree with every alias expanded */
} hf_yaml_node;

/**
 * @param file the name of the text in messages
 * @param pool owns the tree; sets pool->failed when out of memory
 * @return the root, or NULL if there is no usable tree (reported, or out of memory)
 */
hf_yaml_node *hf_yaml_parse(const char *file, const char *text, size_t text_bytes, hf_pool *pool,
                            hf_diagnostics *diagnostics);

/** "a list", "a mapping" or "a single value", for messages. */
const char *hf_node_kind_name(hf_node_kind kind);

#endif
