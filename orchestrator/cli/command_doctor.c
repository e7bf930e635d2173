/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "commands.h"
#include "doctor/doctor.h"
#include "farm_hosts_access.h"
#include "input_files.h"
#include "locations.h"
#include "options.h"
#include "output.h"
#include "programs.h"

typedef struct values {
    const char *db, *farm;
    hf_cli_programs programs;
    bool json;
} values;

static const hf_cli_option options[] = {
    HF_CLI_OPTION_FARM(offsetof(values, farm)),
    HF_CLI_OPTION_DB(offsetof(values, db)),
    HF_CLI_OPTIONS_PROGRAMS(offsetof(values, programs)),
    {.name = "json",
     .help = "print the results as JSON",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, json)},
};

static const hf_cli_command command = {
    .synopsis = "doctor [options]",
    .description =
        "Checks OpenOCD and its scripts, the probes and ports of a farm and the permission to use them, "
        "clocks, limits, disk space, the store, the firmware images, the daemon and the NATS server of a "
        "farm of several hosts. Each line begins with "
        "ok, warn or "
        "fail; after warn and fail, the next line says how to fix it. Boards are not reset, and those in use "
        "are left alone: to try the boards, use `hilfarm boards --check`.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0 nothing failed, 2 bad input, 3 a check failed.\n"
             "Example:\n"
             "  hilfarm doctor --farm my_farm.yaml",
};

static void print_result(hf_doctor_verdict verdict, const char *subject, const char *text, const char *remedy)
{
    printf("%-5s %s: %s\n", hf_doctor_verdict_name(verdict), subject, text);
    if (remedy)
        printf("      to fix it: %s\n", remedy);
    fflush(stdout);
}

/* Where results go: as lines to standard output at once, or collected as JSON. */
typedef struct sink {
    hf_doctor_json *json; /* NULL = lines */
    bool failed;          /* a check did */
} sink;

static void take_result(void *user, hf_doctor_verdict verdict, const char *subject, const char *text,
                        const char *remedy)
{
    sink *to = user;
    to->failed |= verdict == HF_DOCTOR_FAIL;
    if (to->json)
        hf_doctor_json_add(to->json, verdict, subject, text, remedy);
    else
        print_result(verdict, subject, text, remedy);
}

static void report_clock(const char *subject, const hf_host_clock_difference *clock, sink *to)
{
    hf_buffer text = HF_BUFFER_INIT;
    if (!clock->known)
        return; /* an older agent */
    hf_buffer_puts(&text, "its clock is ");
    hf_host_clock_describe(clock, &text);
    const bool off = hf_host_clock_is_off(clock);
    if (off)
        hf_buffer_puts(&text,
                       ": times in its log cannot be compared with those of the farm, and certificates "
                       "are refused by a clock that is more than a day behind");
    take_result(to, off ? HF_DOCTOR_WARN : HF_DOCTOR_OK, subject, hf_buffer_text(&text),
                off ? "set the clocks of both hosts by NTP: `timedatectl set-ntp true`" : NULL);
    hf_buffer_free(&text);
}

/* The hosts of the farm, and why some cannot be used. */
static void examine_hosts(const hf_farm *farm, sink *to)
{
    hf_hosts *hosts = hf_cli_hosts();
    if (hosts)
        hf_hosts_compare_clocks(hosts);
    hf_host_state *states = hosts ? calloc(HF_HOSTS_MAX, sizeof *states) : NULL;
    const uint32_t count = states ? hf_hosts_list(hosts, states, HF_HOSTS_MAX) : 0;
    for (uint32_t i = 0; i < count; i++) {
        char subject[HF_ENVELOPE_NAME_SIZE + 8], text[96];
        if (hf_host_is_away(&states[i], hf_now_ns()))
            continue;
        snprintf(subject, sizeof subject, "host %s", states[i].name);
        snprintf(text, sizeof text, "hilfarm-agent %s, %u board%s", states[i].version, states[i].board_count,
                 states[i].board_count == 1 ? "" : "s");
        take_result(to, HF_DOCTOR_OK, subject, text, NULL);
        report_clock(subject, &states[i].clock, to);
    }
    hf_buffer problems = HF_BUFFER_INIT;
    if (hosts)
        hf_farm_hosts_problems(hosts, farm, &problems);
    char *rest = NULL;
    for (char *line = problems.data ? strtok_r(problems.data, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest)) {
        char *text = strstr(line, ": ");
        *text = '\0';
        take_result(to, HF_DOCTOR_FAIL, line, text + 2, "start hilfarm-agent there, and see its log");
    }
    hf_buffer_free(&problems);
    free(states);
}

static hf_exit examine(const values *v, hf_farm *farm, sink *to)
{
    hf_error err = {0}, unfound = {0};
    hf_discovery found = {0};
    if (hf_discover(&found, &err) != HF_OK)
        take_result(to, HF_DOCTOR_FAIL, "ports", err.message, "mount /sys");
    const hf_doctor_options checks = {.farm = farm,
                                      .found = &found,
                                      .openocd_path = v->programs.openocd,
                                      .vboard_path = v->programs.vboard,
                                      .firmware_dir = hf_cli_firmware_dir(v->programs.firmware_dir),
                                      .store_path = v->db,
                                      .report = take_result,
                                      .user = to};
    const hf_status hosts_found = hf_cli_find_hosts(NULL, farm, &unfound);
    hf_doctor_examine(&checks);
    if (hosts_found != HF_OK)
        take_result(to, HF_DOCTOR_FAIL, "hosts", unfound.message,
                    "see the NATS server above; start hilfarm-agent on the hosts");
    examine_hosts(farm, to);
    hf_discovery_free(&found);
    return to->failed ? HF_EXIT_FARM : HF_EXIT_OK;
}

int hf_command_doctor(int argc, char **argv)
{
    values v = {.db = hf_cli_default_store()};
    char **arguments;
    int argument_count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &argument_count, &exit_status))
        return exit_status;
    hf_farm *farm = NULL;
    exit_status = hf_cli_load_farm_file(v.farm, &farm);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    sink to = {.json = v.json ? hf_doctor_json_new() : NULL};
    exit_status = examine(&v, farm, &to);
    if (v.json) {
        hf_buffer text = HF_BUFFER_INIT;
        if (to.json)
            hf_doctor_json_render(to.json, &text);
        hf_exit written = hf_cli_write(&text, NULL);
        exit_status = written == HF_EXIT_OK ? exit_status : written;
        hf_buffer_free(&text);
    }
    hf_doctor_json_free(to.json);
    hf_farm_free(farm);
    return exit_status;
}
