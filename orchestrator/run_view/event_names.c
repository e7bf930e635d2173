/* SPDX-License-Identifier: Apache-2.0 */
#include "run_view/run_view.h"

#include <stddef.h>

const char *hf_run_event_name(hf_run_event_kind kind)
{
    static const char *const names[] = {
#define HF_RUN_EVENT_TEXT(name, text) [HF_RUN_EVENT_##name] = (text),
        HF_RUN_EVENT_MAP(HF_RUN_EVENT_TEXT)
#undef HF_RUN_EVENT_TEXT
    };
    return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "unknown event";
}

const char *hf_run_stage_name(hf_run_stage stage)
{
    static const char *const names[] = {
#define HF_RUN_STAGE_TEXT(name, text) [HF_RUN_STAGE_##name] = (text),
        HF_RUN_STAGE_MAP(HF_RUN_STAGE_TEXT)
#undef HF_RUN_STAGE_TEXT
    };
    return (size_t)stage < sizeof names / sizeof names[0] ? names[stage] : "unknown stage";
}
