/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "board/board.h"

static const char *const phase_names[HF_PHASE_COUNT] = {
#define HF_PHASE_TEXT(name, text) [HF_PHASE_##name] = (text),
    HF_PHASE_MAP(HF_PHASE_TEXT)
#undef HF_PHASE_TEXT
};

const char *hf_phase_name(hf_phase phase)
{
    return (unsigned)phase < HF_PHASE_COUNT ? phase_names[phase] : "unknown phase";
}

void hf_attempt_result_free(hf_attempt_result *result)
{
    if (!result)
        return;
    free(result->samples);
    free(result->layers);
    free(result->outputs);
    *result = (hf_attempt_result){0};
}
