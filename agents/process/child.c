/* SPDX-License-Identifier: Apache-2.0 */
#include "process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/close_range.h>

#include "find_program.h"

#define LINE_BYTES   512u
#define EXEC_WAIT_MS 5000u /* the program may be on a dead network file system */

struct hf_child {
    const char *name;
    pid_t pid;
    int pidfd;
    int output_fd;
    bool ended; /* output closed, or process exited */
    hf_fault fault;
    hf_transcript *transcript;
    hf_speaker speaker;
    void (*line)(void *user, const char *line);
    void *line_user;
    char text[LINE_BYTES];
    size_t text_used;
};

/* After fork() in a program with threads only async-signal-safe calls are allowed (signal-safety(7)).
 * prctl(2), sched_setaffinity(2) and close_range(2) are not on that list, but glibc implements them as bare
 * system calls. */
static _Noreturn void run_in_child(const hf_child_options *options, const char *program, pid_t parent,
                                   int null_fd, int output_fd, int error_fd)
{
    setpgid(0, 0);
    /* If the parent died between fork() and prctl(), the signal would never come. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(127);
    if (options->cpu >= 0 && options->cpu < CPU_SETSIZE) {
        cpu_set_t cpus;
        CPU_ZERO(&cpus);
        CPU_SET((size_t)options->cpu, &cpus);
        sched_setaffinity(0, sizeof cpus, &cpus); /* fails if the CPU is offline, which costs speed only */
    }
    const int defaults[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD};
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
        signal(defaults[i], SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(null_fd, 0) >= 0 && dup2(output_fd, 1) >= 0 && dup2(output_fd, 2) >= 0) {
        /* Another thread or a library may have opened a descriptor without O_CLOEXEC. */
        close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
        /* execve() takes char *const *, but does not modify the strings (exec(3p), "Rationale"). */
        execve(program, (char *const *)options->argv,
               options->environment ? (char *const *)options->environment : environ);
    }
    int cause = errno;
    if (write(error_fd, &cause, sizeof cause) != (ssize_t)sizeof cause)
        _exit(126);
    _exit(127);
}

/* Waits until the process has exited; it is not reaped. @return false if the deadline passed first */
static bool wait_end(const hf_child *child, hf_deadline deadline)
{
    struct pollfd polled = {child->pidfd, POLLIN, 0};
    for (;;) {
        int ready = poll(&polled, 1, hf_deadline_left_ms(deadline));
        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

static hf_status cannot_execute(const hf_child *child, const char *program, int cause, hf_error *err)
{
    hf_status status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ECHILD, "cannot start %s: '%s': %s", child->name,
                                  program, strerror(cause));
    /* Permanent, unless the system is only short of resources at the moment. */
    if (err && cause != EAGAIN && cause != ENOMEM && cause != EMFILE && cause != ENFILE && cause != ETXTBSY)
        err->lasting = HF_PERMANENT;
    return status;
}

static hf_status await_exec(hf_child *child, int error_fd, const char *program, hf_error *err)
{
    int cause = 0;
    hf_status status = hf_watch_wait(NULL, error_fd, POLLIN, hf_deadline_in_ms(EXEC_WAIT_MS), err);
    if (status == HF_ETIMEOUT)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ETIMEOUT, "cannot start %s: '%s' did not load within %u ms",
                          child->name, program, EXEC_WAIT_MS);
    if (status != HF_OK)
        return status;
    ssize_t got = read(error_fd, &cause, sizeof cause);
    if (got == (ssize_t)sizeof cause)
        return cannot_execute(child, program, cause, err);
    return HF_OK; /* exec closed it */
}

static hf_status launch(hf_child *child, const hf_child_options *options, hf_error *err)
{
    int output[2] = {-1, -1};
    int exec_error[2] = {-1, -1};
    char program[PATH_MAX];
    const int missing = hf_program_find(options->argv[0], program, sizeof program);
    if (missing)
        return cannot_execute(child, options->argv[0], missing, err);
    hf_status status = HF_OK;
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null_fd < 0 || pipe2(output, O_CLOEXEC) != 0 || pipe2(exec_error, O_CLOEXEC) != 0) {
        status =
            HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot start %s: pipe: %s", child->name, strerror(errno));
        goto done;
    }
    fcntl(output[0], F_SETFL, O_NONBLOCK);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        run_in_child(options, program, parent, null_fd, output[1], exec_error[1]);
    if (pid < 0) {
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ECHILD, "cannot start %s: fork: %s", child->name,
                            strerror(errno));
        goto done;
    }
    setpgid(pid, pid); /* both sides do it, whichever runs first; fails harmlessly after exec */
    child->pid = pid;
    child->pidfd = pidfd_open(pid, 0);
    if (child->pidfd < 0) {
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot start %s: pidfd_open: %s", child->name,
                            strerror(errno));
        goto done;
    }
    child->output_fd = output[0];
    output[0] = -1;
    close(exec_error[1]);
    exec_error[1] = -1;
    status = await_exec(child, exec_error[0], options->argv[0], err);
    if (status == HF_OK)
        hf_transcript_note(child->transcript, "%s is process %ld", child->name, (long)pid);
done:
    for (int i = 0; i < 2; i++) {
        if (output[i] >= 0)
            close(output[i]);
        if (exec_error[i] >= 0)
            close(exec_error[i]);
    }
    if (null_fd >= 0)
        close(null_fd);
    return status;
}

hf_status hf_child_start(const hf_child_options *options, hf_child **out, hf_error *err)
{
    hf_child *child = calloc(1, sizeof *child);
    if (!child)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "cannot start %s: out of memory", options->name);
    child->name = options->name;
    child->pidfd = -1;
    child->output_fd = -1;
    child->fault = options->fault;
    child->transcript = options->transcript;
    child->speaker = options->speaker;
    child->line = options->line;
    child->line_user = options->line_user;
    hf_status status = launch(child, options, err);
    if (status != HF_OK) {
        hf_child_stop(child, 0);
        return status;
    }
    *out = child;
    return HF_OK;
}

void hf_child_on_line(hf_child *child, void (*line)(void *user, const char *line), void *line_user)
{
    child->line = line;
    child->line_user = line_user;
}

pid_t hf_child_pid(const hf_child *child)
{
    return child->pid;
}

int hf_child_fd(const hf_child *child)
{
    return child->output_fd;
}

int hf_child_exit_fd(const hf_child *child)
{
    return child->pidfd;
}

static void report_lines(hf_child *child, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n') {
            if (child->text_used < LINE_BYTES - 1)
                child->text[child->text_used++] = bytes[i];
            continue;
        }
        child->text[child->text_used] = '\0';
        child->text_used = 0;
        if (child->line)
            child->line(child->line_user, child->text);
    }
}

static void drain(hf_child *child)
{
    char bytes[4096];
    while (!child->ended) {
        ssize_t got = read(child->output_fd, bytes, sizeof bytes);
        if (got > 0) {
            hf_transcript_stream(child->transcript, child->speaker, bytes, (size_t)got);
            report_lines(child, bytes, (size_t)got);
        } else if (got == 0) {
            child->ended = true;
        } else if (errno != EINTR) {
            break; /* EAGAIN: nothing more for now */
        }
    }
    /* Something it started may hold the pipe open after it. */
    if (!child->ended && wait_end(child, hf_deadline_in_ms(0)))
        child->ended = true;
}

static void describe_end(const hf_child *child, char *text, size_t size)
{
    siginfo_t info = {0};
    /* WNOWAIT leaves the zombie for hf_child_stop(), so that its process group cannot be reused before. */
    if (!wait_end(child, hf_deadline_in_ms(200)) ||
        waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT | WNOHANG) != 0 || info.si_pid == 0)
        snprintf(text, size, "closed its output");
    else if (info.si_code == CLD_EXITED)
        snprintf(text, size, "exited with status %d", info.si_status);
    else
        snprintf(text, size, "was killed by signal %d (%s)", info.si_status, strsignal(info.si_status));
}

hf_status hf_child_ready(void *user, hf_error *err)
{
    hf_child *child = user;
    drain(child);
    if (!child->ended)
        return HF_OK;
    char how[80];
    describe_end(child, how, sizeof how);
    /* Without the process id, so that equal failures have equal messages; the transcript has it. */
    return HF_FAIL_AS(err, child->fault, HF_ECHILD, "%s %s", child->name, how);
}

int hf_child_exit_status(const hf_child *child)
{
    siginfo_t info = {0};
    bool ended = waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid != 0;
    return ended && info.si_code == CLD_EXITED ? info.si_status : -1;
}

bool hf_child_alive(hf_child *child)
{
    drain(child);
    return !child->ended;
}

hf_status hf_child_ended(hf_child *child, uint32_t wait_ms, hf_error *err)
{
    wait_end(child, hf_deadline_in_ms(wait_ms));
    return hf_child_ready(child, err);
}

void hf_child_stop(hf_child *child, uint32_t stop_ms)
{
    if (!child)
        return;
    if (child->pid > 0) {
        kill(-child->pid, SIGTERM);
        kill(child->pid, SIGTERM); /* it may not have joined its own group yet */
        if (child->pidfd >= 0 && !wait_end(child, hf_deadline_in_ms(stop_ms)))
            hf_transcript_note(child->transcript, "%s did not stop within %u ms; killing it", child->name,
                               stop_ms);
        /* Before reaping it: until then the process group id cannot be reused. */
        kill(-child->pid, SIGKILL);
        kill(child->pid, SIGKILL);
        if (child->output_fd >= 0)
            drain(child);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (child->pidfd >= 0)
        close(child->pidfd);
    if (child->output_fd >= 0)
        close(child->output_fd);
    free(child);
}
