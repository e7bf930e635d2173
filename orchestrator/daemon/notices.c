/* SPDX-License-Identifier: Apache-2.0 */
#include "notices.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "log.h"
#include "notify.h"

#define MOST_BYTES 4096
#define SUFFIX     ".json"

static bool is_wanted(const hf_daemon *daemon)
{
    return daemon->options->notify_command || daemon->options->webhook;
}

static char *path_of(const hf_daemon *daemon, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s" SUFFIX, daemon->notices_path, name) < 0 ? NULL : path;
}

void hf_notices_add(const hf_daemon_run *run)
{
    const hf_daemon *daemon = run->daemon;
    hf_error err = {0};
    if (!is_wanted(daemon) || !run->run_id)
        return;
    char *path = path_of(daemon, run->submitted.spool_key);
    json_t *object =
        json_pack("{s:s, s:I}", "run", run->submitted.key, "baseline_id", (json_int_t)run->plan.baseline_id);
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    hf_status status = path && text ? hf_make_dirs(daemon->notices_path, &err)
                                    : HF_FAIL(&err, HF_ENOMEM, "no memory for the notification of a run");
    if (status == HF_OK && path && text)
        status = hf_file_write(path, text, strlen(text), &err);
    if (status != HF_OK)
        hf_log_error("a notification that is due cannot be noted", &err);
    json_decref(object);
    free(text);
    free(path);
}

static void forget(const hf_daemon *daemon, const char *name)
{
    char *path = path_of(daemon, name);
    if (path)
        unlink(path);
    free(path);
}

/* @param run the run's key or number */
static void send_notice_of(const hf_daemon *daemon, const char *name, const char *run, int64_t baseline_id,
                           hf_store *store)
{
    int64_t run_id = 0;
    hf_report report = {0};
    hf_error err = {0};
    hf_status status = hf_store_find_run(store, run, &run_id, &err);
    if (status == HF_OK)
        status = hf_store_load_parts(store, run_id, 0, &report, &err);
    if (status == HF_OK)
        hf_notify_run(daemon, store, &report, baseline_id);
    else
        hf_log_error("nobody is notified of a run", &err);
    hf_report_free(&report);
    forget(daemon, name);
}

void hf_notices_send(const hf_daemon_run *run, hf_store *store)
{
    send_notice_of(run->daemon, run->submitted.spool_key, run->submitted.key, run->plan.baseline_id, store);
}

/* ---- Left by the daemon before ---- */

typedef struct left {
    hf_daemon *daemon;
    char name[HF_SPOOL_KEY_SIZE];
} left;

static void send_one(const left *notice, hf_store *store)
{
    char *path = path_of(notice->daemon, notice->name);
    uint8_t *text = NULL;
    size_t size = 0;
    const char *run = NULL;
    json_int_t baseline_id = 0;
    hf_error err = {0};
    if (path && hf_file_read(path, MOST_BYTES, &text, &size, &err) == HF_OK) {
        json_t *object = json_loadb((const char *)text, size, 0, NULL);
        if (object && json_unpack(object, "{s:s, s:I}", "run", &run, "baseline_id", &baseline_id) == 0) {
            send_notice_of(notice->daemon, notice->name, run, baseline_id, store);
        } else {
            hf_log(HF_LOG_ERROR, "nobody is notified: %s is damaged", path);
            forget(notice->daemon, notice->name);
        }
        json_decref(object);
    } else if (err.status != HF_OK) {
        hf_log_error("nobody is notified of a run", &err);
    }
    free(text);
    free(path);
}

static void send_job(hf_task_pool_thread *thread, void *argument)
{
    left *notice = argument;
    hf_store *store = NULL;
    hf_error err = {0};
    if (hf_task_pool_store(thread, &store, &err) == HF_OK)
        send_one(notice, store);
    else
        hf_log_error("nobody is notified of a run", &err); /* the next daemon tries again */
    free(notice);
}

/* "KEY.json". Of a resumption "KEY-rN.json". */
static bool read_name(const char *file, char name[HF_SPOOL_KEY_SIZE])
{
    const size_t length = strlen(file), suffix = strlen(SUFFIX);
    if (length <= suffix || length - suffix >= HF_SPOOL_KEY_SIZE ||
        strcmp(file + length - suffix, SUFFIX) != 0)
        return false;
    snprintf(name, HF_SPOOL_KEY_SIZE, "%.*s", (int)(length - suffix), file);
    return true;
}

void hf_notices_send_left(hf_daemon *daemon)
{
    DIR *folder = opendir(daemon->notices_path);
    if (!folder)
        return; /* there never was one */
    for (const struct dirent *file; (file = readdir(folder)) != NULL;) {
        left *notice = calloc(1, sizeof *notice);
        if (!notice)
            break;
        notice->daemon = daemon;
        if (!read_name(file->d_name, notice->name) ||
            hf_task_pool_add(daemon->slow, send_job, notice) != HF_OK)
            free(notice);
    }
    closedir(folder);
}
