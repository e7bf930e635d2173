/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting to a daemon: address, token, version. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "http.h"

#define MAX_TOKEN_BYTES 4096

static hf_status add_header(hf_client *client, const char *line, hf_error *err)
{
    struct curl_slist *longer = curl_slist_append(client->headers, line);
    if (!longer)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a request");
    client->headers = longer;
    return HF_OK;
}

/* The first line of the file that $HILFARM_TOKEN_FILE names. */
static hf_status add_token(hf_client *client, hf_error *err)
{
    const char *path = getenv("HILFARM_TOKEN_FILE");
    uint8_t *bytes = NULL;
    size_t size = 0;
    char *line = NULL;
    if (!path || !*path)
        return HF_OK;
    hf_status status = hf_file_read(path, MAX_TOKEN_BYTES, &bytes, &size, err);
    if (status != HF_OK)
        return status;
    const size_t length = strcspn((char *)bytes, "\r\n");
    if (length == 0 || strspn((char *)bytes, "\t ") > 0)
        status = HF_FAIL(err, HF_EINVALID, "%s: expected a token as its first line", path);
    else if (asprintf(&line, "Authorization: Bearer %.*s", (int)length, (char *)bytes) < 0)
        status = HF_FAIL(err, HF_ENOMEM, "no memory for a request");
    else
        status = add_header(client, line, err);
    free(line);
    explicit_bzero(bytes, size);
    free(bytes);
    return status;
}

static hf_status set_address(hf_client *client, const char *address, hf_error *err)
{
    client->is_unix = strncmp(address, "http://", 7) != 0;
    client->where = strdup(address);
    client->base = strdup(client->is_unix ? "http://hilfarmd" : address);
    if (!client->where || !client->base)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a client");
    if (!client->is_unix) {
        for (size_t length = strlen(client->base); length && client->base[length - 1] == '/';)
            client->base[--length] = '\0';
        return add_token(client, err);
    }
    if (strlen(address) >= sizeof((struct sockaddr_un *)NULL)->sun_path)
        return HF_FAIL(err, HF_EINVALID, "the path of the daemon's socket is too long: %s", address);
    return HF_OK;
}

static hf_status prepare(hf_client *client, const char *address, hf_error *err)
{
    hf_status status = set_address(client, address, err);
    if (status == HF_OK)
        status = add_header(client, "Content-Type: application/json", err);
    if (status == HF_OK)
        status = add_header(client, "Expect:", err); /* do not wait for "100 Continue" */
    if (status == HF_OK && !(client->calls = curl_easy_init()))
        status = HF_FAIL(err, HF_ENOMEM, "no memory for a client");
    return status;
}

void hf_client_denial_text(const struct stat *socket, char *text, size_t size)
{
    const struct group *group = getgrgid(socket->st_gid);
    const struct passwd *user = getpwuid(socket->st_uid);
    if ((socket->st_mode & S_IWGRP) && group)
        snprintf(text, size, "expected a member of its group %s", group->gr_name);
    else if ((socket->st_mode & S_IWGRP))
        snprintf(text, size, "expected a member of its group %u", (unsigned)socket->st_gid);
    else if (user)
        snprintf(text, size, "expected its user, %s (the socket has mode %04o)", user->pw_name,
                 (unsigned)socket->st_mode & 07777);
    else
        snprintf(text, size, "expected its user, %u (the socket has mode %04o)", (unsigned)socket->st_uid,
                 (unsigned)socket->st_mode & 07777);
}

bool hf_client_is_denied(const hf_client *client, char *text, size_t size)
{
    struct stat socket;
    if (!client->is_unix || faccessat(AT_FDCWD, client->where, R_OK | W_OK, AT_EACCESS) == 0 ||
        errno != EACCES)
        return false;
    if (stat(client->where, &socket) == 0)
        hf_client_denial_text(&socket, text, size);
    else
        snprintf(text, size, "access to its folder is denied");
    return true;
}

static hf_status greet(hf_client *client, hf_error *err)
{
    hf_error cause = {0};
    const hf_client_call call = {.method = "GET",
                                 .path = "",
                                 .answer_type = &hf_api_daemon_type,
                                 .answer = &client->daemon,
                                 .deadline_ms = HF_CLIENT_DEADLINE_MS};
    hf_status status = hf_client_do(client, &call, &cause);
    if (status == HF_EPROTOCOL)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EUNSUPPORTED,
                          "%s does not answer like a hilfarmd with version %d of the API: %s", client->where,
                          HF_API_VERSION, cause.message);
    if (status != HF_OK) {
        char denial[HF_CLIENT_DENIAL_SIZE];
        if (status == HF_ENOTFOUND && hf_client_is_denied(client, denial, sizeof denial))
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EINVALID, "you may not use the daemon at %s: %s",
                              client->where, denial);
        return hf_error_pass(err, &cause);
    }
    if (client->daemon.api != HF_API_VERSION)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EUNSUPPORTED,
                          "the daemon at %s (hilfarm %s) speaks version %d of the API: expected version %d",
                          client->where, client->daemon.version, client->daemon.api, HF_API_VERSION);
    return HF_OK;
}

hf_status hf_client_open(const char *address, hf_client **out, hf_error *err)
{
    static bool is_ready;
    if (!is_ready && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return HF_FAIL(err, HF_ENOMEM, "libcurl cannot be initialised");
    is_ready = true;
    hf_client *client = calloc(1, sizeof *client);
    if (!client)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a client");
    hf_status status = prepare(client, address, err);
    if (status == HF_OK)
        status = greet(client, err);
    if (status == HF_OK)
        *out = client;
    else
        hf_client_free(client);
    return status;
}

void hf_client_free(hf_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->calls);
    curl_slist_free_all(client->headers);
    hf_api_clear(&hf_api_daemon_type, &client->daemon);
    free(client->where);
    free(client->base);
    free(client);
}

const hf_api_daemon *hf_client_daemon(const hf_client *client)
{
    return &client->daemon;
}

bool hf_client_is_local(const hf_client *client)
{
    return client->is_unix;
}

const char *hf_client_where(const hf_client *client)
{
    return client->where;
}
