/* SPDX-License-Identifier: Apache-2.0 */
#include "check_image.h"

#include <stdlib.h>
#include <string.h>

#include "checksum/crc.h"
#include "engine/layout.h"

#define MAX_IMAGE_BYTES (1U << 16)
#define MAX_ARENA_BYTES (1U << 16)
#define MAX_WORK        (1U << 20) /* multiply-accumulates or so: valid images may describe hours of them */

static uint64_t work(const hf_model *model)
{
    const hf_op_record *r = (const hf_op_record *)(const void *)(model->image + sizeof(hf_image_header));
    uint64_t sum = 0;
    for (uint32_t i = 0; i < model->op_count && sum <= MAX_WORK; i++) {
        /* parts: a broken image may contain that many empty groups */
        uint64_t window = (uint64_t)r[i].kernel_height * r[i].kernel_width * r[i].parts;
        const uint64_t outputs = (uint64_t)r[i].out_height * r[i].out_width * r[i].out_channels;
        sum += outputs * window + (uint64_t)r[i].in_height * r[i].in_width * r[i].in_channels;
        if (r[i].op == HF_IMAGE_OP_CONV2D || r[i].op == HF_IMAGE_OP_DENSE)
            sum += outputs * hf_record_runs(&r[i]) * hf_record_run_values(&r[i]);
    }
    return sum;
}

hf_engine_status check_image(const uint8_t *bytes, size_t size)
{
    if (size < sizeof(hf_image_header) || size > MAX_IMAGE_BYTES)
        return HF_ENGINE_NO_IMAGE;
    uint8_t *image = malloc(size); /* exact, so that a sanitiser detects one byte too many */
    if (!image)
        return HF_ENGINE_NO_IMAGE;
    memcpy(image, bytes, size);
    hf_image_header *h = (hf_image_header *)(void *)image;
    h->magic = HF_IMAGE_MAGIC;
    h->version = HF_IMAGE_VERSION;
    h->total_bytes = (uint32_t)size;
    h->crc32 = hf_crc32(0, image + HF_IMAGE_CRC_START, size - HF_IMAGE_CRC_START);
    hf_model model;
    hf_engine_status status = hf_model_open(&model, image, (uint32_t)size);
    if (status == HF_ENGINE_OK && model.arena_bytes <= MAX_ARENA_BYTES && work(&model) <= MAX_WORK) {
        void *arena = NULL;
        if (posix_memalign(&arena, HF_ARENA_ALIGNMENT, model.arena_bytes) == 0) {
            memset(arena, 0, model.arena_bytes);
            status = hf_model_run(&model, arena, model.arena_bytes, NULL);
            if (status != HF_ENGINE_OK)
                abort();
        }
        free(arena);
    }
    free(image);
    return status;
}
