/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_TIME_LEFT_H
#define HF_FARM_TIME_LEFT_H

#include <stdint.h>

#define HF_TIME_LEFT_UNKNOWN UINT64_MAX

/**
 * Estimates how long the rest of a run takes: the mean attempt so far, for each job that is left, divided
 * among the boards.
 * @param attempt_ns_sum duration of all successful attempts
 * @param jobs_left waiting and running
 * @param boards at least 1
 * @return HF_TIME_LEFT_UNKNOWN before the first attempt has succeeded
 */
uint64_t hf_time_left_ns(uint64_t attempt_ns_sum, uint32_t attempts, uint64_t jobs_left, uint32_t boards);

#endif
