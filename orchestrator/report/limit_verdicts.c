/* SPDX-License-Identifier: Apache-2.0 */
#include "report/limit_verdicts.h"

hf_verdict hf_judge(hf_range figure, int64_t limit)
{
    if (limit <= 0 || figure.most <= 0)
        return HF_VERDICT_NONE;
    if (figure.least > limit)
        return HF_VERDICT_MISSED;
    return figure.most <= limit ? HF_VERDICT_MET : HF_VERDICT_OPEN;
}

hf_verdicts hf_judge_all(const hf_needs *needs, const hf_limits *limits)
{
    hf_verdicts verdicts = {
        .ram = hf_judge(needs->ram, limits->ram_bytes),
        .rom = hf_judge(needs->rom, limits->rom_bytes),
        .macs = hf_judge(needs->macs, limits->macs),
    };
    const hf_verdict each[] = {verdicts.ram, verdicts.rom, verdicts.macs};
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++)
        if (each[i] > verdicts.all)
            verdicts.all = each[i];
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
