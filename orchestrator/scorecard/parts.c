/* SPDX-License-Identifier: Apache-2.0 */
#include "parts.h"

#include <stdio.h>
#include <string.h>

#include "report/render.h"

double hf_parts_share(int64_t part, int64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

void hf_parts_format_check(const hf_scorecard_check *check, int64_t value, char *text, size_t size)
{
    if (strcmp(check->name, "macs") == 0)
        hf_format_count((double)value, text, size);
    else
        hf_format_bytes((double)value, text, size);
}

const char *hf_parts_verdict(hf_verdict verdict, const char *missed)
{
    return verdict == HF_VERDICT_MISSED ? missed : verdict == HF_VERDICT_MET ? "met" : "open";
}

const char *hf_parts_counted(const hf_firmware_bounds *firmware)
{
    return firmware->most.flash_bytes ? "RAM is arena and static data, ROM model and firmware; open where "
                                        "the stack, or a plan not worked out, decides"
                                      : "RAM is the arena alone, ROM the model alone: no firmware was found, "
                                        "so that nothing is certainly met";
}

void hf_parts_fails(const hf_compared *model, const char *none, char *text, size_t size)
{
    hf_scorecard_check checks[HF_SCORECARD_CHECKS];
    hf_scorecard_check_limits(&model->card, &model->limits, &model->firmware, checks);
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < HF_SCORECARD_CHECKS && used < size; i++)
        if (checks[i].verdict == HF_VERDICT_MISSED)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "", checks[i].title);
    if (!used)
        snprintf(text, size, "%s", none);
}
