/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_API_FIELDS_H
#define HF_API_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "api/api.h"
#include "words.h"

/**
 * @file fields.h
 * How a structure is described: one row per member, from which it is written, read and freed.
 */

typedef enum hf_api_kind {
    HF_API_TEXT,    /**< char * */
    HF_API_BOOL,    /**< bool */
    HF_API_INT32,   /**< int32_t */
    HF_API_INT64,   /**< int64_t */
    HF_API_UINT32,  /**< uint32_t */
    HF_API_UINT64,  /**< uint64_t; UINT64_MAX is null if the member may be unknown */
    HF_API_REAL,    /**< double, finite */
    HF_API_WORD,    /**< an enum, by its name */
    HF_API_OBJECT,  /**< a structure within the structure */
    HF_API_OBJECTS, /**< pointer to structures, with a count */
    HF_API_TEXTS,   /**< char **, with a count */
} hf_api_kind;

typedef struct hf_api_field {
    const char *key;
    size_t offset;
    hf_api_kind kind;
    bool may_be_unknown;       /**< null, or missing: NULL for a text, UINT64_MAX for HF_API_UINT64 */
    bool may_be_missing;       /**< then it keeps the type's default */
    int64_t min, max;          /**< of an integer; both 0 = what its C type holds */
    size_t limit;              /**< bytes of a text (0 = HF_API_MAX_TEXT_BYTES), or elements of an array */
    size_t count_offset;       /**< of an array */
    size_t count_bytes;        /**< size of the count: 4 or 8 */
    const hf_api_type *type;   /**< of an object, or of the elements */
    const hf_api_words *words; /**< of an enum */
} hf_api_field;

struct hf_api_type {
    size_t size_bytes;
    const hf_api_field *fields;
    size_t field_count;
    const void *defaults; /**< a structure with no texts or arrays; NULL = all zero */
};

#define HF_API_TYPE(structure, rows)                                                                         \
    {                                                                                                        \
        .size_bytes = sizeof(structure), .fields = (rows), .field_count = sizeof(rows) / sizeof(rows)[0]     \
    }

/* A row without braces: further members may follow it. */
#define HF_API_ROW(structure, member, kind_)                                                                 \
    .key = #member, .kind = (kind_), .offset = offsetof(structure, member)
#define HF_API_ROW_WORD(structure, member, table)                                                            \
    HF_API_ROW(structure, member, HF_API_WORD), .words = &(table)
#define HF_API_ROW_ARRAY(structure, member, kind_, count, most)                                              \
    HF_API_ROW(structure, member, kind_), .count_offset = offsetof(structure, count),                        \
                                          .count_bytes = sizeof(((structure *)0)->count), .limit = (most)

/* ---- Access to members ---- */

void *hf_api_pointer(const hf_api_field *field, const void *object);
size_t hf_api_count(const hf_api_field *field, const void *object);

#endif
