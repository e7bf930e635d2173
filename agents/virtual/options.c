/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: hilfarm-vboard --chip NAME --socket PATH [option ...]\n"
    "A virtual board: a JTAG target for stock OpenOCD (remote_bitbang) with a serial port on a pty.\n"
    "\n"
    "  --chip NAME        stm32l4r5zi or stm32f767zi\n"
    "  --socket PATH      where OpenOCD attaches: a Unix socket, at most 107 bytes\n"
    "  --pty-link PATH    make a symbolic link to the serial port's pty there\n"
    "  --flash-time N     erasing and programming take N % of the data sheet's time (default 100; 0 = none)\n"
    "  --oscillators LIST clocks that the board feeds in, separated by commas, instead of its default:\n"
    "                       hse     8 MHz on OSC_IN\n"
    "                       lse     a crystal of 32,768 Hz\n"
    "                       none\n"
    "  --flash FILE       keep the flash's contents in this file from one run to the next\n"
    "  --cpu N            run on this CPU only (best the one OpenOCD runs on)\n"
    "  --die-with-parent[=PID]  exit when the thread that started this process ends; with PID, also if PID\n"
    "                     is no longer the parent at the start\n"
    "  --fault LIST       faults to inject, separated by commas:\n"
    "                       jtag-wait=N    every N-th DP or AP access answers WAIT\n"
    "                       jtag-wait-at=N the N-th alone answers WAIT\n"
    "                       die-after=N    crash after N DP or AP accesses\n"
    "                       uart-mute      nothing is sent\n"
    "                       uart-garble=N  flip a bit in about every N-th byte sent\n"
    "                       uart-drop=N    lose about every N-th byte sent\n"
    "                       dead=PART      never ready: msi, hsi, pll, regulator, over-drive, "
    "over-drive-switch\n"
    "  --fault-seed N     selects the bytes that are hit (default 1)\n"
    "  --help, --version\n"
    "\n"
    "Prints one line when OpenOCD can attach: ready chip=... socket=... pty=...\n"
    "SIGTERM or SIGINT ends it.\n";

static bool parse_number(const char *text, unsigned long long min, unsigned long long max,
                         unsigned long long *out)
{
    if (!text || *text < '0' || *text > '9')
        return false;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || *end || value < min || value > max)
        return false;
    *out = value;
    return true;
}

static bool parse_fault(char *fault, vb_board_options *board)
{
    char *value = strchr(fault, '=');
    if (value)
        *value++ = '\0';
    if (strcmp(fault, "uart-mute") == 0 && !value) {
        board->serial.mute = true;
        return true;
    }
    if (strcmp(fault, "dead") == 0 && value) {
        board->dead_part = value;
        return true;
    }
    unsigned long long n = 0;
    bool number = value && parse_number(value, 1, UINT32_MAX, &n);
    bool known = true;
    if (strcmp(fault, "jtag-wait") == 0)
        board->jtag_wait = (uint32_t)n;
    else if (strcmp(fault, "jtag-wait-at") == 0)
        board->jtag_wait_at = (uint32_t)n;
    else if (strcmp(fault, "die-after") == 0)
        board->die_after = n;
    else if (strcmp(fault, "uart-garble") == 0)
        board->serial.garble_every = (uint32_t)n;
    else if (strcmp(fault, "uart-drop") == 0)
        board->serial.drop_every = (uint32_t)n;
    else
        known = false;
    if (known && number)
        return true;
    fprintf(
        stderr,
        "hilfarm-vboard: --fault: \"%s%s%s\": expected jtag-wait=N, jtag-wait-at=N, die-after=N, uart-mute, "
        "dead=PART, uart-garble=N or uart-drop=N with N from 1 to %u\n",
        fault, value ? "=" : "", value ? value : "", UINT32_MAX);
    return false;
}

static bool parse_faults(char *list, vb_options *options)
{
    char *rest = list;
    for (char *fault; (fault = strsep(&rest, ","));)
        if (!parse_fault(fault, &options->board))
            return false;
    return true;
}

static bool parse_oscillators(char *list, vb_options *options)
{
    vb_board_options *board = &options->board;
    board->oscillators = true;
    char *rest = list;
    for (char *word; (word = strsep(&rest, ","));) {
        if (strcmp(word, "hse") == 0) {
            board->hse_hz = 8000000;
        } else if (strcmp(word, "lse") == 0) {
            board->lse = true;
        } else if (strcmp(word, "none") != 0) {
            fprintf(stderr, "hilfarm-vboard: --oscillators: \"%s\": expected hse, lse or none\n", word);
            return false;
        }
    }
    return true;
}

/* ---- one function per option: false after a message if its value is wrong ---- */

static bool set_chip(char *value, vb_options *options)
{
    options->board.chip = value;
    return true;
}

static bool set_socket(char *value, vb_options *options)
{
    options->board.socket_path = value;
    return true;
}

static bool set_pty_link(char *value, vb_options *options)
{
    options->board.pty_link = value;
    return true;
}

static bool set_flash(char *value, vb_options *options)
{
    options->board.flash_path = value;
    return true;
}

/* Parses a number within limits. @param expected ends the message "... is not ..." */
static bool number_option(const char *option, const char *value, unsigned long long min,
                          unsigned long long max, const char *expected, unsigned long long *out)
{
    if (parse_number(value, min, max, out))
        return true;
    fprintf(stderr, "hilfarm-vboard: --%s: \"%s\" is not %s\n", option, value, expected);
    return false;
}

static bool set_flash_time(char *value, vb_options *options)
{
    unsigned long long n;
    if (!number_option("flash-time", value, 0, 10000, "a number from 0 to 10000", &n))
        return false;
    options->board.flash_percent = (uint32_t)n;
    return true;
}

static bool set_cpu(char *value, vb_options *options)
{
    unsigned long long n;
    if (!number_option("cpu", value, 0, CPU_SETSIZE - 1, "a CPU number", &n))
        return false;
    options->cpu = (long)n;
    return true;
}

static bool set_die_with_parent(char *value, vb_options *options)
{
    unsigned long long n;
    options->die_with_parent = true;
    if (!value)
        return true;
    if (!number_option("die-with-parent", value, 1, INT32_MAX, "a process id", &n))
        return false;
    options->parent = (pid_t)n;
    return true;
}

static bool set_fault_seed(char *value, vb_options *options)
{
    unsigned long long n;
    if (!number_option("fault-seed", value, 0, UINT64_MAX, "a number", &n))
        return false;
    options->board.serial.seed = n;
    return true;
}

static const struct {
    const char *name;
    int argument; /* no_argument, required_argument, optional_argument */
    bool (*set)(char *value, vb_options *options);
} table[] = {
    {"chip", required_argument, set_chip},
    {"socket", required_argument, set_socket},
    {"pty-link", required_argument, set_pty_link},
    {"flash", required_argument, set_flash},
    {"flash-time", required_argument, set_flash_time},
    {"oscillators", required_argument, parse_oscillators},
    {"cpu", required_argument, set_cpu},
    {"die-with-parent", optional_argument, set_die_with_parent},
    {"fault", required_argument, parse_faults},
    {"fault-seed", required_argument, set_fault_seed},
    {"help", no_argument, NULL},
    {"version", no_argument, NULL},
};

#define OPTIONS (sizeof table / sizeof table[0])

/* @return -1 = the required options are there and nothing else, otherwise the exit status */
static int check_complete(int argc, char **argv, const vb_options *options)
{
    if (optind < argc) {
        fprintf(stderr, "hilfarm-vboard: \"%s\": unexpected argument; try --help\n", argv[optind]);
        return VB_EXIT_BAD_INPUT;
    }
    if (!options->board.chip || !options->board.socket_path) {
        fprintf(stderr, "hilfarm-vboard: %s is missing; try --help\n",
                options->board.chip ? "--socket PATH" : "--chip NAME");
        return VB_EXIT_BAD_INPUT;
    }
    return -1;
}

int vb_options_parse(int argc, char **argv, vb_options *options)
{
    struct option names[OPTIONS + 1] = {0};
    for (size_t i = 0; i < OPTIONS; i++)
        names[i] = (struct option){table[i].name, table[i].argument, NULL, 0};
    *options =
        (vb_options){.cpu = -1, .parent = getppid(), .board = {.serial.seed = 1, .flash_percent = 100}};
    for (int result, index = 0; (result = getopt_long(argc, argv, "", names, &index)) != -1;) {
        if (result != 0) { /* getopt_long() has printed what is wrong */
            fputs("try: hilfarm-vboard --help\n", stderr);
            return VB_EXIT_BAD_INPUT;
        }
        if (table[index].set) {
            if (!table[index].set(optarg, options))
                return VB_EXIT_BAD_INPUT;
        } else if (strcmp(table[index].name, "help") == 0) {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        } else {
            printf("hilfarm-vboard %s\n", HILFARM_VERSION);
            return EXIT_SUCCESS;
        }
    }
    return check_complete(argc, argv, options);
}
