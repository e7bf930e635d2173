/* SPDX-License-Identifier: Apache-2.0 */
#include "scorecard/pruning.h"

#include <stdio.h>
#include <string.h>

#include "report/limit_verdicts.h"
#include "report/render.h"
#include "scorecard/limit_checks.h"

typedef void format_function(double value, char *text, size_t size);

static void add_reason(char *why, const char *of, const char *what, int64_t value, const char *bound,
                       int64_t limit, format_function *format)
{
    char value_text[32], limit_text[32];
    size_t used = strlen(why);
    format((double)value, value_text, sizeof value_text);
    format((double)limit, limit_text, sizeof limit_text);
    if (strcmp(value_text, limit_text) == 0) { /* equal when rounded */
        snprintf(value_text, sizeof value_text, "%lld", (long long)value);
        snprintf(limit_text, sizeof limit_text, "%lld", (long long)limit);
    }
    snprintf(why + used, HF_CANNOT_FIT_SIZE - used, "%s%s: %s %s, %s %s", used ? "; " : "", of, what,
             value_text, bound, limit_text);
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
