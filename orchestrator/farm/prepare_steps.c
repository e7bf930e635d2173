/* SPDX-License-Identifier: Apache-2.0 */
#include "prepare_steps.h"

#include <stdlib.h>

#include "base/file.h"
#include "checksum/crc.h"
#include "graph/ports.h"
#include "scorecard/limit_checks.h"
#include "scorecard/pruning.h"
#include "weights/weights.h"

/* The model's inputs from a file. @param out its input has memory */
static hf_status read_inputs(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    const size_t expected = hf_ports_input_bytes(out->graph);
    hf_status status = hf_file_read(request->input_path, HF_GRAPH_MAX_TENSOR_BYTES, &bytes, &size, err);
    if (status == HF_OK && size != expected)
        status =
            HF_FAIL(err, HF_EINVALID, "%s has %zu bytes, expected %zu, the size of the input tensor of %s",
                    request->input_path, size, expected, request->source.name);
    if (status == HF_OK)
        hf_ports_pack(out->graph, bytes, (int8_t *)out->input);
    free(bytes);
    return status;
}

hf_status hf_prepare_input(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    out->input_bytes = (size_t)hf_tensor_bytes(&out->graph->tensors[out->graph->input]);
    out->input = malloc(out->input_bytes);
    if (!out->input)
        return HF_FAIL(err, HF_ENOMEM, "no memory for the input of %s", request->source.name);
    /* A board can generate an input from a seed, but no initial states. */
    out->input_from_seed = request->input_path == NULL && !hf_ports_stateful(out->graph);
    if (request->input_path) {
        hf_status status = read_inputs(request, out, err);
        if (status != HF_OK)
            return status;
    } else {
        hf_input_generate(request->input_seed, (int8_t *)out->input, out->input_bytes);
        hf_ports_begin(out->graph, (int8_t *)out->input);
    }
    out->input_crc32 = hf_crc32(0, out->input, out->input_bytes);
    return HF_OK;
}

bool hf_prepare_fits_nowhere(const hf_prepare_request *request, const hf_prepared *out)
{
    char why[HF_CANNOT_FIT_SIZE];
    const int64_t arena = out->arena_bytes, image = (int64_t)out->image_bytes, macs = out->analysis.macs;
    if (!request->chip_count)
        return hf_cannot_fit(&request->limits, NULL, NULL, arena, image, macs, why);
    for (uint32_t i = 0; i < request->chip_count; i++)
        if (!hf_cannot_fit(&request->limits, request->chips[i],
                           request->firmwares ? &request->firmwares[i] : NULL, arena, image, macs, why))
            return false;
    return true;
}

hf_compile_options hf_prepare_compile_options(const hf_prepare_request *request, const hf_graph *graph)
{
    return hf_compile_options_for(request->objective, &request->limits, request->chips, request->firmwares,
                                  request->chip_count, hf_tensor_bytes(&graph->tensors[graph->input]));
}

void hf_prepared_shrink(hf_prepared *prepared)
{
    hf_graph_free(prepared->graph);
    prepared->graph = NULL;
    if (prepared->input_from_seed) {
        free(prepared->input);
        prepared->input = NULL;
    }
}

void hf_prepared_free(hf_prepared *prepared)
{
    if (!prepared)
        return;
    hf_graph_free(prepared->graph);
    hf_analysis_free(&prepared->analysis);
    hf_image_free(&prepared->image);
    free(prepared->input);
    free(prepared->layer_crc32);
    *prepared = (hf_prepared){0};
}

hf_status hf_prepare_analyze(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    hf_graph *family = NULL;
    hf_analysis counted = {0};
    hf_status status = hf_analyze(out->graph, &out->analysis, err);
    if (status != HF_OK || !request->source.weights_path)
        return status;
    status = hf_variation_build(&request->source.variation, &family, err);
    if (status == HF_OK)
        status = hf_analyze(family, &counted, err);
    if (status == HF_OK) {
        out->analysis.params = counted.params;
        out->analysis.params_non_trainable = counted.params_non_trainable;
        out->analysis.params_deployed = counted.params_deployed;
    }
    hf_analysis_free(&counted);
    hf_graph_free(family);
    return status;
}
