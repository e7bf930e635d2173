/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm agent join`: on the machine that has boards. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent_forms.h"
#include "base/file.h"
#include "base/path.h"
#include "joining/join.h"
#include "locations.h"
#include "output.h"

#define DEADLINE_MS   30000
#define AGENT_USER    "hilfarm"
#define SYSTEM_CONFIG "/etc/hilfarm/agent.yaml"

static hf_exit fail(hf_error *err)
{
    hf_error_context(err, HF_FAULT_NONE, "agent join");
    if (err->status == HF_EMISMATCH || err->status == HF_EFORMAT)
        err->status = HF_EINVALID;
    return hf_cli_fail(err);
}

/* ---- Places ---- */

typedef struct places {
    char config[PATH_MAX], keys[PATH_MAX];
} places;

/* The agent will be started in another folder, and paths in its file are relative to that file. @param path changed */
static hf_status make_absolute(char path[PATH_MAX], hf_error *err)
{
    char copy[PATH_MAX];
    if (path[0] == '/')
        return HF_OK;
    snprintf(copy, sizeof copy, "%s", path);
    return copy[0] ? hf_path_resolve(copy, path, PATH_MAX, err)
                   : HF_FAIL(err, HF_EINVALID, "a path is empty");
}

static hf_status find_places(const hf_agent_values *v, places *out, hf_error *err)
{
    char copy[PATH_MAX], config[PATH_MAX] = SYSTEM_CONFIG;
    if (!v->config && geteuid() != 0 && !hf_cli_config_path("agent.yaml", config))
        return HF_FAIL(err, HF_EINVALID, "the home folder is not known: --config is needed");
    if ((size_t)snprintf(out->config, PATH_MAX, "%s", v->config ? v->config : config) >= PATH_MAX)
        return HF_FAIL(err, HF_ELIMIT, "the path is too long: %s", v->config);
    hf_status status = make_absolute(out->config, err);
    if (status != HF_OK)
        return status;
    snprintf(copy, sizeof copy, "%s", out->config);
    const int size = v->directory ? snprintf(out->keys, PATH_MAX, "%s", v->directory)
                                  : snprintf(out->keys, PATH_MAX, "%s/keys", dirname(copy));
    return size < PATH_MAX ? make_absolute(out->keys, err)
                           : HF_FAIL(err, HF_ELIMIT, "the path of the keys is too long");
}

/* Root prepares the folder for the agent's user. Its files will belong to the folder's owner. */
static hf_status make_key_folder(const places *at, hf_error *err)
{
    char around[PATH_MAX];
    snprintf(around, sizeof around, "%s", at->keys);
    hf_status status = hf_make_dirs(dirname(around), err); /* which others may look into */
    const mode_t before = umask(077);
    if (status == HF_OK)
        status = hf_make_dirs(at->keys, err);
    umask(before);
    const struct passwd *user = geteuid() == 0 ? getpwnam(AGENT_USER) : NULL;
    if (status == HF_OK && user && chown(at->keys, user->pw_uid, user->pw_gid) != 0)
        status =
            HF_FAIL(err, HF_EIO, "cannot give %s to the user " AGENT_USER ": %s", at->keys, strerror(errno));
    return status;
}

/* ---- The token ---- */

/* @param out freed by the caller */
static hf_status read_token(const hf_agent_values *v, char *token, hf_buffer *out, hf_error *err)
{
    char text[HF_JOIN_TOKEN_MAX + 2];
    ssize_t got;
    if (token) {
        hf_buffer_puts(out, token);
        explicit_bzero(token,
                       strlen(token)); /* it was an argument, which every user of this machine can see */
        return out->failed ? HF_FAIL(err, HF_ENOMEM, "no memory for a token") : HF_OK;
    }
    const bool standard = strcmp(v->token_file, "-") == 0;
    const int fd = standard ? STDIN_FILENO : open(v->token_file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return HF_FAIL(err, HF_EINVALID, "cannot open %s: %s", v->token_file, strerror(errno));
    while (out->size <= HF_JOIN_TOKEN_MAX && (got = read(fd, text, sizeof text)) > 0)
        hf_buffer_append(out, text, (size_t)got);
    explicit_bzero(text, sizeof text);
    if (!standard)
        close(fd);
    return out->failed || out->size == 0 ? HF_FAIL(err, HF_EINVALID, "no token in %s", v->token_file) : HF_OK;
}

/* ---- The agent's file ---- */

static void render_broker(const hf_join_token *token, const places *at, hf_buffer *out)
{
    hf_buffer_printf(out,
                     "host: %s\n"
                     "broker:\n"
                     "  url: \"%s\"\n"
                     "  ca: %s/ca.pem\n"
                     "  certificate: %s/agent.pem\n"
                     "  key: %s/agent.key\n",
                     token->host, token->url, at->keys, at->keys, at->keys);
}

static hf_exit write_config(const hf_join_token *token, const places *at, hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    if (access(at->config, F_OK) == 0) {
        render_broker(token, at, &text);
        printf("%s exists and stays as it is. It should say:\n\n%s\n", at->config, hf_buffer_text(&text));
        hf_buffer_free(&text);
        return HF_EXIT_OK;
    }
    hf_buffer_puts(&text, "# Written by `hilfarm agent join` (man hilfarm-farm, \"Several hosts\").\n");
    render_broker(token, at, &text);
    hf_buffer_puts(&text, "# The boards of this host, as `hilfarm boards scan -o farm.yaml` writes them.\n"
                          "farm: farm.yaml\n");
    hf_status status = text.failed ? HF_FAIL(err, HF_ENOMEM, "no memory for %s", at->config)
                                   : hf_file_write(at->config, text.data, text.size, err);
    hf_buffer_free(&text);
    if (status != HF_OK)
        return fail(err);
    printf("wrote %s\n", at->config);
    return HF_EXIT_OK;
}

static void print_next_steps(const places *at)
{
    char copy[PATH_MAX], farm[PATH_MAX + 16];
    snprintf(copy, sizeof copy, "%s", at->config);
    snprintf(farm, sizeof farm, "%s/farm.yaml", dirname(copy));
    printf("Next:\n");
    if (access(farm, F_OK) != 0)
        printf("  hilfarm boards scan -o %s\n", farm);
    printf("  hilfarm-agent --config %s%s\n", at->config,
           strcmp(at->config, SYSTEM_CONFIG) == 0 ? "      or: systemctl enable --now hilfarm-agent" : "");
}

static hf_exit join(const hf_join_token *token, const places *at, hf_error *err)
{
    hf_certificate_info info;
    char until[HF_CLI_TIME_SIZE];
    hf_status status = make_key_folder(at, err);
    if (status == HF_OK)
        status = hf_join(token, at->keys, (int64_t)time(NULL), hf_deadline_in_ms(DEADLINE_MS), &info, err);
    if (status != HF_OK)
        return fail(err);
    hf_cli_format_time(info.until_s * 1000, until, sizeof until);
    printf("%s has joined the farm at %s; its certificate is valid until %s\n", token->host, token->url,
           until);
    const hf_exit exit_status = write_config(token, at, err);
    if (exit_status == HF_EXIT_OK)
        print_next_steps(at);
    return exit_status;
}

hf_exit hf_agent_join(const hf_agent_values *v, char *given)
{
    hf_error err = {0};
    hf_buffer text = HF_BUFFER_INIT;
    hf_join_token token = {0};
    places at;
    hf_status status = read_token(v, given, &text, &err);
    if (status == HF_OK)
        status = hf_join_token_decode(hf_buffer_text(&text), &token, &err);
    hf_secret_free(&text);
    if (status == HF_OK)
        status = find_places(v, &at, &err);
    const hf_exit exit_status = status == HF_OK ? join(&token, &at, &err) : fail(&err);
    hf_join_token_free(&token);
    return exit_status;
}
