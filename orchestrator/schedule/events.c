/* SPDX-License-Identifier: Apache-2.0 */
/* What all events have in common: time, and the reply to one that cannot happen. */
#include "rules.h"

void schedule_tick(hf_schedule *s, uint64_t now_ns)
{
    if (now_ns > s->now_ns)
        s->now_ns = now_ns;
}

hf_schedule_action schedule_action(hf_schedule_action_kind kind)
{
    return (hf_schedule_action){.kind = kind,
                                .run = HF_SCHEDULE_NONE,
                                .preparation = HF_SCHEDULE_NONE,
                                .job = HF_SCHEDULE_NONE,
                                .board = HF_SCHEDULE_NONE};
}

hf_status schedule_unexpected(hf_error *err, const char *event, const char *what, uint32_t index)
{
    return HF_FAIL(err, HF_EINVALID, "unexpected event \"%s\" for %s %u", event, what, index);
}
