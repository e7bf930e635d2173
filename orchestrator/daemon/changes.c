/* SPDX-License-Identifier: Apache-2.0 */
#include "changes.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "log.h"

#define MOST_BYTES 4096

static char *path_of(const hf_daemon *daemon, const char *spool_key)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s.json", daemon->changes_path, spool_key) < 0 ? NULL : path;
}

hf_status hf_changes_save(const hf_daemon *daemon, const char *spool_key, const hf_changes *changes,
                          hf_error *err)
{
    char *path = path_of(daemon, spool_key);
    json_t *object = json_pack("{s:i, s:b, s:s}", "priority", (int)changes->priority, "stop",
                               (int)changes->stop, "stop_reason", changes->stop_reason);
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    hf_status status = path && text ? hf_make_dirs(daemon->changes_path, err)
                                    : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to keep a change");
    if (status == HF_OK)
        status = hf_file_write(path, text, strlen(text), err);
    json_decref(object);
    free(text);
    free(path);
    return status;
}

bool hf_changes_load(const hf_daemon *daemon, const char *spool_key, hf_changes *out)
{
    char *path = path_of(daemon, spool_key);
    uint8_t *text = NULL;
    size_t size;
    hf_error err = {0};
    if (!path || access(path, F_OK) < 0 || hf_file_read(path, MOST_BYTES, &text, &size, &err) != HF_OK) {
        if (err.status != HF_OK)
            hf_log_error("changes of a run", &err);
        free(path);
        return false;
    }
    const char *reason = "";
    int priority = 0, stop = 0;
    json_t *object = json_loadb((const char *)text, size, 0, NULL);
    const bool read = object && json_unpack(object, "{s:i, s:b, s:s}", "priority", &priority, "stop", &stop,
                                            "stop_reason", &reason) == 0;
    if (read) {
        *out = (hf_changes){.priority = priority, .stop = stop};
        snprintf(out->stop_reason, sizeof out->stop_reason, "%s", reason);
    } else {
        hf_log(HF_LOG_ERROR, "%s is damaged and ignored", path);
    }
    json_decref(object);
    free(text);
    free(path);
    return read;
}

void hf_changes_remove(const hf_daemon *daemon, const char *spool_key)
{
    char *path = path_of(daemon, spool_key);
    if (path)
        unlink(path);
    free(path);
}
