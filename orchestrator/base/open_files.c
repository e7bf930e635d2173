/* SPDX-License-Identifier: Apache-2.0 */
#include "base/open_files.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

uint64_t hf_open_files_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max == RLIM_INFINITY)
        return UINT64_MAX;
    return limit.rlim_max;
}

hf_status hf_open_files_allow(uint64_t needed, hf_error *err)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= needed)
        return HF_OK;
    hf_error cause = {0};
    if (hf_open_files_limit() < needed) {
        (void)HF_FAIL_AS(&cause, HF_FAULT_FARM, HF_ELIMIT,
                         "%" PRIu64 " open files are needed, but only %" PRIu64
                         " are allowed: raise the hard limit (limits.conf(5), or LimitNOFILE= of a service)",
                         needed, (uint64_t)limit.rlim_max);
    } else {
        limit.rlim_cur = needed;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
            return HF_OK;
        (void)HF_FAIL_AS(&cause, HF_FAULT_FARM, HF_ELIMIT, "cannot allow %" PRIu64 " open files: %s", needed,
                         strerror(errno));
    }
    cause.lasting = HF_PERMANENT;
    return hf_error_pass(err, &cause);
}
