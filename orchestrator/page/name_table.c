/* SPDX-License-Identifier: Apache-2.0 */
#include "name_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report/json_text.h"

/* FNV-1a (Fowler, Noll, Vo), 32 bits. */
static uint32_t hash(const char *name)
{
    uint32_t value = 2166136261U;
    for (; *name; name++)
        value = (value ^ (uint8_t)*name) * 16777619U;
    return value;
}

/* The slot of a name, or the free one where it belongs. */
static uint32_t slot_of(const hf_name_table *table, const char *name)
{
    uint32_t slot = hash(name) & (table->slot_count - 1);
    while (table->slots[slot] && strcmp(table->names[table->slots[slot] - 1], name) != 0)
        slot = (slot + 1) & (table->slot_count - 1);
    return slot;
}

/* Makes room, so that at most half of the slots are taken. */
static bool grow(hf_name_table *table)
{
    const uint32_t slot_count = table->slot_count ? 2 * table->slot_count : 64;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    char **names = reallocarray(table->names, slot_count / 2, sizeof *names);
    if (names)
        table->names = names;
    if (!slots || !names) {
        free(slots);
        return false;
    }
    free(table->slots);
    table->slots = slots;
    table->slot_count = slot_count;
    for (uint32_t i = 0; i < table->count; i++)
        table->slots[slot_of(table, table->names[i])] = i + 1;
    return true;
}

uint32_t hf_name_number(hf_name_table *table, const char *name, hf_buffer *out)
{
    if (2 * table->count >= table->slot_count && !grow(table)) {
        out->failed = true;
        return 0;
    }
    const uint32_t slot = slot_of(table, name);
    if (!table->slots[slot]) {
        char *copy = strdup(name);
        if (!copy) {
            out->failed = true;
            return 0;
        }
        table->names[table->count] = copy;
        table->slots[slot] = ++table->count;
    }
    return table->slots[slot] - 1;
}

void hf_name_table_json(const hf_name_table *table, hf_buffer *out)
{
    hf_buffer_putc(out, '[');
    for (uint32_t i = 0; i < table->count; i++) {
        hf_buffer_puts(out, i ? "," : "");
        hf_json_text(out, table->names[i]);
    }
    hf_buffer_putc(out, ']');
}

void hf_name_table_free(hf_name_table *table)
{
    for (uint32_t i = 0; i < table->count; i++)
        free(table->names[i]);
    free(table->names);
    free(table->slots);
    *table = (hf_name_table){0};
}
