/* SPDX-License-Identifier: Apache-2.0 */
#include "health/golden.h"

#include <stdlib.h>

#include "farm/prepare.h"

#define INPUT_SEED 1

struct hf_golden {
    hf_prepared model;
};

hf_status hf_golden_new(hf_golden **out, hf_error *err)
{
    hf_golden *golden = calloc(1, sizeof *golden);
    if (!golden)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    hf_prepare_request request = {.input_seed = INPUT_SEED};
    hf_status status = hf_source_parse(HF_GOLDEN_MODEL, &request.source, err);
    if (status == HF_OK)
        status = hf_prepare(&request, &golden->model, err);
    if (status == HF_OK)
        *out = golden;
    else
        hf_golden_free(golden);
    return status;
}

void hf_golden_free(hf_golden *golden)
{
    if (golden)
        hf_prepared_free(&golden->model);
    free(golden);
}

hf_attempt_request hf_golden_request(const hf_golden *golden)
{
    const hf_prepared *model = &golden->model;
    return (hf_attempt_request){
        .name = HF_GOLDEN_MODEL,
        .image = model->image.bytes,
        .image_bytes = model->image.size,
        .layer_count = model->image.op_count,
        .input_bytes = model->input_bytes,
        .input_seed = INPUT_SEED,
        .input_crc32 = model->input_crc32,
        .output_crc32 = model->output_crc32,
        .layer_crc32 = model->layer_crc32,
        .warmup = 1,
        .runs = HF_GOLDEN_RUNS,
        .layers = true,
    };
}

uint32_t hf_golden_image_crc32(const hf_golden *golden)
{
    return golden->model.image.crc32;
}
