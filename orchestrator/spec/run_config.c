/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/run_config.h"

#include "spec_reader.h"

hf_status hf_run_config_load(const char *spec_path, const char *farm_path, hf_farm_complete *complete,
                             void *user, hf_run_config *out, hf_diagnostics *diagnostics, hf_error *err)
{
    hf_run_config input = {0};
    hf_spec *faulty = NULL; /* has mistakes, but its tags may be valid */
    hf_status spec_status = hf_spec_load_keep(spec_path, &input.spec, &faulty, diagnostics, err);
    hf_status farm_status = farm_path ? hf_farm_load(farm_path, &input.farm, diagnostics, err)
                                      : hf_farm_default(&input.farm, err);
    if (farm_status == HF_OK && complete)
        farm_status = complete(user, input.farm, err);
    hf_status status = spec_status != HF_OK ? spec_status : farm_status;
    const hf_spec *spec = input.spec ? input.spec : faulty;
    if (spec && farm_status == HF_OK) {
        hf_status selected = hf_farm_select(input.farm, spec, &input.selection, diagnostics, err);
        status = status != HF_OK ? status : selected;
    }
    hf_spec_free(faulty);
    if (status != HF_OK)
        hf_run_config_free(&input);
    else
        *out = input;
    return status;
}

void hf_run_config_free(hf_run_config *input)
{
    if (!input)
        return;
    hf_selection_free(&input->selection);
    hf_farm_free(input->farm);
    hf_spec_free(input->spec);
    *input = (hf_run_config){0};
}
