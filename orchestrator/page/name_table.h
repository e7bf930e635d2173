/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PAGE_NAME_TABLE_H
#define HF_PAGE_NAME_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/**
 * @file name_table.h
 * Numbers for names that repeat, in order of first appearance.
 */
typedef struct hf_name_table {
    char **names;    /**< owned, with the names */
    uint32_t *slots; /**< owned; open addressing, number + 1; 0 = free */
    uint32_t count, slot_count;
} hf_name_table;

/** The name's number; a new name gets the next one. @param out marked as failed when out of memory */
uint32_t hf_name_number(hf_name_table *table, const char *name, hf_buffer *out);
/** Appends the names as an array of JSON texts. */
void hf_name_table_json(const hf_name_table *table, hf_buffer *out);
/** Forgets the names. */
void hf_name_table_free(hf_name_table *table);

#endif
