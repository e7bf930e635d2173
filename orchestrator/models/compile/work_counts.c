/* SPDX-License-Identifier: Apache-2.0 */
/* What the terms of several kinds of operators are counted with. */
#include "work.h"

double hf_work_misaligned(uint32_t offset, uint32_t step)
{
    static const double lost[] = {0, 2, 1, 2};
    double sum = 0;
    for (uint32_t i = 0; i < 4; i++)
        sum += lost[(offset + i * step) % 4U];
    return sum / 4;
}

/* 16 KB in 128 sets of four lines, the least recently used of which is replaced: a set that has to hold a fifth line loses
 * all five before they are read again. */
double hf_work_lost(uint64_t bytes)
{
    const uint64_t full = 16384;
    if (bytes <= full)
        return 0;
    const double share = 5.0 * (double)(bytes - full) / (double)bytes;
    return share < 1 ? share : 1;
}

double hf_work_taps_inside(uint32_t outputs, uint32_t stride, uint32_t pad_before, uint32_t kernel,
                           uint32_t inputs, bool transposed)
{
    double inside = 0;
    for (uint32_t at = 0; at < outputs; at++)
        for (uint32_t k = 0; k < kernel; k++) {
            int64_t from = (int64_t)at * stride + k - pad_before;
            if (transposed) {
                const int64_t ahead = (int64_t)at + pad_before - k;
                from = ahead >= 0 && ahead % stride == 0 ? ahead / stride : -1;
            }
            inside += from >= 0 && from < inputs;
        }
    return inside;
}
