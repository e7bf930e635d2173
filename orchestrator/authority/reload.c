/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority_state.h"
#include "base/file.h"

/* The number of a process that may be another one by now. @return 0 = none */
static pid_t read_pid(const char *path)
{
    uint8_t *text = NULL;
    size_t size = 0;
    char *end = NULL;
    if (hf_file_read(path, 32, &text, &size, NULL) != HF_OK)
        return 0;
    const long pid = strtol((char *)text, &end, 10);
    const bool ok = end != (char *)text && pid > 1;
    free(text);
    return ok ? (pid_t)pid : 0;
}

static bool is_server(pid_t pid)
{
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/%ld/comm", (long)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    const bool got = fgets(name, sizeof name, file) != NULL;
    fclose(file);
    return got && strcmp(name, "nats-server\n") == 0;
}

hf_status hf_authority_reload(const hf_authority *authority, hf_error *err)
{
    char path[PATH_MAX];
    hf_status status = hf_authority_path(authority, "nats-server.pid", path, err);
    if (status != HF_OK)
        return status;
    const pid_t pid = read_pid(path);
    if (!pid || !is_server(pid))
        return HF_FAIL(err, HF_ENOTFOUND, "the NATS server of %s is not running", authority->folder);
    if (kill(pid, SIGHUP) != 0) /* nats-server reads its configuration again */
        return HF_FAIL(err, HF_EIO,
                       "cannot tell the NATS server (process %ld) that its users have changed: %s. Run "
                       "`nats-server --signal reload=%ld` as its user or root",
                       (long)pid, strerror(errno), (long)pid);
    return HF_OK;
}
