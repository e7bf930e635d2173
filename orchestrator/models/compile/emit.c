/* SPDX-License-Identifier: Apache-2.0 */
#include "emit.h"

#include <stdlib.h>
#include <string.h>

#include "checksum/crc.h"
#include "engine/engine.h"
#include "engine/layout.h"
#include "pack.h"

/* No microcontroller has more flash than this, and 32-bit offsets stay far from their limit. */
#define IMAGE_MAX_BYTES (256U << 20)

static uint32_t offset_of(const hf_plan *plan, hf_place place)
{
    return (uint32_t)(plan->buffers[place.tensor].offset + place.first_byte);
}

/* Fills in arena offsets. @param max_bytes receives the image's size if no two operators have equal data */
static hf_status assign_offsets(hf_lowered *l, const hf_plan *plan, uint64_t *max_bytes, hf_error *err)
{
    uint64_t at = sizeof(hf_image_header) + (uint64_t)l->op_count * sizeof(hf_op_record);
    int32_t step = 0; /* first operator of the current step */
    for (int32_t i = 0; i < l->op_count; i++) {
        hf_lowered_op *op = &l->ops[i];
        const bool pair = hf_record_has(&op->record, HF_TRAIT_PAIR);
        op->record.input_offset = offset_of(plan, op->inputs[0]);
        op->record.output_offset = offset_of(plan, op->output);
        op->record.extra_offset =
            pair ? offset_of(plan, op->inputs[1]) : offset_of(plan, (hf_place){plan->tensor_count + step, 0});
        if (op->record.ring_rows == 0)
            step = i + 1;
        at = hf_pack_align(at + hf_record_data_bytes(&op->record));
        if (at > IMAGE_MAX_BYTES)
            return HF_FAIL(err, HF_ELIMIT, "image of more than %u bytes", IMAGE_MAX_BYTES);
    }
    *max_bytes = at;
    return HF_OK;
}

/* Offset of equal data of an earlier operator; 0 if there is none. Weights are not compared. */
static uint32_t shared_offset(const hf_lowered *l, int32_t index, const uint8_t *bytes, const uint8_t *data)
{
    const uint64_t size = hf_record_data_bytes(&l->ops[index].record);
    for (int32_t i = 0; i < index && size > 0 && !hf_pack_has_weights(&l->ops[index].record); i++) {
        const hf_op_record *r = &l->ops[i].record;
        if (!hf_pack_has_weights(r) && hf_record_data_bytes(r) == size &&
            memcmp(bytes + r->data_offset, data, size) == 0)
            return r->data_offset;
    }
    return 0;
}

/* Writes the data blocks; equal ones are stored once. @param total_bytes receives the image's size */
static hf_status write_data(const hf_graph *graph, hf_lowered *l, uint8_t *bytes, uint32_t *total_bytes,
                            hf_error *err)
{
    uint64_t at = sizeof(hf_image_header) + (uint64_t)l->op_count * sizeof(hf_op_record);
    for (int32_t i = 0; i < l->op_count; i++) {
        hf_op_record *r = &l->ops[i].record;
        const uint64_t size = hf_record_data_bytes(r);
        hf_status status = hf_pack_data(graph, &l->ops[i], bytes + at, err);
        if (status)
            return status;
        r->data_offset = shared_offset(l, i, bytes, bytes + at);
        if (r->data_offset != 0) {
            memset(bytes + at, 0, size);
            continue;
        }
        r->data_offset = (uint32_t)at;
        at = hf_pack_align(at + size);
    }
    *total_bytes = (uint32_t)at;
    return HF_OK;
}

static void write_header_and_records(const hf_lowered *l, const hf_plan *plan, uint8_t *bytes,
                                     uint32_t total_bytes)
{
    hf_image_header header = {
        .magic = HF_IMAGE_MAGIC,
        .version = HF_IMAGE_VERSION,
        .total_bytes = total_bytes,
        .op_count = (uint32_t)l->op_count,
        .arena_bytes = plan->arena_bytes,
        .input_offset = (uint32_t)plan->buffers[l->input].offset,
        .input_bytes = (uint32_t)plan->buffers[l->input].bytes,
        .output_offset = (uint32_t)plan->buffers[l->output].offset,
        .output_bytes = (uint32_t)plan->buffers[l->output].bytes,
    };
    for (int32_t i = 0; i < l->op_count; i++)
        memcpy(bytes + sizeof header + (size_t)i * sizeof(hf_op_record), &l->ops[i].record,
               sizeof(hf_op_record));
    memcpy(bytes, &header, sizeof header);
    header.crc32 = hf_crc32(0, bytes + HF_IMAGE_CRC_START, total_bytes - HF_IMAGE_CRC_START);
    memcpy(bytes, &header, sizeof header);
}

/* Opens the image as the firmware does: the compiler's final check of its own output. */
static hf_status describe(const hf_lowered *l, hf_image *image, hf_error *err)
{
    hf_model model;
    hf_engine_status opened = hf_model_open(&model, image->bytes, (uint32_t)image->size);
    if (opened != HF_ENGINE_OK)
        return HF_FAIL(err, HF_EMISMATCH, "the engine rejects the image: %s", hf_engine_status_text(opened));
    image->ops = calloc((size_t)l->op_count + 1, sizeof *image->ops);
    if (!image->ops)
        return HF_FAIL(err, HF_ENOMEM, "no memory for %d operators", l->op_count);
    for (int32_t i = 0; i < l->op_count; i++)
        image->ops[i] = (hf_image_op_output){.node = l->ops[i].node,
                                             .first_channel = l->ops[i].first_channel,
                                             .channels = l->ops[i].channels,
                                             .shuffle_groups = l->ops[i].shuffle_groups,
                                             .rows = l->ops[i].record.out_height};
    image->crc32 = model.crc32;
    image->arena_bytes = model.arena_bytes;
    image->input_bytes = model.input_bytes;
    image->output_bytes = model.output_bytes;
    image->op_count = model.op_count;
    return HF_OK;
}

static int32_t producer(const hf_graph *graph, int32_t tensor)
{
    for (int32_t n = 0; n < graph->node_count; n++)
        if (graph->nodes[n].output == tensor)
            return n;
    return -1;
}

/* What the plan says of the arena. */
static hf_status list_places(const hf_graph *graph, const hf_lowered *l, const hf_plan *plan, hf_image *image,
                             hf_error *err)
{
    image->places = calloc((size_t)plan->buffer_count + 1, sizeof *image->places);
    if (!image->places)
        return HF_FAIL(err, HF_ENOMEM, "no memory for %d buffers", plan->buffer_count);
    for (int32_t b = 0; b < plan->buffer_count; b++) {
        const hf_plan_buffer *buffer = &plan->buffers[b];
        if (!buffer->bytes)
            continue;
        image->places[image->place_count++] =
            (hf_image_place){.node = b < plan->tensor_count ? producer(graph, b) : -2,
                             .offset = (uint32_t)buffer->offset,
                             .bytes = (uint32_t)buffer->bytes,
                             .first_op = buffer->first < 0 ? 0 : buffer->first,
                             .last_op = buffer->last < l->op_count ? buffer->last : l->op_count - 1};
    }
    return HF_OK;
}

hf_status hf_emit(const hf_graph *graph, hf_lowered *l, const hf_plan *plan, hf_image *out, hf_error *err)
{
    hf_image image = {0};
    uint64_t max_bytes = 0;
    uint32_t total_bytes = 0;
    hf_status status = assign_offsets(l, plan, &max_bytes, err);
    if (status)
        return status;
    image.bytes = calloc(1, (size_t)max_bytes + 1);
    if (!image.bytes)
        return HF_FAIL(err, HF_ENOMEM, "no memory for an image of %zu bytes", (size_t)max_bytes);
    status = write_data(graph, l, image.bytes, &total_bytes, err);
    if (!status) {
        write_header_and_records(l, plan, image.bytes, total_bytes);
        image.size = total_bytes;
        status = describe(l, &image, err);
    }
    if (!status)
        status = list_places(graph, l, plan, &image, err);
    if (status)
        hf_image_free(&image);
    else
        *out = image;
    return status;
}

void hf_image_free(hf_image *image)
{
    if (!image)
        return;
    free(image->bytes);
    free(image->ops);
    free(image->places);
    *image = (hf_image){0};
}
