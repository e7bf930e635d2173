/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_SCHEDULE_CHECK_SCRIPT_H
#define HF_TEST_SCHEDULE_CHECK_SCRIPT_H

#include "script.h"

/**
 * @file check_script.h
 * Health checks in scripts.
 */

#define PASSED(t, b)       EVENT(t, hf_schedule_check_passed, b)
#define UNPASSED(t, b, f)  EVENT(t, hf_schedule_check_failed, b, f)
#define CHECK(t, b, until) EVENT(t, hf_schedule_check_board, b, until)

static const hf_schedule_policy strict = {.strikes = 1,
                                          .quarantine_ns = 60 * S,
                                          .max_quarantines = 2,
                                          .busy_wait_ns = 10 * S,
                                          .busy_retry_ns = 4 * S,
                                          .check_before_readmission = true};

static inline void begin(script *t, const hf_schedule_board *boards, uint32_t count,
                         const hf_schedule_policy *policy)
{
    *t = (script){.now_ns = 1000 * S, .many = true};
    assert_int_equal(hf_schedule_new(boards, count, policy, t->now_ns, &t->schedule, NULL), HF_OK);
}

#endif
