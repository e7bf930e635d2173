/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon_access.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* @param client set on HF_OK; NULL = there is no daemon */
static hf_status find(hf_client **client, hf_error *err)
{
    char *address = hf_client_address();
    hf_status status = HF_OK;
    *client = NULL;
    if (!address)
        return HF_FAIL(err, HF_ENOMEM, "no memory to look for a daemon");
    if (*address)
        status = hf_client_open(address, client, err);
    /* A socket that a daemon left behind is none, unless the user named it. */
    if (status == HF_ENOTFOUND && !getenv("HILFARM_SOCKET")) {
        hf_error_clear(err);
        status = HF_OK;
    }
    free(address);
    return status;
}

hf_exit hf_cli_find_daemon(const char *alternative, hf_client **client)
{
    hf_error err = {0};
    if (find(client, &err) == HF_OK)
        return HF_EXIT_OK;
    fprintf(stderr, "hilfarm: %s\nhilfarm: without the daemon: %s\n", err.message, alternative);
    return HF_EXIT_FARM;
}

hf_exit hf_cli_need_daemon(hf_client **client)
{
    hf_error err = {0};
    if (find(client, &err) != HF_OK) {
        fprintf(stderr, "hilfarm: %s\n", err.message);
        return HF_EXIT_FARM;
    }
    if (*client)
        return HF_EXIT_OK;
    fputs("hilfarm: no daemon is running here: start hilfarmd, or name its socket with $HILFARM_SOCKET\n",
          stderr);
    return HF_EXIT_FARM;
}

void hf_cli_note_unused_daemon(const char *option)
{
    hf_client *client = NULL;
    if (find(&client, NULL) == HF_OK && client)
        fprintf(stderr, "hilfarm: running in this process because of %s; the daemon at %s is not used\n",
                option, hf_client_where(client));
    hf_client_free(client);
}

const char *hf_cli_daemon_store(const hf_client *client)
{
    const char *store = hf_client_daemon(client)->store;
    return store && hf_client_is_local(client) && access(store, R_OK) == 0 ? store : NULL;
}

const char *hf_cli_writable_daemon_store(const hf_client *client)
{
    const char *store = hf_cli_daemon_store(client);
    return store && access(store, W_OK) == 0 ? store : NULL;
}
