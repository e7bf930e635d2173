/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "board.h"

#define EXIT_FAILED    1
#define EXIT_BAD_INPUT 2

static const char usage[] =
    "usage: hilfarm-vboard --chip NAME --socket PATH [option ...]\n"
    "A virtual board: a JTAG target for stock OpenOCD (remote_bitbang) with a serial port on a pty.\n"
    "\n"
    "  --chip NAME        stm32l4r5zi or stm32f767zi\n"
    "  --socket PATH      where OpenOCD attaches: a unix socket, at most 107 bytes\n"
    "  --pty-link PATH    make a symbolic link to the serial port's pty there\n"
    "  --flash-time N     erasing and programming take N % of the data sheet's time (default 100; 0 = none)\n"
    "  --oscillators LIST what feeds the chip, separated by commas, instead of what the board has as "
    "delivered:\n"
    "                       hse     8 MHz on OSC_IN\n"
    "                       lse     a crystal of 32,768 Hz\n"
    "                       none\n"
    "  --flash FILE       keep the flash's contents in this file from one run to the next\n"
    "  --cpu N            run on this CPU only (best the one OpenOCD runs on)\n"
    "  --die-with-parent[=PID]  end when the thread that started this process ends; with PID, also if that\n"
    "                     is not the parent any more at the start\n"
    "  --fault LIST       faults to inject, separated by commas:\n"
    "                       jtag-wait=N    every N-th DP or AP access answers WAIT\n"
    "                       die-after=N    crash after N DP or AP accesses\n"
    "                       uart-mute      nothing is ever sent\n"
    "                       uart-garble=N  a bit flipped in about every N-th byte sent\n"
    "                       uart-drop=N    about every N-th byte sent is lost\n"
    "                       dead=PART      msi, hsi, pll, regulator, over-drive or over-drive-switch never "
    "ready\n"
    "  --fault-seed N     which bytes they hit (default 1)\n"
    "  --help, --version\n"
    "\n"
    "When OpenOCD can attach, one line is printed: ready chip=... socket=... pty=...\n"
    "SIGTERM or SIGINT end it.\n";

struct options {
    vb_board_options board;
    long cpu; /* -1 = any */
    bool die_with_parent;
    pid_t parent;
};

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
    fprintf(stderr,
            "hilfarm-vboard: --fault: \"%s%s%s\": expected jtag-wait=N, die-after=N, uart-mute, dead=PART, "
            "uart-garble=N or uart-drop=N with N from 1 to %u\n",
            fault, value ? "=" : "", value ? value : "", UINT32_MAX);
    return false;
}

static bool parse_faults(char *list, vb_board_options *board)
{
    char *rest = list;
    for (char *fault; (fault = strsep(&rest, ","));)
        if (!parse_fault(fault, board))
            return false;
    return true;
}

static bool parse_oscillators(char *list, vb_board_options *board)
{
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

/* @return -1 = go on, otherwise the exit status */
static int parse_options(int argc, char **argv, struct options *options)
{
    enum {
        CHIP = 256,
        SOCKET,
        PTY_LINK,
        FLASH,
        FLASH_TIME,
        OSCILLATORS,
        CPU,
        DIE_WITH_PARENT,
        FAULT,
        FAULT_SEED,
        HELP,
        VERSION
    };
    static const struct option names[] = {
        {"chip", required_argument, NULL, CHIP},
        {"socket", required_argument, NULL, SOCKET},
        {"pty-link", required_argument, NULL, PTY_LINK},
        {"flash", required_argument, NULL, FLASH},
        {"flash-time", required_argument, NULL, FLASH_TIME},
        {"oscillators", required_argument, NULL, OSCILLATORS},
        {"cpu", required_argument, NULL, CPU},
        {"die-with-parent", optional_argument, NULL, DIE_WITH_PARENT},
        {"fault", required_argument, NULL, FAULT},
        {"fault-seed", required_argument, NULL, FAULT_SEED},
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION},
        {NULL, 0, NULL, 0},
    };
    *options =
        (struct options){.cpu = -1, .parent = getppid(), .board = {.serial.seed = 1, .flash_percent = 100}};
    for (int name; (name = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        unsigned long long n;
        switch (name) {
        case CHIP:
            options->board.chip = optarg;
            break;
        case SOCKET:
            options->board.socket_path = optarg;
            break;
        case PTY_LINK:
            options->board.pty_link = optarg;
            break;
        case FLASH:
            options->board.flash_path = optarg;
            break;
        case FLASH_TIME:
            if (!parse_number(optarg, 0, 10000, &n)) {
                fprintf(stderr, "hilfarm-vboard: --flash-time: \"%s\" is not a number from 0 to 10000\n",
                        optarg);
                return EXIT_BAD_INPUT;
            }
            options->board.flash_percent = (uint32_t)n;
            break;
        case OSCILLATORS:
            if (!parse_oscillators(optarg, &options->board))
                return EXIT_BAD_INPUT;
            break;
        case CPU:
            if (!parse_number(optarg, 0, CPU_SETSIZE - 1, &n)) {
                fprintf(stderr, "hilfarm-vboard: --cpu: \"%s\" is not a CPU number\n", optarg);
                return EXIT_BAD_INPUT;
            }
            options->cpu = (long)n;
            break;
        case DIE_WITH_PARENT:
            options->die_with_parent = true;
            if (!optarg)
                break;
            if (!parse_number(optarg, 1, INT32_MAX, &n)) {
                fprintf(stderr, "hilfarm-vboard: --die-with-parent: \"%s\" is not a process id\n", optarg);
                return EXIT_BAD_INPUT;
            }
            options->parent = (pid_t)n;
            break;
        case FAULT:
            if (!parse_faults(optarg, &options->board))
                return EXIT_BAD_INPUT;
            break;
        case FAULT_SEED:
            if (!parse_number(optarg, 0, UINT64_MAX, &n)) {
                fprintf(stderr, "hilfarm-vboard: --fault-seed: \"%s\" is not a number\n", optarg);
                return EXIT_BAD_INPUT;
            }
            options->board.serial.seed = n;
            break;
        case HELP:
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        case VERSION:
            printf("hilfarm-vboard %s\n", HILFARM_VERSION);
            return EXIT_SUCCESS;
        default: /* getopt_long() has said what */
            fputs("try: hilfarm-vboard --help\n", stderr);
            return EXIT_BAD_INPUT;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "hilfarm-vboard: \"%s\": no such argument; try --help\n", argv[optind]);
        return EXIT_BAD_INPUT;
    }
    if (!options->board.chip || !options->board.socket_path) {
        fprintf(stderr, "hilfarm-vboard: %s is missing; try --help\n",
                options->board.chip ? "--socket PATH" : "--chip NAME");
        return EXIT_BAD_INPUT;
    }
    return -1;
}

static bool prepare_process(const struct options *options)
{
    if (options->die_with_parent) {
        if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) {
            fprintf(stderr, "hilfarm-vboard: PR_SET_PDEATHSIG: %s\n", strerror(errno));
            return false;
        }
        if (getppid() != options->parent) { /* it died before the signal was asked for */
            fprintf(stderr, "hilfarm-vboard: --die-with-parent: the parent has gone already\n");
            return false;
        }
    }
    if (options->cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((size_t)options->cpu, &set);
        if (sched_setaffinity(0, sizeof set, &set) != 0) {
            fprintf(stderr, "hilfarm-vboard: --cpu %ld: %s\n", options->cpu, strerror(errno));
            return false;
        }
    }
    return true;
}

/* SIGTERM and SIGINT as a descriptor, so that the loop can wait for them. */
static int open_stop_fd(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
        return -1;
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int main(int argc, char **argv)
{
    struct options options;
    int status = parse_options(argc, argv, &options);
    if (status >= 0)
        return status;
    int stop_fd = open_stop_fd();
    if (stop_fd < 0) {
        fprintf(stderr, "hilfarm-vboard: signalfd: %s\n", strerror(errno));
        return EXIT_FAILED;
    }
    if (!prepare_process(&options))
        return EXIT_FAILED;

    vb_board *board = vb_board_new(&options.board);
    if (!board)
        return EXIT_FAILED;
    printf("ready chip=%s socket=%s pty=%s\n", options.board.chip, options.board.socket_path,
           vb_board_pty(board));
    fflush(stdout);
    bool ran = vb_board_run(board, stop_fd) == 0;
    status = vb_board_save_flash(board) && ran ? EXIT_SUCCESS : EXIT_FAILED;
    vb_board_free(board);
    close(stop_fd);
    return status;
}
