/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool process_start(process *child, const char *const *argv)
{
    int ends[2];
    *child = (process){.output_fd = -1};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        execvp(argv[0], (char *const *)argv);
        perror(argv[0]);
        _exit(127);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return false;
    }
    child->pid = pid;
    child->output_fd = ends[0];
    return true;
}

/* @return false at the end of the output, or if the deadline passes first */
static bool read_more(process *child, int64_t deadline)
{
    int64_t left = deadline - now_ms();
    struct pollfd waiting = {.fd = child->output_fd, .events = POLLIN};
    if (left <= 0 || poll(&waiting, 1, (int)left) <= 0)
        return false;
    char excess[4096];
    size_t room = sizeof child->output - 1 - child->output_size;
    ssize_t n = room ? read(child->output_fd, child->output + child->output_size, room)
                     : read(child->output_fd, excess, sizeof excess);
    if (n <= 0)
        return false;
    if (room)
        child->output_size += (size_t)n;
    child->output[child->output_size] = '\0';
    return true;
}

bool process_wait_output(process *child, const char *text, int deadline_ms)
{
    int64_t deadline = now_ms() + deadline_ms;
    while (!strstr(child->output, text))
        if (!read_more(child, deadline))
            return false;
    return true;
}

int process_wait_exit(process *child, int deadline_ms)
{
    if (child->pid == 0)
        return -1;
    int64_t deadline = now_ms() + deadline_ms;
    while (read_more(child, deadline))
        ;
    /* The loop ends when the process closes its output or the deadline passes; in the latter
     * case, kill it. */
    bool killed = now_ms() >= deadline;
    if (killed)
        kill(child->pid, SIGKILL);
    int status = 0;
    waitpid(child->pid, &status, 0);
    close(child->output_fd);
    child->pid = 0;
    if (killed)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int process_stop(process *child, int deadline_ms)
{
    if (child->pid)
        kill(child->pid, SIGTERM);
    return process_wait_exit(child, deadline_ms);
}
