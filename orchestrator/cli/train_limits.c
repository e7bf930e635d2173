/* SPDX-License-Identifier: Apache-2.0 */
#include "train_limits.h"

#include <string.h>

#include "board/board.h"
#include "chips/chips.h"
#include "farm/prepare.h"
#include "locations.h"
#include "scorecard/scorecard.h"

static bool is_named(const hf_spec *spec, const hf_chip *chip)
{
    for (uint32_t i = 0; i < spec->tag_count; i++)
        if (strcmp(spec->tags[i], chip->name) == 0)
            return true;
    return false;
}

hf_cli_train_limits hf_cli_train_limits_of(const hf_spec *spec, const char *firmware_dir)
{
    hf_cli_train_limits limits = {.spec = spec};
    bool any_named = false;
    for (uint32_t i = 0; hf_chip_at(i); i++)
        any_named |= is_named(spec, hf_chip_at(i));
    for (uint32_t i = 0; hf_chip_at(i) && limits.chip_count < HF_SCORECARD_MAX_CHIPS; i++) {
        const hf_chip *chip = hf_chip_at(i);
        if (any_named && !is_named(spec, chip))
            continue;
        limits.chips[limits.chip_count] = chip;
        if (hf_firmware_measure(hf_cli_firmware_dir(firmware_dir), chip, &limits.firmwares[limits.chip_count],
                                NULL) != HF_OK)
            limits.firmwares[limits.chip_count] = (hf_firmware_footprint){0}; /* unknown */
        limits.chip_count++;
    }
    return limits;
}

bool hf_cli_train_limits_exceeded(const hf_cli_train_limits *limits, const hf_spec_variation *variation,
                                  char why[HF_CANNOT_FIT_SIZE])
{
    hf_selection selection = {.chips = (const hf_chip **)limits->chips, .chip_count = limits->chip_count};
    hf_prepare_request request =
        hf_prepare_request_make(limits->spec, variation, &selection, limits->firmwares);
    hf_prepared analysed = {0};
    bool exceeded = false;
    request.source.weights_path = NULL; /* they are to be trained */
    if (hf_prepare_analysis(&request, &analysed, NULL) == HF_OK && analysed.pruned)
        exceeded =
            hf_cannot_fit(&limits->spec->constraints, limits->chips[0], &limits->firmwares[0],
                          analysed.arena_bytes, (int64_t)analysed.image_bytes, analysed.analysis.macs, why);
    hf_prepared_free(&analysed);
    return exceeded;
}
