/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/render.h"
#include "scorecard/scorecard.h"

void hf_scorecard_check_limits(const hf_scorecard *card, const hf_limits *limits,
                               hf_scorecard_check checks[HF_SCORECARD_CHECKS])
{
    const hf_scorecard_check each[HF_SCORECARD_CHECKS] = {
        {.value = card->arena_bytes, .limit = limits->ram_bytes, .name = "ram", .title = "RAM"},
        {.value = card->model_bytes, .limit = limits->rom_bytes, .name = "rom", .title = "ROM"},
        {.value = card->macs, .limit = limits->macs, .name = "macs", .title = "MACs"},
    };
    for (size_t i = 0; i < HF_SCORECARD_CHECKS; i++) {
        checks[i] = each[i];
        checks[i].met = each[i].limit <= 0 || each[i].value <= each[i].limit;
        if (each[i].limit > 0)
            checks[i].margin = 1 - (double)each[i].value / (double)each[i].limit;
    }
}

typedef void format_function(double value, char *text, size_t size);

/* Adds a reason if value is above limit. */
static void exceed(char *why, const char *prefix, const char *what, int64_t value, const char *but,
                   int64_t limit, format_function *format)
{
    char value_text[32], limit_text[32];
    size_t used = strlen(why);
    if (limit <= 0 || value <= limit)
        return;
    format((double)value, value_text, sizeof value_text);
    format((double)limit, limit_text, sizeof limit_text);
    if (strcmp(value_text, limit_text) == 0) { /* too near each other to tell them apart rounded */
        snprintf(value_text, sizeof value_text, "%lld", (long long)value);
        snprintf(limit_text, sizeof limit_text, "%lld", (long long)limit);
    }
    snprintf(why + used, HF_CANNOT_FIT_SIZE - used, "%s%s%s %s, %s %s", used ? "; " : "", prefix, what,
             value_text, but, limit_text);
}

bool hf_cannot_fit(const hf_limits *limits, const hf_chip *chip, int64_t arena_bytes, int64_t image_bytes,
                   int64_t macs, char why[HF_CANNOT_FIT_SIZE])
{
    why[0] = '\0';
    exceed(why, "RAM: ", "the arena alone takes", arena_bytes, "the limit is", limits->ram_bytes,
           hf_format_bytes);
    exceed(why, "ROM: ", "the model alone takes", image_bytes, "the limit is", limits->rom_bytes,
           hf_format_bytes);
    exceed(why, "MACs: ", "an inference takes", macs, "the limit is", limits->macs, hf_format_count);
    if (chip) {
        exceed(why, chip->name, ": the arena takes", arena_bytes, "the chip has", chip->ram_bytes,
               hf_format_bytes);
        exceed(why, chip->name, ": the model takes", image_bytes, "the chip's flash has room for",
               chip->model_bytes, hf_format_bytes);
    }
    return why[0] != '\0';
}
