/* SPDX-License-Identifier: Apache-2.0 */
#include "prepare_entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define FORMAT 3

static const char *const accuracy_kinds[] = {"top-1", "AUC"};

static void put_u32(hf_buffer *out, uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                              (uint8_t)(value >> 24)};
    hf_buffer_append(out, bytes, sizeof bytes);
}

static void put_u64(hf_buffer *out, uint64_t value)
{
    put_u32(out, (uint32_t)value);
    put_u32(out, (uint32_t)(value >> 32));
}

static void put_real(hf_buffer *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_u64(out, bits);
}

static void put_quant(hf_buffer *out, const hf_quant *quant)
{
    put_real(out, (double)quant->scale);
    put_u32(out, (uint32_t)quant->zero_point);
}

static uint32_t flags_of(const hf_prepared *p)
{
    return (p->image.bytes ? HF_PREPARE_ENTRY_IMAGE : 0U) |
           (p->layer_crc32 ? HF_PREPARE_ENTRY_EXPECTED : 0U) |
           (p->has_accuracy ? HF_PREPARE_ENTRY_ACCURACY : 0U);
}

static void put_image(hf_buffer *out, const hf_prepared *p)
{
    put_u64(out, p->image.size);
    hf_buffer_append(out, p->image.bytes, p->image.size);
    put_u32(out, p->image.crc32);
    put_u32(out, p->image.arena_bytes);
    put_u32(out, p->image.input_bytes);
    put_u32(out, p->image.output_bytes);
    hf_buffer_append(out, p->image_sha256, HF_SHA256_HEX_SIZE - 1);
    put_u32(out, p->image.op_count);
    for (uint32_t i = 0; i < p->image.op_count; i++) {
        const hf_image_op_output *op = &p->image.ops[i];
        put_u32(out, (uint32_t)op->node);
        put_u32(out, (uint32_t)op->first_channel);
        put_u32(out, (uint32_t)op->channels);
        put_u32(out, (uint32_t)op->shuffle_groups);
        put_u32(out, (uint32_t)op->rows);
    }
    put_u32(out, p->image.place_count);
    for (uint32_t i = 0; i < p->image.place_count; i++) {
        const hf_image_place *place = &p->image.places[i];
        put_u32(out, (uint32_t)place->node);
        put_u32(out, place->offset);
        put_u32(out, place->bytes);
        put_u32(out, (uint32_t)place->first_op);
        put_u32(out, (uint32_t)place->last_op);
    }
}

void hf_prepare_entry_encode(const hf_prepared *p, hf_buffer *out)
{
    const uint32_t flags = flags_of(p);
    put_u32(out, FORMAT);
    put_u32(out, flags);
    put_u32(out, p->arena_bytes);
    put_u64(out, p->image_bytes_min);
    put_u64(out, p->input_bytes);
    put_u32(out, p->input_crc32);
    put_quant(out, &p->graph->tensors[p->graph->input].quant);
    put_quant(out, &p->graph->tensors[p->graph->output].quant);
    if (flags & HF_PREPARE_ENTRY_IMAGE)
        put_image(out, p);
    if (flags & HF_PREPARE_ENTRY_EXPECTED) {
        put_u32(out, p->output_crc32);
        for (uint32_t i = 0; i < p->image.op_count; i++)
            put_u32(out, p->layer_crc32[i]);
        put_u32(out, p->further_count);
        for (uint32_t i = 0; i < p->further_count; i++) {
            put_u32(out, p->further[i].input_crc32);
            put_u32(out, p->further[i].output_crc32);
        }
    }
    if (flags & HF_PREPARE_ENTRY_ACCURACY) {
        put_real(out, p->accuracy_percent);
        put_real(out, p->accuracy_low_percent);
        put_real(out, p->accuracy_high_percent);
        put_u32(out, strcmp(p->accuracy_of, accuracy_kinds[0]) == 0 ? 0 : 1);
    }
}

/* What is left to read. Beyond its end everything is 0, and `failed` is set. */
typedef struct reader {
    const uint8_t *at, *end;
    bool failed;
} reader;

static const uint8_t *take(reader *r, uint64_t size)
{
    if (r->failed || size > (uint64_t)(r->end - r->at)) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *bytes = r->at;
    r->at += size;
    return bytes;
}

static uint32_t get_u32(reader *r)
{
    const uint8_t *b = take(r, 4);
    return b ? b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24 : 0;
}

static uint64_t get_u64(reader *r)
{
    const uint64_t low = get_u32(r);
    return low | (uint64_t)get_u32(r) << 32;
}

static double get_real(reader *r)
{
    const uint64_t bits = get_u64(r);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static hf_quant get_quant(reader *r)
{
    const double scale = get_real(r);
    const int32_t zero_point = (int32_t)get_u32(r);
    return (hf_quant){.scale = (float)scale, .zero_point = zero_point};
}

/* An array of `count` elements of which each takes `stored` bytes in the entry. */
static void *new_array(reader *r, uint64_t count, size_t stored, size_t element)
{
    if (count > (uint64_t)(r->end - r->at) / stored)
        r->failed = true;
    void *array = r->failed ? NULL : calloc((size_t)count + 1, element);
    r->failed = r->failed || !array;
    return array;
}

static bool is_valid(const hf_graph *graph, const hf_image_op_output *op)
{
    if (op->node < 0 || op->node >= graph->node_count)
        return false;
    const hf_tensor *out = &graph->tensors[graph->nodes[op->node].output];
    return op->rows >= 0 && op->rows <= out->height && op->shuffle_groups >= 1 && op->first_channel >= 0 &&
           op->channels >= 0 && op->channels <= out->channels - op->first_channel;
}

static void get_places(reader *r, hf_image *image)
{
    const uint32_t count = get_u32(r);
    image->places = new_array(r, count, 20, sizeof *image->places);
    for (uint32_t i = 0; i < count && !r->failed; i++) {
        hf_image_place *place = &image->places[i];
        place->node = (int32_t)get_u32(r);
        place->offset = get_u32(r);
        place->bytes = get_u32(r);
        place->first_op = (int32_t)get_u32(r);
        place->last_op = (int32_t)get_u32(r);
        r->failed = place->first_op < 0 || place->last_op < place->first_op ||
                    (uint32_t)place->last_op >= image->op_count;
    }
    image->place_count = r->failed ? 0 : count;
}

static void get_image(reader *r, hf_prepared *p)
{
    hf_image *image = &p->image;
    const uint64_t size = get_u64(r);
    const uint8_t *bytes = take(r, size);
    image->bytes = bytes && size ? malloc((size_t)size) : NULL;
    if (image->bytes)
        memcpy(image->bytes, bytes, (size_t)size);
    r->failed = r->failed || !image->bytes;
    image->size = (size_t)size;
    image->crc32 = get_u32(r);
    image->arena_bytes = get_u32(r);
    image->input_bytes = get_u32(r);
    image->output_bytes = get_u32(r);
    const uint8_t *digits = take(r, HF_SHA256_HEX_SIZE - 1);
    if (digits)
        memcpy(p->image_sha256, digits, HF_SHA256_HEX_SIZE - 1);
    const uint32_t count = get_u32(r);
    image->ops = new_array(r, count, 20, sizeof *image->ops);
    for (uint32_t i = 0; i < count && !r->failed; i++) {
        hf_image_op_output *op = &image->ops[i];
        op->node = (int32_t)get_u32(r);
        op->first_channel = (int32_t)get_u32(r);
        op->channels = (int32_t)get_u32(r);
        op->shuffle_groups = (int32_t)get_u32(r);
        op->rows = (int32_t)get_u32(r);
        r->failed = r->failed || !is_valid(p->graph, op);
    }
    image->op_count = r->failed ? 0 : count;
    get_places(r, image);
}

static void get_expected(reader *r, hf_prepared *p)
{
    p->output_crc32 = get_u32(r);
    p->layer_crc32 = new_array(r, p->image.op_count, 4, sizeof *p->layer_crc32);
    for (uint32_t i = 0; i < p->image.op_count && !r->failed; i++)
        p->layer_crc32[i] = get_u32(r);
    const uint32_t count = get_u32(r);
    p->further = new_array(r, count, 8, sizeof *p->further);
    for (uint32_t i = 0; i < count && !r->failed; i++) {
        p->further[i].input_crc32 = get_u32(r);
        p->further[i].output_crc32 = get_u32(r);
    }
    p->further_count = r->failed ? 0 : count;
}

static void get_accuracy(reader *r, hf_prepared *p)
{
    p->accuracy_percent = get_real(r);
    p->accuracy_low_percent = get_real(r);
    p->accuracy_high_percent = get_real(r);
    const uint32_t kind = get_u32(r);
    if (kind >= sizeof accuracy_kinds / sizeof *accuracy_kinds)
        r->failed = true;
    else
        p->accuracy_of = accuracy_kinds[kind];
    p->has_accuracy = true;
}

bool hf_prepare_entry_decode(const uint8_t *bytes, size_t size, hf_prepared *out)
{
    reader r = {.at = bytes, .end = bytes + size};
    hf_prepared p = *out;
    r.failed = get_u32(&r) != FORMAT;
    const uint32_t flags = get_u32(&r);
    p.arena_bytes = get_u32(&r);
    p.image_bytes_min = get_u64(&r);
    p.input_bytes = (size_t)get_u64(&r);
    p.input_crc32 = get_u32(&r);
    const hf_quant input = get_quant(&r), output = get_quant(&r);
    if (flags & HF_PREPARE_ENTRY_IMAGE)
        get_image(&r, &p);
    if (flags & HF_PREPARE_ENTRY_EXPECTED)
        get_expected(&r, &p);
    if (flags & HF_PREPARE_ENTRY_ACCURACY)
        get_accuracy(&r, &p);
    if (r.failed || r.at != r.end || ((flags & HF_PREPARE_ENTRY_EXPECTED) && !p.image.bytes)) {
        hf_image_free(&p.image);
        free(p.layer_crc32);
        free(p.further);
        return false;
    }
    p.graph->tensors[p.graph->input].quant = input;
    p.graph->tensors[p.graph->output].quant = output;
    *out = p;
    return true;
}
