/* SPDX-License-Identifier: Apache-2.0 */
/* What hosts have announced, in files that outlive this process: <folder>/<host>, as it came. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "hosts_state.h"
#include "spec/agent_file.h"

#define PATH_SIZE 1200

hf_status hf_hosts_remember(hf_hosts *hosts, const char *folder, hf_error *err)
{
    hf_status status = hf_make_dirs(folder, err);
    pthread_mutex_lock(&hosts->mutex);
    for (uint32_t i = 0; i < hosts->known_count && status == HF_OK; i++) {
        char path[PATH_SIZE];
        hf_buffer bytes = HF_BUFFER_INIT;
        if (!hosts->known[i].hello.host[0])
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, hosts->known[i].state.name);
        hf_hello_encode(&hosts->known[i].hello, &bytes);
        if (!bytes.failed)
            status = hf_file_write(path, bytes.data, bytes.size, err);
        hf_buffer_free(&bytes);
    }
    pthread_mutex_unlock(&hosts->mutex);
    return status;
}

/* A file of another version, or a damaged one, tells nothing; the host announces itself again. */
static void recall(hf_hosts *hosts, const char *folder, const char *name)
{
    char path[PATH_SIZE];
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_hello hello;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (hf_file_read(path, HF_BROKER_MESSAGE_MAX, &bytes, &size, NULL) != HF_OK)
        return;
    if (hf_hello_decode(bytes, size, &hello, NULL) == HF_OK) {
        hello.leaving = false;
        hf_hosts_note(hosts, name, &hello, 0);
    }
    free(bytes);
}

hf_status hf_hosts_recall(hf_hosts *hosts, const char *folder, hf_error *err)
{
    DIR *dir = opendir(folder);
    if (!dir && errno == ENOENT)
        return HF_OK;
    if (!dir)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot read %s: %s", folder, strerror(errno));
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (hf_host_name_ok(entry->d_name))
            recall(hosts, folder, entry->d_name);
    closedir(dir);
    return HF_OK;
}
