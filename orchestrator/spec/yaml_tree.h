/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_YAML_TREE_H
#define HF_SPEC_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memory_pool.h"
#include "spec/diagnostics.h"

/**
 * @file yaml_tree.h
 * YAML text as a tree with positions. What can be judged without knowing the format is judged here: syntax,
 * duplicate keys, anchors, and the limits that keep hostile input cheap. Aliases share what they refer to, so
 * the tree is never larger than the text; the limit on nodes counts what following every alias would visit.
 */

typedef enum hf_node_kind {
    HF_NODE_SCALAR,
    HF_NODE_LIST,
    HF_NODE_MAP,
    HF_NODE_BAD, /**< already reported: readers pass over it in silence */
} hf_node_kind;

/* Keys in one mapping; the check for duplicates compares each with each. */
#define HF_NODE_MAX_KEYS 256

typedef struct hf_yaml_node {
    hf_node_kind kind;
    uint32_t line, column;      /**< from 1; of an alias: where the alias stands */
    bool plain;                 /**< scalar without quotes, so that it may be a number */
    const char *text;           /**< scalar, NUL-terminated; "" otherwise */
    struct hf_yaml_node *key;   /**< of a value in a map */
    struct hf_yaml_node *first; /**< items of a list, values of a map */
    struct hf_yaml_node *last;
    struct hf_yaml_node *next; /**< in the parent */
    uint32_t count;            /**< of items or values */
    uint32_t weight;           /**< nodes in this subtree with every alias followed */
} hf_yaml_node;

/**
 * @param file name of the text in messages
 * @param pool owns the tree; pool->failed when memory ran out
 * @return the root, or NULL when there is no tree to go on with (reported, or out of memory)
 */
hf_yaml_node *hf_yaml_parse(const char *file, const char *text, size_t text_bytes, hf_pool *pool,
                            hf_diagnostics *diagnostics);

/** "a list", "a mapping", "a value": for messages. */
const char *hf_node_kind_name(hf_node_kind kind);

#endif
