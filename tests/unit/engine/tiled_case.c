/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "checksum/crc.h"
#include "engine/layout.h"
#include "proto/frame.h"
#include "tiled_case.h"

/* Moves scratch spaces behind everything else, where there is room for any tile or band. */
static void retile(hf_image *image, random_source *r)
{
    hf_image_header *h = (hf_image_header *)(void *)image->bytes;
    hf_op_record *records = (hf_op_record *)(void *)(image->bytes + sizeof *h);
    const uint32_t scratch =
        (h->arena_bytes + HF_IMAGE_ALIGNMENT - 1) / HF_IMAGE_ALIGNMENT * HF_IMAGE_ALIGNMENT;
    h->arena_bytes = scratch;
    for (uint32_t i = 0; i < h->op_count; i++) {
        hf_op_record *op = &records[i];
        if (op->op == HF_IMAGE_OP_CONV2D || op->op == HF_IMAGE_OP_DEPTHWISE)
            op->tile = (uint8_t)(random_next(r) % 4 ? random_between(r, 0, 9) : random_between(r, 0, 255));
        const uint32_t bytes = (uint32_t)hf_record_scratch_bytes(op);
        if (bytes == 0)
            continue;
        op->extra_offset = scratch;
        if (scratch + bytes > h->arena_bytes)
            h->arena_bytes = scratch + bytes;
    }
    image->arena_bytes = h->arena_bytes;
    h->crc32 = hf_crc32(0, image->bytes + HF_IMAGE_CRC_START, image->size - HF_IMAGE_CRC_START);
    image->crc32 = h->crc32;
}

void tiled_case_open(engine_case *c, const hf_graph *graph, random_source *r)
{
    hf_image image = {0};
    hf_error err = {0};
    if (hf_compile(graph, &image, &err))
        fail_msg("%s", err.message);
    retile(&image, r);
    engine_case_open_image(c, &image);
}
