/* SPDX-License-Identifier: Apache-2.0 */
#include "source/source.h"

#include <stdio.h>
#include <string.h>

#include "tflite/tflite.h"
#include "weights/weights.h"

hf_status hf_source_parse(const char *argument, hf_source *out, hf_error *err)
{
    hf_source source = {.weights_seed = HF_WEIGHTS_SEED_DEFAULT};
    hf_status status = HF_OK;
    if (hf_tflite_is_path(argument)) {
        source.tflite_path = argument;
        char name[HF_TFLITE_NAME_SIZE];
        hf_tflite_name(argument, name);
        snprintf(source.name, sizeof source.name, "%s", name);
    } else if (strchr(argument, '/')) {
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID,
                            "%s: expected a name such as mobilenetv1_0.25_96_c3_o2, or a file ending in "
                            ".tflite",
                            argument);
    } else {
        status = hf_variation_parse(argument, &source.variation, err);
        if (status == HF_OK)
            status = hf_variation_check(&source.variation, err);
        if (status == HF_OK)
            status = hf_variation_name(&source.variation, source.name, err);
    }
    if (status == HF_OK)
        *out = source;
    return status;
}

hf_status hf_source_build(const hf_source *source, hf_graph **out, hf_error *err)
{
    if (source->tflite_path)
        return hf_tflite_load(source->name, source->tflite_path, out, err);
    return hf_variation_build(&source->variation, out, err);
}

hf_status hf_source_load(const hf_source *source, hf_graph **out, hf_error *err)
{
    hf_graph *graph = NULL;
    hf_status status = hf_source_build(source, &graph, err);
    if (status == HF_OK && !source->tflite_path)
        status = hf_weights_generate(graph, source->weights_seed, err);
    if (status == HF_OK)
        *out = graph;
    else
        hf_graph_free(graph);
    return status;
}
