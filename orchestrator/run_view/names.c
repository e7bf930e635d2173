/* SPDX-License-Identifier: Apache-2.0 */
#include "run_view/run_view.h"

#include <stddef.h>

static const char *const event_names[] = {
#define HF_RUN_EVENT_ROW(name, text) [HF_RUN_EVENT_##name] = (text),
    HF_RUN_EVENT_MAP(HF_RUN_EVENT_ROW)
#undef HF_RUN_EVENT_ROW
};

static const char *const stage_names[] = {
#define HF_RUN_STAGE_ROW(name, text) [HF_RUN_STAGE_##name] = (text),
    HF_RUN_STAGE_MAP(HF_RUN_STAGE_ROW)
#undef HF_RUN_STAGE_ROW
};

const char *hf_run_event_name(hf_run_event_kind kind)
{
    return (size_t)kind < sizeof event_names / sizeof event_names[0] ? event_names[kind] : "unknown event";
}

const char *hf_run_stage_name(hf_run_stage stage)
{
    return (size_t)stage < sizeof stage_names / sizeof stage_names[0] ? stage_names[stage] : "unknown stage";
}
