/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks, free disk space, and the limits of this user. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>

#include "base/clock.h"
#include "base/open_files.h"
#include "board/board.h"
#include "checks.h"

#define READINGS     10000
#define COARSE_NS    1000         /* hilfarm compares core clocks to a fraction of a per cent */
#define USELESS_NS   HF_NS_PER_MS /* tick of a kernel without a clock source */
#define YEAR_2025_MS (INT64_C(1735689600) * 1000) /* 2025-01-01 UTC; hilfarm is younger */
#define MIB          (UINT64_C(1) << 20)
#define SPACE_LOW    (1024 * MIB)
#define SPACE_NONE   (64 * MIB)
/* One thread for each board, up to four processes (OpenOCD, hilfarm-vboard, commands of the farm file), and those of
 * hilfarm itself. RLIMIT_NPROC counts threads. */
#define TASKS_PER_BOARD 8u
#define OWN_TASKS       64u

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

/* Without a time service the host's clock may be off by some ten parts in a million, and with it the ratio of core clock
 * and host clock; dates of runs from several hosts may not be comparable. */
static void check_synchronised(const hf_doctor_options *options)
{
    struct timex now = {0};
    const int state = adjtimex(&now); /* modes = 0: only reads */
    if (state < 0)
        return;
    const bool synchronised = state != TIME_ERROR && !(now.status & STA_UNSYNC);
    hf_doctor_report(options, synchronised ? HF_DOCTOR_OK : HF_DOCTOR_WARN, "clock",
                     synchronised ? NULL : "start a time service: `sudo apt install systemd-timesyncd`",
                     synchronised
                         ? "synchronised by a time service"
                         : "no time service synchronises the date; the core clocks of boards are compared "
                           "with this clock (`hilfarm boards --check` does so)");
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
        hf_doctor_report(options, HF_DOCTOR_FAIL, "clock", remedy,
                         "the monotonic clock (%s) stands still or goes back", source);
    else
        hf_doctor_report(options,
                         step_ns >= USELESS_NS ? HF_DOCTOR_FAIL
                         : step_ns > COARSE_NS ? HF_DOCTOR_WARN
                                               : HF_DOCTOR_OK,
                         "clock", step_ns > COARSE_NS ? remedy : NULL,
                         "monotonic, source %s, resolution %" PRIu64 " ns", source, step_ns);
    if (hf_wall_ms() < YEAR_2025_MS)
        hf_doctor_report(options, HF_DOCTOR_WARN, "clock", "set it, for example with systemd-timesyncd",
                         "the date is wrong, so the dates of runs will be wrong");
    check_synchronised(options);
}

void hf_check_free_space(const hf_doctor_options *options, const char *folder, uint64_t free_bytes)
{
    hf_doctor_verdict verdict = free_bytes < SPACE_NONE  ? HF_DOCTOR_FAIL
                                : free_bytes < SPACE_LOW ? HF_DOCTOR_WARN
                                                         : HF_DOCTOR_OK;
    hf_doctor_report(options, verdict, "disk",
                     verdict == HF_DOCTOR_OK ? NULL
                                             : "delete files, or choose another place with --db or TMPDIR",
                     "%" PRIu64 " MiB free in %s", free_bytes / MIB, folder);
}

static void check_space(const hf_doctor_options *options, const char *folder)
{
    struct statvfs info;
    if (statvfs(folder, &info) == 0 && info.f_blocks) /* not /proc and the like */
        hf_check_free_space(options, folder, (uint64_t)info.f_bavail * info.f_frsize);
}

static void check_files_limit(const hf_doctor_options *options)
{
    hf_check_limit(
        options, "open files", hf_boards_open_files(options->farm->board_count), hf_open_files_limit(),
        "raise the hard limit nofile in /etc/security/limits.conf, or LimitNOFILE= of the service");
}

static void check_tasks_limit(const hf_doctor_options *options)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NPROC, &limit) != 0)
        return;
    const uint64_t allowed = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
    hf_check_limit(options, "processes and threads",
                   OWN_TASKS + (uint64_t)options->farm->board_count * TASKS_PER_BOARD, allowed,
                   "raise the limit nproc in /etc/security/limits.conf, or TasksMax= of the service");
}

void hf_check_limit(const hf_doctor_options *options, const char *what, uint64_t needed, uint64_t allowed,
                    const char *remedy)
{
    const bool enough = allowed >= needed;
    if (allowed == UINT64_MAX)
        hf_doctor_report(options, HF_DOCTOR_OK, "limits", NULL, "no limit on %s", what);
    else
        hf_doctor_report(options, enough ? HF_DOCTOR_OK : HF_DOCTOR_FAIL, "limits", enough ? NULL : remedy,
                         "%" PRIu64 " %s are allowed, %u board%s need%s about %" PRIu64, allowed, what,
                         options->farm->board_count, options->farm->board_count == 1 ? "" : "s",
                         options->farm->board_count == 1 ? "s" : "", needed);
}

void hf_check_host(const hf_doctor_options *options)
{
    check_clocks(options);
    check_files_limit(options);
    check_tasks_limit(options);
    char path[4096];
    snprintf(path, sizeof path, "%s", options->store_path);
    check_space(options, hf_doctor_existing_folder(path));
    const char *temporary = getenv("TMPDIR");
    check_space(options, temporary && *temporary == '/' ? temporary : "/tmp");
}
