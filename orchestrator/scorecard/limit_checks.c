/* SPDX-License-Identifier: Apache-2.0 */
#include "scorecard/limit_checks.h"
#include "report/limit_verdicts.h"

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t most(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

void hf_firmware_bounds_add(hf_firmware_bounds *bounds, const hf_firmware_footprint *footprint)
{
    if (!bounds->most.flash_bytes) {
        *bounds = (hf_firmware_bounds){*footprint, *footprint};
        return;
    }
    bounds->least.flash_bytes = least(bounds->least.flash_bytes, footprint->flash_bytes);
    bounds->least.static_bytes = least(bounds->least.static_bytes, footprint->static_bytes);
    bounds->least.stack_bytes = least(bounds->least.stack_bytes, footprint->stack_bytes);
    bounds->most.flash_bytes = most(bounds->most.flash_bytes, footprint->flash_bytes);
    bounds->most.static_bytes = most(bounds->most.static_bytes, footprint->static_bytes);
    bounds->most.stack_bytes = most(bounds->most.stack_bytes, footprint->stack_bytes);
}

/* An unknown range stays unknown. */
static hf_range widen(hf_range range, int64_t at_least, int64_t at_most, bool known)
{
    if (range.most <= 0)
        return (hf_range){0};
    return (hf_range){range.least + at_least,
                      known && range.most < INT64_MAX ? range.most + at_most : INT64_MAX};
}

hf_needs hf_needs_of(hf_range arena_bytes, hf_range image_bytes, int64_t macs,
                     const hf_firmware_bounds *firmware)
{
    static const hf_firmware_bounds unknown;
    const hf_firmware_bounds *f = firmware ? firmware : &unknown;
    const bool known = f->most.flash_bytes > 0;
    return (hf_needs){
        /* The stack depth is only known after a run. */
        .ram = widen(arena_bytes, f->least.static_bytes, (int64_t)f->most.static_bytes + f->most.stack_bytes,
                     known),
        .rom = widen(image_bytes, f->least.flash_bytes, f->most.flash_bytes, known),
        .macs = {macs, macs},
    };
}

void hf_scorecard_check_limits(const hf_scorecard *card, const hf_limits *limits,
                               const hf_firmware_bounds *firmware, hf_scorecard_check checks[HF_LIMIT_KINDS])
{
    const hf_needs needs = hf_needs_of((hf_range){card->arena_bytes_min, card->arena_bytes},
                                       card->model_bytes_range, card->macs, firmware);
    const hf_verdicts verdicts = hf_judge_all(&needs, limits);
    for (size_t i = 0; i < HF_LIMIT_KINDS; i++) {
        const hf_limit_kind *kind = &hf_limit_kinds[i];
        const hf_range need = hf_need_of(&needs, kind);
        const int64_t limit = hf_limit_of(limits, kind);
        checks[i] = (hf_scorecard_check){
            .kind = kind,
            .value = need.least,
            .most = need.most,
            .limit = limit,
            .verdict = hf_verdict_of(&verdicts, kind),
            .margin = limit > 0 ? 1 - (double)need.least / (double)limit : 0,
        };
    }
}

uint32_t hf_arena_limit_bytes(const hf_limits *limits, const hf_chip *chip,
                              const hf_firmware_footprint *firmware, int64_t input_bytes)
{
    int64_t limit = INT64_MAX;
    if (limits->ram_bytes > 0)
        limit = limits->ram_bytes;
    if (chip && chip->ram_bytes - input_bytes < limit)
        limit = chip->ram_bytes - input_bytes;
    if (limit == INT64_MAX)
        return 0;
    if (firmware)
        limit -= (int64_t)firmware->static_bytes + firmware->stack_bytes;
    if (limit < 1)
        return 1;
    return limit < UINT32_MAX ? (uint32_t)limit : UINT32_MAX;
}

hf_compile_options hf_compile_options_for(hf_objective objective, const hf_limits *limits,
                                          const hf_chip *const *chips, const hf_firmware_footprint *firmwares,
                                          uint32_t chip_count, int64_t input_bytes)
{
    hf_compile_options options = {.objective = objective,
                                  .arena_limit_bytes = hf_arena_limit_bytes(limits, NULL, NULL, 0)};
    for (uint32_t i = 0; i < chip_count; i++) {
        const uint32_t limit =
            hf_arena_limit_bytes(limits, chips[i], firmwares ? &firmwares[i] : NULL, input_bytes);
        if (options.arena_limit_bytes == 0 || limit < options.arena_limit_bytes)
            options.arena_limit_bytes = limit;
    }
    return options;
}
