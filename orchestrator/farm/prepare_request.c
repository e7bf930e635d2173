/* SPDX-License-Identifier: Apache-2.0 */
/* What a spec says about preparing its variations. A run and the check of one that is resumed use the same
 * request, so that both make the same images. */
#include <stdlib.h>

#include "board/board.h"
#include "farm/prepare.h"

hf_status hf_prepare_measure_firmwares(const hf_selection *selection, const char *firmware_dir,
                                       hf_firmware_footprint **out, hf_error *err)
{
    hf_firmware_footprint *firmwares = calloc(selection->chip_count, sizeof *firmwares);
    if (!firmwares)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u chips", selection->chip_count);
    for (uint32_t i = 0; i < selection->chip_count; i++)
        /* One that cannot be read is reported when a board is opened; until then its sizes are unknown. */
        (void)hf_firmware_measure(firmware_dir, selection->chips[i], &firmwares[i], NULL);
    *out = firmwares;
    return HF_OK;
}

hf_objective hf_prepare_objective(const hf_spec *spec)
{
    switch (spec->objective) {
    case HF_SPEC_OBJECTIVE_RAM:
        return HF_OBJECTIVE_RAM;
    case HF_SPEC_OBJECTIVE_SPEED:
        return HF_OBJECTIVE_SPEED;
    case HF_SPEC_OBJECTIVE_TIME:
        break;
    }
    return HF_OBJECTIVE_TIME;
}

hf_prepare_request hf_prepare_request_make(const hf_spec *spec, const hf_spec_variation *variation,
                                           const hf_selection *selection,
                                           const hf_firmware_footprint *firmwares)
{
    return (hf_prepare_request){
        .source = hf_spec_source(spec, variation),
        .seeds = spec->measure.seeds,
        .seed_count = spec->measure.seed_count,
        .inputs = spec->measure.inputs,
        .input_count = spec->measure.input_count,
        .steps = spec->measure.steps,
        .data_path = variation->data_path,
        .pixels = variation->pixels,
        .limits = spec->constraints,
        .chips = selection->chips,
        .firmwares = firmwares,
        .chip_count = selection->chip_count,
        .objective = hf_prepare_objective(spec),
    };
}
