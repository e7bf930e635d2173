/* SPDX-License-Identifier: Apache-2.0 */
#include "flatbuffer.h"

#include <string.h>

static void record_problem(hf_flat_file *file, const char *problem, size_t at)
{
    if (file->problem)
        return;
    file->problem = problem;
    file->problem_at = at;
}

static bool inside(const hf_flat_file *file, uint64_t at, uint64_t size)
{
    return at <= file->size && size <= file->size - at;
}

/* Loads a little-endian unsigned value of 1, 2, 4 or 8 bytes at any alignment. */
static uint64_t load(hf_flat_file *file, uint64_t at, uint32_t size)
{
    if (file->problem)
        return 0;
    if (!inside(file, at, size)) {
        record_problem(file, "a value lies outside the file", at);
        return 0;
    }
    uint64_t value = 0;
    for (uint32_t i = size; i-- > 0;)
        value = value << 8 | file->bytes[at + i];
    return value;
}

/* A table starts with the signed distance back to its vtable: vtable size, table size, field offsets. */
static hf_flat_table table_from(hf_flat_file *file, uint64_t at)
{
    const hf_flat_table absent = {0};
    int64_t vtable = (int64_t)at - (int32_t)(uint32_t)load(file, at, 4);
    if (!file->problem && (vtable < 0 || !inside(file, (uint64_t)vtable, 4)))
        record_problem(file, "a table's vtable lies outside the file", at);
    if (file->problem)
        return absent;
    hf_flat_table table = {.at = (uint32_t)at, .vtable = (uint32_t)vtable};
    table.vtable_size = (uint32_t)load(file, (uint64_t)vtable, 2);
    table.size = (uint32_t)load(file, (uint64_t)vtable + 2, 2);
    if (table.vtable_size < 4 || table.vtable_size % 2 || !inside(file, table.vtable, table.vtable_size))
        record_problem(file, "a vtable has an invalid size", table.vtable);
    else if (table.size < 4 || !inside(file, at, table.size))
        record_problem(file, "a table has an invalid size", at);
    return file->problem ? absent : table;
}

/* Follows the unsigned forward offset stored at `at`. */
static uint64_t follow(hf_flat_file *file, uint64_t at)
{
    uint64_t offset = load(file, at, 4);
    if (!file->problem && offset == 0)
        record_problem(file, "an offset is zero", at);
    return at + offset;
}

/* Position of a field of `size` bytes, 0 if it is absent. */
static uint32_t field_at(hf_flat_file *file, hf_flat_table table, uint32_t field, uint32_t size)
{
    const uint32_t entry = 4 + 2 * field;
    if (table.at == 0 || file->problem || entry + 2 > table.vtable_size)
        return 0;
    uint32_t offset = (uint32_t)load(file, (uint64_t)table.vtable + entry, 2);
    if (offset == 0)
        return 0;
    if (offset < 4 || offset + size > table.size) {
        record_problem(file, "a field lies outside its table", table.at);
        return 0;
    }
    return table.at + offset;
}

hf_flat_table hf_flat_root(hf_flat_file *file)
{
    uint64_t at = follow(file, 0);
    return table_from(file, at);
}

bool hf_flat_has(hf_flat_file *file, hf_flat_table table, uint32_t field)
{
    return field_at(file, table, field, 1) != 0;
}

uint8_t hf_flat_u8(hf_flat_file *file, hf_flat_table table, uint32_t field, uint8_t default_value)
{
    uint32_t at = field_at(file, table, field, 1);
    return at ? (uint8_t)load(file, at, 1) : default_value;
}

int32_t hf_flat_i32(hf_flat_file *file, hf_flat_table table, uint32_t field, int32_t default_value)
{
    uint32_t at = field_at(file, table, field, 4);
    return at ? (int32_t)(uint32_t)load(file, at, 4) : default_value;
}

uint64_t hf_flat_u64(hf_flat_file *file, hf_flat_table table, uint32_t field, uint64_t default_value)
{
    uint32_t at = field_at(file, table, field, 8);
    return at ? load(file, at, 8) : default_value;
}

static float load_f32(hf_flat_file *file, uint64_t at)
{
    uint32_t bits = (uint32_t)load(file, at, 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float hf_flat_f32(hf_flat_file *file, hf_flat_table table, uint32_t field, float default_value)
{
    uint32_t at = field_at(file, table, field, 4);
    return at ? load_f32(file, at) : default_value;
}

hf_flat_table hf_flat_subtable(hf_flat_file *file, hf_flat_table table, uint32_t field)
{
    uint32_t at = field_at(file, table, field, 4);
    if (!at)
        return (hf_flat_table){0};
    uint64_t target = follow(file, at);
    return table_from(file, target);
}

hf_flat_vector hf_flat_subvector(hf_flat_file *file, hf_flat_table table, uint32_t field,
                                 uint32_t element_bytes)
{
    const hf_flat_vector absent = {0};
    uint32_t at = field_at(file, table, field, 4);
    if (!at)
        return absent;
    uint64_t start = follow(file, at);
    uint64_t count = load(file, start, 4);
    if (!file->problem && !inside(file, start + 4, count * element_bytes))
        record_problem(file, "a vector reaches past the end of the file", start);
    if (file->problem)
        return absent;
    return (hf_flat_vector){.at = (uint32_t)start + 4, .count = (uint32_t)count, .present = true};
}

static uint64_t element_at(hf_flat_file *file, hf_flat_vector vector, uint32_t index, uint32_t size)
{
    if (index >= vector.count)
        record_problem(file, "a vector has too few elements", vector.at);
    return (uint64_t)vector.at + (uint64_t)index * size;
}

hf_flat_table hf_flat_table_at(hf_flat_file *file, hf_flat_vector vector, uint32_t index)
{
    uint64_t target = follow(file, element_at(file, vector, index, 4));
    return table_from(file, target);
}

int32_t hf_flat_i32_at(hf_flat_file *file, hf_flat_vector vector, uint32_t index)
{
    return (int32_t)(uint32_t)load(file, element_at(file, vector, index, 4), 4);
}

int64_t hf_flat_i64_at(hf_flat_file *file, hf_flat_vector vector, uint32_t index)
{
    return (int64_t)load(file, element_at(file, vector, index, 8), 8);
}

float hf_flat_f32_at(hf_flat_file *file, hf_flat_vector vector, uint32_t index)
{
    return load_f32(file, element_at(file, vector, index, 4));
}
