/* SPDX-License-Identifier: Apache-2.0 */
#include "nats_server.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_MS 30000

bool nats_server_installed(void)
{
    return access("/usr/sbin/nats-server", X_OK) == 0;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

/* From its log: "Listening for client connections on 127.0.0.1:39633". */
static bool read_port(nats_server *server)
{
    static const char words[] = "client connections on 127.0.0.1:";
    const char *at = strstr(server->process.output, words);
    return at && sscanf(at + sizeof words - 1, "%15[0-9]", server->port) == 1;
}

bool nats_server_start(nats_server *server)
{
    char store[80];
    if (!server->dir[0]) {
        snprintf(server->dir, sizeof server->dir, "/tmp/hilfarm-nats-XXXXXX");
        if (!mkdtemp(server->dir))
            return false;
    }
    snprintf(store, sizeof store, "%s/store", server->dir);
    const char *const argv[] = {"/usr/sbin/nats-server",
                                "-a",
                                "127.0.0.1",
                                "-p",
                                server->port[0] ? server->port : "-1",
                                "-js",
                                "-sd",
                                store,
                                server->config ? "-c" : NULL,
                                server->config,
                                NULL};
    if (!process_start(&server->process, argv) ||
        !process_wait_output(&server->process, "Server is ready", START_MS) || !read_port(server))
        return false;
    snprintf(server->url, sizeof server->url, "nats://127.0.0.1:%s", server->port);
    return true;
}

void nats_server_kill(nats_server *server)
{
    if (!server->process.pid)
        return;
    kill(server->process.pid, SIGKILL);
    (void)process_wait_exit(&server->process, START_MS);
}

void nats_server_forget(nats_server *server)
{
    char store[80];
    snprintf(store, sizeof store, "%s/store", server->dir);
    nftw(store, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void nats_server_end(nats_server *server)
{
    nats_server_kill(server);
    if (server->dir[0])
        nftw(server->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    *server = (nats_server){0};
}
