/* SPDX-License-Identifier: Apache-2.0 */
#include "flatbuffer_write.h"

#include <string.h>

/* The format is little-endian on every host. */
static void encode(uint8_t *to, uint64_t value, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static void append(hf_flat_writer *writer, uint64_t value, uint32_t size)
{
    uint8_t bytes[8];
    encode(bytes, value, size);
    hf_buffer_append(&writer->bytes, bytes, size);
}

/* After a failed append, positions are invalid. */
static void patch(hf_flat_writer *writer, size_t at, uint64_t value, uint32_t size)
{
    if (!writer->bytes.failed && at + size <= writer->bytes.size)
        encode((uint8_t *)writer->bytes.data + at, value, size);
}

/* Appends zero bytes until size + ahead is a multiple of the alignment. */
static void align(hf_flat_writer *writer, uint32_t alignment, uint32_t ahead)
{
    while (!writer->bytes.failed && (writer->bytes.size + ahead) % alignment != 0)
        hf_buffer_putc(&writer->bytes, '\0');
}

void hf_flat_begin(hf_flat_writer *writer, const char *identifier)
{
    append(writer, 0, 4);
    hf_buffer_append(&writer->bytes, identifier, 4);
}

void hf_flat_link_root(hf_flat_writer *writer, size_t table)
{
    patch(writer, 0, table, 4);
}

/* Offset of a field from the start of its table, which begins with the offset of the vtable. Fields of four
 * bytes come first, so that all are aligned. */
static uint32_t field_offset(const char *layout, uint32_t fields, uint32_t field)
{
    uint32_t offset = 4;
    for (uint32_t f = 0; f < fields; f++)
        if (layout[f] == '4' && (layout[field] == '1' || f < field))
            offset += 4;
        else if (layout[f] == '1' && layout[field] == '1' && f < field)
            offset += 1;
    return offset;
}

size_t hf_flat_put_table(hf_flat_writer *writer, const char *layout)
{
    const uint32_t fields = (uint32_t)strlen(layout);
    uint32_t size = 4;
    for (uint32_t f = 0; f < fields; f++)
        size += layout[f] == '4' ? 4 : layout[f] == '1';
    const uint32_t vtable_size = 4 + 2 * fields;
    align(writer, 4, vtable_size); /* the vtable is directly before its table */
    append(writer, vtable_size, 2);
    append(writer, size, 2);
    for (uint32_t f = 0; f < fields; f++)
        append(writer, layout[f] == '-' ? 0 : field_offset(layout, fields, f), 2);
    const size_t at = writer->bytes.size;
    append(writer, vtable_size, 4);
    for (uint32_t i = 4; i < size; i++)
        append(writer, 0, 1);
    return at;
}

/* Position of a field, read from the vtable. */
static size_t field_at(const hf_flat_writer *writer, size_t table, uint32_t field)
{
    if (writer->bytes.failed || table + 4 > writer->bytes.size)
        return 0;
    const uint8_t *bytes = (const uint8_t *)writer->bytes.data;
    const size_t vtable = table - (bytes[table] | (size_t)bytes[table + 1] << 8);
    const size_t entry = vtable + 4 + 2 * (size_t)field;
    return table + (bytes[entry] | (size_t)bytes[entry + 1] << 8);
}

void hf_flat_set_u8(hf_flat_writer *writer, size_t table, uint32_t field, uint8_t value)
{
    patch(writer, field_at(writer, table, field), value, 1);
}

void hf_flat_set_i32(hf_flat_writer *writer, size_t table, uint32_t field, int32_t value)
{
    patch(writer, field_at(writer, table, field), (uint32_t)value, 4);
}

static uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

void hf_flat_set_f32(hf_flat_writer *writer, size_t table, uint32_t field, float value)
{
    patch(writer, field_at(writer, table, field), float_bits(value), 4);
}

void hf_flat_link(hf_flat_writer *writer, size_t table, uint32_t field, size_t object)
{
    size_t at = field_at(writer, table, field);
    patch(writer, at, object - at, 4);
}

/* Appends the count, so that the elements that follow are aligned. */
static size_t put_count(hf_flat_writer *writer, uint32_t count, uint32_t alignment)
{
    align(writer, alignment, 4);
    const size_t at = writer->bytes.size;
    append(writer, count, 4);
    return at;
}

size_t hf_flat_put_vector(hf_flat_writer *writer, uint32_t count)
{
    const size_t at = put_count(writer, count, 4);
    for (uint32_t i = 0; i < count; i++)
        append(writer, 0, 4);
    return at;
}

void hf_flat_link_element(hf_flat_writer *writer, size_t vector, uint32_t index, size_t object)
{
    const size_t at = vector + 4 + 4 * (size_t)index;
    patch(writer, at, object - at, 4);
}

size_t hf_flat_put_ints(hf_flat_writer *writer, const int32_t *values, uint32_t count)
{
    const size_t at = put_count(writer, count, 4);
    for (uint32_t i = 0; i < count; i++)
        append(writer, (uint32_t)values[i], 4);
    return at;
}

size_t hf_flat_put_floats(hf_flat_writer *writer, const float *values, uint32_t count)
{
    const size_t at = put_count(writer, count, 4);
    for (uint32_t i = 0; i < count; i++)
        append(writer, float_bits(values[i]), 4);
    return at;
}

void hf_flat_set_float_element(hf_flat_writer *writer, size_t vector, uint32_t index, float value)
{
    patch(writer, vector + 4 + 4 * (size_t)index, float_bits(value), 4);
}

size_t hf_flat_put_longs(hf_flat_writer *writer, int64_t value, uint32_t count)
{
    const size_t at = put_count(writer, count, 8);
    for (uint32_t i = 0; i < count; i++)
        append(writer, (uint64_t)value, 8);
    return at;
}

size_t hf_flat_put_bytes(hf_flat_writer *writer, const void *bytes, uint32_t count, uint32_t alignment)
{
    const size_t at = put_count(writer, count, alignment);
    hf_buffer_append(&writer->bytes, bytes, count);
    return at;
}

size_t hf_flat_put_int_bytes(hf_flat_writer *writer, const int32_t *values, uint32_t count,
                             uint32_t alignment)
{
    const size_t at = put_count(writer, 4 * count, alignment);
    for (uint32_t i = 0; i < count; i++)
        append(writer, (uint32_t)values[i], 4);
    return at;
}

size_t hf_flat_put_string(hf_flat_writer *writer, const char *text)
{
    const size_t at = hf_flat_put_bytes(writer, text, (uint32_t)strlen(text), 4);
    append(writer, 0, 1); /* the terminating zero is not counted */
    return at;
}
