/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "checksum/crc.h"
#include "prepare_steps.h"
#include "reference/reference.h"

static hf_status digest_layers(hf_prepared *out, int8_t *const *outputs, hf_error *err)
{
    int64_t most_bytes = 1;
    for (uint32_t i = 0; i < out->image.op_count; i++) {
        const int64_t bytes = hf_image_op_bytes(out->graph, &out->image, i);
        most_bytes = bytes > most_bytes ? bytes : most_bytes;
    }
    out->layer_crc32 = calloc((size_t)out->image.op_count + 1, sizeof *out->layer_crc32);
    int8_t *expected = malloc((size_t)most_bytes);
    for (uint32_t i = 0; out->layer_crc32 && expected && i < out->image.op_count; i++) {
        hf_image_op_expect(out->graph, &out->image, i, outputs, expected);
        out->layer_crc32[i] = hf_crc32(0, expected, (size_t)hf_image_op_bytes(out->graph, &out->image, i));
    }
    hf_status status = HF_OK;
    if (!out->layer_crc32 || !expected)
        status = HF_FAIL(err, HF_ENOMEM, "no memory for %u layer digests", out->image.op_count);
    free(expected);
    return status;
}

static const int8_t *output_of(const hf_graph *graph, const hf_reference *reference)
{
    return reference->outputs[graph->tensors[graph->output].producer];
}

static uint32_t digest_output(const hf_graph *graph, const hf_reference *reference)
{
    return hf_crc32(0, output_of(graph, reference), (size_t)hf_tensor_bytes(&graph->tensors[graph->output]));
}

/* The inferences after the first. @param reference of the inference before; replaced by that of each */
static hf_status expect_further(hf_prepared *out, hf_reference *reference, hf_error *err)
{
    int8_t *input = malloc(out->input_bytes);
    hf_status status = input ? HF_OK : HF_FAIL(err, HF_ENOMEM, "no memory for an input tensor");
    for (uint32_t i = 0; i < out->further_count && status == HF_OK; i++) {
        hf_attempt_step *step = &out->further[i];
        hf_prepared_further_input(out, i, output_of(out->graph, reference), input);
        step->input_crc32 = hf_crc32(0, input, out->input_bytes);
        hf_reference_free(reference);
        status = hf_reference_run(out->graph, input, reference, err);
        if (status == HF_OK)
            step->output_crc32 = digest_output(out->graph, reference);
    }
    free(input);
    return status;
}

hf_status hf_prepare_expected_output(hf_prepared *out, hf_error *err)
{
    hf_reference reference = {0};
    hf_status status = hf_reference_run(out->graph, (const int8_t *)out->input, &reference, err);
    if (status != HF_OK)
        return status;
    status = digest_layers(out, reference.outputs, err);
    out->output_crc32 = digest_output(out->graph, &reference);
    if (status == HF_OK)
        status = expect_further(out, &reference, err);
    hf_reference_free(&reference);
    return status;
}
