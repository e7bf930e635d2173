/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "options.h"

static bool prepare_process(const vb_options *options)
{
    if (options->die_with_parent) {
        if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) {
            fprintf(stderr, "hilfarm-vboard: PR_SET_PDEATHSIG: %s\n", strerror(errno));
            return false;
        }
        if (getppid() != options->parent) { /* it died before the signal was requested */
            fprintf(stderr, "hilfarm-vboard: --die-with-parent: the parent is gone\n");
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

/* Turns SIGTERM and SIGINT into a descriptor that the loop can wait for. */
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
    /* If the caller closed a standard descriptor, no message may go to the socket or pty that gets its number. */
    int spare_fd = open("/dev/null", O_RDWR);
    while (spare_fd >= 0 && spare_fd <= STDERR_FILENO)
        spare_fd = open("/dev/null", O_RDWR);
    if (spare_fd >= 0)
        close(spare_fd);

    vb_options options;
    int status = vb_options_parse(argc, argv, &options);
    if (status >= 0)
        return status;
    int stop_fd = open_stop_fd();
    if (stop_fd < 0) {
        fprintf(stderr, "hilfarm-vboard: signalfd: %s\n", strerror(errno));
        return VB_EXIT_FAILED;
    }
    if (!prepare_process(&options))
        return VB_EXIT_FAILED;

    vb_board *board = vb_board_new(&options.board);
    if (!board)
        return VB_EXIT_FAILED;
    printf("ready chip=%s socket=%s pty=%s\n", options.board.chip, options.board.socket_path,
           vb_board_pty(board));
    fflush(stdout);
    bool ran = vb_board_run(board, stop_fd) == 0;
    status = vb_board_save_flash(board) && ran ? EXIT_SUCCESS : VB_EXIT_FAILED;
    vb_board_free(board);
    close(stop_fd);
    return status;
}
