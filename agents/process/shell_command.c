/* SPDX-License-Identifier: Apache-2.0 */
#include "process/shell_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/child.h"

#define STOP_MS 500u

/* POSIX.1-2017, Shell Command Language, 2.8.2: what the shell exits with if a command cannot be executed or is
 * not found. */
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND      127

static void keep_last_line(void *user, const char *line)
{
    char *last = user;
    if (line[0])
        snprintf(last, 128, "%s", line);
}

/* @return HF_ECHILD once it has exited, else why the wait ended */
static hf_status wait_for_exit(const hf_shell_command *command, hf_child *child, hf_error *err)
{
    hf_watch watch = HF_WATCH_INIT;
    if (command->watch)
        watch = *command->watch;
    const hf_deadline deadline = hf_deadline_in_ms(command->limit_ms);
    hf_status status = hf_watch_add(&watch, hf_child_fd(child), hf_child_ready, child, err);
    if (status != HF_OK)
        return status;
    status = hf_watch_wait(&watch, hf_child_exit_fd(child), POLLIN, deadline, err);
    if (status == HF_OK)
        return HF_ECHILD;
    if (status != HF_ECHILD)
        return status;
    /* It closed its output, but may still run. */
    status = hf_watch_wait(command->watch, hf_child_exit_fd(child), POLLIN, deadline, err);
    return status == HF_OK ? HF_ECHILD : status;
}

/* The environment of this process with the command's variables. @return owned array of borrowed strings, or
 * NULL */
static const char **make_environment(const hf_shell_command *command)
{
    size_t inherited = 0, added = 0, used = 0;
    while (environ[inherited])
        inherited++;
    while (command->variables && command->variables[added])
        added++;
    const char **environment = calloc(inherited + added + 1, sizeof *environment);
    /* First, because of two equal names most programs take the first. */
    for (size_t i = 0; environment && i < added; i++)
        environment[used++] = command->variables[i];
    for (size_t i = 0; environment && i < inherited; i++)
        environment[used++] = environ[i];
    return environment;
}

static const char *shown(const hf_shell_command *command)
{
    return command->shown ? command->shown : command->text;
}

/* The command exited with a status other than 0, or -1 = was killed by a signal. */
static hf_status exit_failure(const hf_shell_command *command, int exit_status, const char *last_line,
                              hf_error *err)
{
    if (exit_status < 0)
        return HF_FAIL_AS(err, command->fault, HF_ECHILD, "%s: '%s' was killed by a signal", command->name,
                          shown(command));
    const bool missing = exit_status == EXIT_NOT_EXECUTABLE || exit_status == EXIT_NOT_FOUND;
    hf_error cause = {0};
    (void)HF_FAIL_AS(&cause, missing && command->for_all_boards ? HF_FAULT_FARM : command->fault, HF_ECHILD,
                     "%s: '%s' exited with status %d%s%s", command->name, shown(command), exit_status,
                     last_line[0] ? ": " : "", last_line);
    if (missing)
        cause.lasting = HF_PERMANENT; /* until somebody corrects the command or installs the program */
    return hf_error_pass(err, &cause);
}

hf_status hf_shell_command_run(const hf_shell_command *command, hf_error *err)
{
    const char *const argv[] = {"/bin/sh", "-c", command->text, NULL};
    char last[128] = "";
    const char **environment = make_environment(command);
    if (!environment)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    const hf_child_options options = {
        .name = command->name,
        .argv = argv,
        .environment = environment,
        .cpu = -1,
        .fault = command->fault,
        .transcript = command->transcript,
        .speaker = HF_SPEAKER_COMMAND,
        .line = keep_last_line,
        .line_user = last,
    };
    hf_child *child = NULL;
    hf_error cause = {0};
    if (command->exit_status)
        *command->exit_status = -1;
    hf_transcript_note(command->transcript, "%s: %s", command->name, shown(command));
    hf_status status = hf_child_start(&options, &child, &cause);
    free(environment); /* the child has its copy */
    if (status != HF_OK)
        return hf_error_pass(err, &cause);
    status = wait_for_exit(command, child, &cause);
    if (status == HF_ECHILD) {
        hf_child_alive(child); /* reads the rest of its output */
        const int exit_status = hf_child_exit_status(child);
        if (command->exit_status)
            *command->exit_status = exit_status;
        status = exit_status == 0 ? HF_OK : exit_failure(command, exit_status, last, err);
    } else if (status == HF_ETIMEOUT) {
        status = HF_FAIL_AS(err, command->fault, HF_ETIMEOUT, "%s: '%s' did not exit within %u ms",
                            command->name, shown(command), (unsigned)command->limit_ms);
    } else {
        status = hf_error_pass(err, &cause);
    }
    hf_child_stop(child, STOP_MS);
    return status;
}
