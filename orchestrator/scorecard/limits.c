/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/render.h"
#include "scorecard/scorecard.h"

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

/* Unknown stays unknown. */
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
        /* Every inference uses some stack, but how much is only known afterwards. */
        .ram = widen(arena_bytes, f->least.static_bytes, (int64_t)f->most.static_bytes + f->most.stack_bytes,
                     known),
        .rom = widen(image_bytes, f->least.flash_bytes, f->most.flash_bytes, known),
        .macs = {macs, macs},
    };
}

void hf_scorecard_check_limits(const hf_scorecard *card, const hf_limits *limits,
                               const hf_firmware_bounds *firmware,
                               hf_scorecard_check checks[HF_SCORECARD_CHECKS])
{
    const hf_needs needs = hf_needs_of((hf_range){card->arena_bytes_min, card->arena_bytes},
                                       card->model_bytes_range, card->macs, firmware);
    const hf_verdicts verdicts = hf_judge_all(&needs, limits);
    const struct {
        hf_range range;
        int64_t limit;
        hf_verdict verdict;
        const char *name, *title;
    } each[HF_SCORECARD_CHECKS] = {
        {needs.ram, limits->ram_bytes, verdicts.ram, "ram", "RAM"},
        {needs.rom, limits->rom_bytes, verdicts.rom, "rom", "ROM"},
        {needs.macs, limits->macs, verdicts.macs, "macs", "MACs"},
    };
    for (size_t i = 0; i < HF_SCORECARD_CHECKS; i++)
        checks[i] = (hf_scorecard_check){
            .value = each[i].range.least,
            .most = each[i].range.most,
            .limit = each[i].limit,
            .verdict = each[i].verdict,
            .margin = each[i].limit > 0 ? 1 - (double)each[i].range.least / (double)each[i].limit : 0,
            .name = each[i].name,
            .title = each[i].title,
        };
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

typedef void format_function(double value, char *text, size_t size);

static void add_reason(char *why, const char *of, const char *what, int64_t value, const char *but,
                       int64_t limit, format_function *format)
{
    char value_text[32], limit_text[32];
    size_t used = strlen(why);
    format((double)value, value_text, sizeof value_text);
    format((double)limit, limit_text, sizeof limit_text);
    if (strcmp(value_text, limit_text) == 0) { /* too near each other to tell them apart rounded */
        snprintf(value_text, sizeof value_text, "%lld", (long long)value);
        snprintf(limit_text, sizeof limit_text, "%lld", (long long)limit);
    }
    snprintf(why + used, HF_CANNOT_FIT_SIZE - used, "%s%s: %s %s, %s %s", used ? "; " : "", of, what,
             value_text, but, limit_text);
}

bool hf_cannot_fit(const hf_limits *limits, const hf_chip *chip, const hf_firmware_footprint *firmware,
                   int64_t arena_bytes, int64_t image_bytes, int64_t macs, char why[HF_CANNOT_FIT_SIZE])
{
    hf_firmware_bounds bounds = {0};
    if (firmware)
        hf_firmware_bounds_add(&bounds, firmware);
    const hf_needs needs = hf_needs_of((hf_range){arena_bytes, arena_bytes},
                                       (hf_range){image_bytes, image_bytes}, macs, &bounds);
    const hf_verdicts verdicts = hf_judge_all(&needs, limits);
    const bool known = bounds.most.flash_bytes > 0;
    why[0] = '\0';
    if (verdicts.ram == HF_VERDICT_MISSED)
        add_reason(why, "RAM", known ? "arena and static data take" : "the arena alone takes",
                   needs.ram.least, "the limit is", limits->ram_bytes, hf_format_bytes);
    if (verdicts.rom == HF_VERDICT_MISSED)
        add_reason(why, "ROM", known ? "model and firmware take" : "the model alone takes", needs.rom.least,
                   "the limit is", limits->rom_bytes, hf_format_bytes);
    if (verdicts.macs == HF_VERDICT_MISSED)
        add_reason(why, "MACs", "an inference takes", macs, "the limit is", limits->macs, hf_format_count);
    if (chip && needs.ram.least > chip->ram_bytes)
        add_reason(why, chip->name, known ? "arena and static data take" : "the arena takes", needs.ram.least,
                   "the chip has", chip->ram_bytes, hf_format_bytes);
    if (chip && image_bytes > chip->model_bytes)
        add_reason(why, chip->name, "the model takes", image_bytes, "the chip's flash has room for",
                   chip->model_bytes, hf_format_bytes);
    return why[0] != '\0';
}
