/* SPDX-License-Identifier: Apache-2.0 */
#include "time_left.h"

uint64_t hf_time_left_ns(uint64_t attempt_ns_sum, uint32_t attempts, uint64_t jobs_left, uint32_t boards)
{
    if (!attempts)
        return HF_TIME_LEFT_UNKNOWN;
    return attempt_ns_sum / attempts * jobs_left / boards;
}
