/* SPDX-License-Identifier: Apache-2.0 */
#include "report/limit_verdicts.h"

#include "report/render.h"

const char *hf_verdict_name(hf_verdict verdict)
{
    return verdict == HF_VERDICT_MET ? "met" : verdict == HF_VERDICT_MISSED ? "missed" : NULL;
}

hf_verdict hf_judge(hf_range figure, int64_t limit)
{
    if (limit <= 0 || figure.most <= 0)
        return HF_VERDICT_NONE;
    if (figure.least > limit)
        return HF_VERDICT_MISSED;
    return figure.most <= limit ? HF_VERDICT_MET : HF_VERDICT_OPEN;
}

#define KIND(name_, title_, limit_, format_)                                                                 \
    {                                                                                                        \
        .name = #name_, .title = (title_), .limit_offset = offsetof(hf_limits, limit_),                      \
        .need_offset = offsetof(hf_needs, name_), .verdict_offset = offsetof(hf_verdicts, name_),            \
        .format = (format_)                                                                                  \
    }

const hf_limit_kind hf_limit_kinds[HF_LIMIT_KINDS] = {
    KIND(ram, "RAM", ram_bytes, hf_format_bytes),
    KIND(rom, "ROM", rom_bytes, hf_format_bytes),
    KIND(macs, "MACs", macs, hf_format_count),
};

int64_t hf_limit_of(const hf_limits *limits, const hf_limit_kind *kind)
{
    return *(const int64_t *)((const char *)limits + kind->limit_offset);
}

hf_range hf_need_of(const hf_needs *needs, const hf_limit_kind *kind)
{
    return *(const hf_range *)((const char *)needs + kind->need_offset);
}

hf_verdict hf_verdict_of(const hf_verdicts *verdicts, const hf_limit_kind *kind)
{
    return *(const hf_verdict *)((const char *)verdicts + kind->verdict_offset);
}

hf_verdicts hf_judge_all(const hf_needs *needs, const hf_limits *limits)
{
    hf_verdicts verdicts = {0};
    for (size_t i = 0; i < HF_LIMIT_KINDS; i++) {
        const hf_limit_kind *kind = &hf_limit_kinds[i];
        const hf_verdict verdict = hf_judge(hf_need_of(needs, kind), hf_limit_of(limits, kind));
        *(hf_verdict *)((char *)&verdicts + kind->verdict_offset) = verdict;
        if (verdict > verdicts.all)
            verdicts.all = verdict;
    }
    return verdicts;
}

static hf_range exactly(int64_t value)
{
    return (hf_range){value, value};
}

static hf_range at_least(int64_t value)
{
    return (hf_range){value, value > 0 ? INT64_MAX : 0};
}

hf_verdicts hf_result_verdicts(const hf_result_row *row, const hf_limits *limits)
{
    bool measured = row->outcome == HF_RESULT_MEASURED;
    const hf_needs needs = {
        .ram = measured ? exactly(hf_result_ram_bytes(row)) : at_least(row->planned_arena_bytes),
        .rom = measured ? exactly(hf_result_rom_bytes(row))
                        : at_least(row->image_bytes ? row->image_bytes : row->image_bytes_min),
        .macs = exactly(row->macs),
    };
    return hf_judge_all(&needs, limits);
}

bool hf_report_missed(const hf_report *report, const hf_result_row *row)
{
    return row->outcome == HF_RESULT_PRUNED ||
           (row->outcome == HF_RESULT_MEASURED &&
            hf_result_verdicts(row, &report->run.limits).all == HF_VERDICT_MISSED);
}
