/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/shell_command.h"

#define FILE_VARIABLE "HILFARM_SUMMARY"

/* A new file with the summary. @param path receives its name, owned; it exists on HF_OK only */
static hf_status write_summary(const hf_notice *notice, char **path, hf_error *err)
{
    const char *folder = getenv("TMPDIR");
    char *name = NULL;
    if (asprintf(&name, "%s/hilfarm-summary-XXXXXX", folder && *folder ? folder : "/tmp") < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to notify anyone");
    const int fd = mkstemp(name);
    hf_status status = HF_OK;
    if (fd < 0 || write(fd, notice->json, notice->size_bytes) != (ssize_t)notice->size_bytes)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot write the summary for --notify to %s: %s",
                            name, strerror(errno));
    if (fd >= 0)
        close(fd);
    if (status == HF_OK) {
        *path = name;
        return HF_OK;
    }
    if (fd >= 0)
        unlink(name);
    free(name);
    return status;
}

/* The notice's variables and that of the file. @return owned array, whose last text is owned too; NULL = no memory */
static const char **add_variable(const hf_notice *notice, char *file)
{
    size_t count = 0;
    while (notice->variables && notice->variables[count])
        count++;
    const char **all = calloc(count + 2, sizeof *all);
    for (size_t i = 0; all && i < count; i++)
        all[i] = notice->variables[i];
    if (all)
        all[count] = file;
    return all;
}

hf_status hf_notify_command(const char *command, const hf_notice *notice, uint32_t limit_ms, hf_error *err)
{
    char *path = NULL, *text = NULL, *variable = NULL;
    hf_status status = write_summary(notice, &path, err);
    if (status != HF_OK)
        return status;
    /* In braces, so that the redirection is that of the whole command. */
    if (asprintf(&text, "{ %s\n} <\"$" FILE_VARIABLE "\"", command) < 0)
        text = NULL;
    if (asprintf(&variable, FILE_VARIABLE "=%s", path) < 0)
        variable = NULL;
    const char **variables = variable ? add_variable(notice, variable) : NULL;
    if (text && variables) {
        const hf_shell_command shell = {.name = "--notify",
                                        .text = text,
                                        .shown = command,
                                        .variables = variables,
                                        .limit_ms = limit_ms,
                                        .fault = HF_FAULT_FARM};
        status = hf_shell_command_run(&shell, err);
    } else {
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to notify anyone");
    }
    unlink(path);
    free(variables);
    free(variable);
    free(text);
    free(path);
    return status;
}
