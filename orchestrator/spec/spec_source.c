/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "spec/spec.h"

hf_source hf_spec_source(const hf_spec *spec, const hf_spec_variation *variation)
{
    hf_source source = {
        .tflite_path = variation->path,
        .variation = variation->variation,
        .weights_path = variation->weights_path,
        .weights_seed = spec->weights_seed,
    };
    snprintf(source.name, sizeof source.name, "%s", variation->name);
    return source;
}
