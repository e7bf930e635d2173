/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks and free disk space. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#include "base/clock.h"
#include "checks.h"

#define READINGS     10000
#define COARSE_NS    1000         /* hilfarm compares core clocks to a fraction of a per cent */
#define USELESS_NS   HF_NS_PER_MS /* tick of a kernel without a clock source */
#define YEAR_2025_MS (INT64_C(1735689600) * 1000) /* 2025-01-01 UTC; hilfarm is younger */
#define MIB          (UINT64_C(1) << 20)
#define SPACE_LOW    (1024 * MIB)
#define SPACE_NONE   (64 * MIB)

static bool goes_forward(void)
{
    uint64_t first = hf_now_ns(), last = first;
    for (int i = 0; i < READINGS; i++) {
        uint64_t now = hf_now_ns();
        if (now < last)
            return false;
        last = now;
    }
    return last > first;
}

/* The kernel's clock source, "tsc"; "unknown" if it does not tell. */
static void read_source(char source[32])
{
    FILE *file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
    snprintf(source, 32, "unknown");
    if (!file)
        return;
    if (fgets(source, 32, file))
        source[strcspn(source, "\n")] = '\0';
    fclose(file);
}

static void check_clocks(const hf_doctor_options *options)
{
    static const char remedy[] = "boot with another clock source (kernel parameter clocksource=)";
    char source[32];
    struct timespec step = {0};
    read_source(source);
    clock_getres(CLOCK_MONOTONIC, &step);
    const uint64_t step_ns = (uint64_t)step.tv_sec * HF_NS_PER_S + (uint64_t)step.tv_nsec;
    if (!goes_forward())
        hf_doctor_report(options, HF_VERDICT_FAIL, "clock", remedy,
                         "the monotonic clock (%s) stands still or goes back", source);
    else
        hf_doctor_report(options,
                         step_ns >= USELESS_NS ? HF_VERDICT_FAIL
                         : step_ns > COARSE_NS ? HF_VERDICT_WARN
                                               : HF_VERDICT_OK,
                         "clock", step_ns > COARSE_NS ? remedy : NULL,
                         "monotonic, source %s, resolution %" PRIu64 " ns", source, step_ns);
    if (hf_wall_ms() < YEAR_2025_MS)
        hf_doctor_report(options, HF_VERDICT_WARN, "clock", "set it, for example with systemd-timesyncd",
                         "the date is wrong, so the dates of runs will be wrong");
}

void hf_check_free_space(const hf_doctor_options *options, const char *folder, uint64_t free_bytes)
{
    hf_verdict verdict = free_bytes < SPACE_NONE  ? HF_VERDICT_FAIL
                         : free_bytes < SPACE_LOW ? HF_VERDICT_WARN
                                                  : HF_VERDICT_OK;
    hf_doctor_report(options, verdict, "disk",
                     verdict == HF_VERDICT_OK ? NULL
                                              : "delete files, or choose another place with --db or TMPDIR",
                     "%" PRIu64 " MiB free in %s", free_bytes / MIB, folder);
}

static void check_space(const hf_doctor_options *options, const char *folder)
{
    struct statvfs info;
    if (statvfs(folder, &info) == 0 && info.f_blocks) /* not /proc and the like */
        hf_check_free_space(options, folder, (uint64_t)info.f_bavail * info.f_frsize);
}

void hf_check_host(const hf_doctor_options *options)
{
    check_clocks(options);
    char path[4096];
    snprintf(path, sizeof path, "%s", options->store_path);
    check_space(options, hf_doctor_existing_folder(path));
    const char *temporary = getenv("TMPDIR");
    check_space(options, temporary && *temporary == '/' ? temporary : "/tmp");
}
