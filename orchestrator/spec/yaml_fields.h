/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_YAML_FIELDS_H
#define HF_SPEC_YAML_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/diagnostics.h"
#include "spec/memory_pool.h"
#include "spec/yaml_tree.h"

/**
 * @file yaml_fields.h
 * Reads a YAML tree into structures by tables of fields: each key is described once, with its type, range and
 * target. A reader reports a mistake and continues; it writes its target only if the value is valid.
 */

typedef struct hf_reader {
    const char *file;
    hf_pool *pool; /**< owns the strings of the result */
    hf_diagnostics *diagnostics;
    void *user; /**< private to the format being read */
} hf_reader;

typedef struct hf_field hf_field;
typedef void hf_field_read(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at);

struct hf_field {
    const char *name;
    hf_field_read *read;
    size_t offset;        /**< of the target in the structure */
    uint64_t min, max;    /**< inclusive; of the value, or of the length of a string */
    const hf_field *also; /**< for a section: its fields, with offsets from the section's target */
    uint32_t also_count;
    bool required;
    const char *
        synonyms; /**< what the key is called elsewhere, for suggestions: words with spaces between, or NULL */
};

#define HF_READER_ERROR(r, node, ...)                                                                        \
    hf_diagnostics_add((r)->diagnostics, (r)->file, (node)->line, (node)->column, __VA_ARGS__)

/** A node in a message: its text in quotes, or its kind. */
#define HF_SHOWN_SIZE 96
typedef struct hf_shown {
    char text[HF_SHOWN_SIZE];
} hf_shown;
hf_shown hf_show(const hf_yaml_node *node);
#define HF_SHOW(node) (hf_show(node).text)

/** Whether the text consists of letters, digits, '_', '-' and '.', and starts with a letter or digit. */
bool hf_is_name(const char *text);

/**
 * Reads a mapping. Reports unknown keys, with a suggestion, and missing required keys.
 * @param what names the mapping in messages: "measure"
 */
void hf_read_fields(hf_reader *r, const char *what, const hf_yaml_node *map, const hf_field *fields,
                    uint32_t field_count, void *base);
/** The value of a key, or NULL. */
const hf_yaml_node *hf_map_get(const hf_yaml_node *map, const char *key);
/** Whether a field's key is missing, and no unknown key looks like a misspelling of it. */
bool hf_is_missing(const hf_yaml_node *map, const char *name, const hf_field *fields, uint32_t field_count);
/** Reports an unknown key, with the nearest known one or a list of all. */
void hf_unknown_key(hf_reader *r, const char *what, const hf_yaml_node *key, const hf_field *fields,
                    uint32_t field_count);
/** Whether the value is a scalar; if not, reports "<name>: <kind>, expected <expected>" (nothing for a bad
 * node). */
bool hf_is_scalar(hf_reader *r, const char *name, const hf_yaml_node *value, const char *expected);

/* Field types; target types in parentheses. */
hf_field_read hf_read_u32;         /* (uint32_t) a whole number, min .. max */
hf_field_read hf_read_real;        /* (double) a number, min / 10^6 .. max / 10^6 */
hf_field_read hf_read_bool;        /* (bool) true, false */
hf_field_read hf_read_text;        /* (const char *) min .. max bytes */
hf_field_read hf_read_bytes;       /* (uint64_t) 250 KB */
hf_field_read hf_read_count;       /* (uint64_t) 60 M */
hf_field_read hf_read_duration_32; /* (uint32_t, ms) 30 s */
hf_field_read hf_read_duration_64; /* (uint64_t, ms) 2 h */
hf_field_read hf_read_section;     /* nested fields */

/**
 * Reads one of some words.
 * @param expected "a, b or c"
 * @param number set to the index of the word
 * @return false if it is none of them, which is reported
 */
bool hf_read_word(hf_reader *r, const hf_field *field, const hf_yaml_node *value, const char *const *words,
                  int count, const char *expected, int *number);

/** Parses an unsigned decimal number. @return false if the text is not one, or above about 2^63 */
bool hf_parse_u64(const char *text, uint64_t *out);
/** Parses a finite decimal number. @return false if the text is not one */
bool hf_parse_number(const char *text, double *out);

#endif
