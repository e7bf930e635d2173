/* SPDX-License-Identifier: Apache-2.0 */
#include "limit_text.h"

#include <stdio.h>
#include <string.h>

#include "report/limit_verdicts.h"
#include "report/render.h"
#include "scorecard/limit_checks.h"

double hf_share_percent(int64_t part, int64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

void hf_limit_format(const hf_scorecard_check *check, int64_t value, char *text, size_t size)
{
    check->kind->format((double)value, text, size);
}

const char *hf_limit_verdict_text(hf_verdict verdict, const char *missed)
{
    return verdict == HF_VERDICT_MISSED ? missed : verdict == HF_VERDICT_MET ? "met" : "open";
}

const char *hf_limits_counted_text(const hf_firmware_bounds *firmware)
{
    return firmware->most.flash_bytes ? "RAM is arena and static data, ROM model and firmware; open if "
                                        "the stack or the final memory plan decides"
                                      : "RAM is the arena alone, ROM the model alone: no firmware was found, "
                                        "so RAM and ROM cannot be met for certain";
}

void hf_limits_missed_text(const hf_candidate *model, const char *none, char *text, size_t size)
{
    hf_scorecard_check checks[HF_LIMIT_KINDS];
    hf_scorecard_check_limits(&model->card, &model->limits, &model->firmware, checks);
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < HF_LIMIT_KINDS && used < size; i++)
        if (checks[i].verdict == HF_VERDICT_MISSED)
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "", checks[i].kind->title);
    if (!used)
        snprintf(text, size, "%s", none);
}
