/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/input.h"

#include "spec_reader.h"

hf_status hf_input_load(const char *spec_path, const char *farm_path, hf_input *out,
                        hf_diagnostics *diagnostics, hf_error *err)
{
    hf_input input = {0};
    hf_spec *faulty = NULL; /* with mistakes, but its tags may be known */
    hf_status spec_status = hf_spec_load_keep(spec_path, &input.spec, &faulty, diagnostics, err);
    hf_status farm_status = farm_path ? hf_farm_load(farm_path, &input.farm, diagnostics, err)
                                      : hf_farm_default(&input.farm, err);
    hf_status status = spec_status != HF_OK ? spec_status : farm_status;
    const hf_spec *spec = input.spec ? input.spec : faulty;
    if (spec && input.farm) {
        hf_status selected = hf_farm_select(input.farm, spec, &input.selection, diagnostics, err);
        status = status != HF_OK ? status : selected;
    }
    hf_spec_free(faulty);
    if (status != HF_OK)
        hf_input_free(&input);
    else
        *out = input;
    return status;
}

void hf_input_free(hf_input *input)
{
    if (!input)
        return;
    hf_selection_free(&input->selection);
    hf_farm_free(input->farm);
    hf_spec_free(input->spec);
    *input = (hf_input){0};
}
