/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "access.h"
#include "base/file.h"

#define FILE_MAX_BYTES 65536
#define TOKEN_MIN      16
#define SCHEME         "Bearer "

typedef struct token {
    char name[HF_USER_NAME_SIZE];
    char digest[HF_SHA256_HEX_SIZE];
} token;

struct hf_tokens {
    size_t count;
    token list[];
};

static hf_status check_mode(const char *path, hf_error *err)
{
    struct stat info;
    if (stat(path, &info) < 0)
        return HF_FAIL(err, HF_EIO, "cannot read the tokens in %s: %s", path, strerror(errno));
    if (info.st_mode & 077)
        return HF_FAIL(err, HF_EINVALID,
                       "the tokens in %s can be read by others: its mode is %04o, expected 0600 or 0400",
                       path, (unsigned)info.st_mode & 07777);
    return HF_OK;
}

static bool is_name(const char *text)
{
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("._-", *at))
            return false;
    return *text && strlen(text) < HF_USER_NAME_SIZE;
}

/* @param line changed */
static hf_status read_line(char *line, const char *path, unsigned number, token *out, hf_error *err)
{
    char *colon = strchr(line, ':');
    if (colon)
        *colon = '\0';
    if (!colon || !is_name(line))
        return HF_FAIL(err, HF_EINVALID,
                       "%s:%u: expected NAME:TOKEN, the name of letters, digits, '.', '_' and '-'", path,
                       number);
    const char *secret = colon + 1;
    if (strlen(secret) < TOKEN_MIN || strpbrk(secret, " \t"))
        return HF_FAIL(err, HF_EINVALID, "%s:%u: the token of %s needs at least %d characters without spaces",
                       path, number, line, TOKEN_MIN);
    snprintf(out->name, sizeof out->name, "%s", line);
    hf_sha256_hex(secret, strlen(secret), out->digest);
    return HF_OK;
}

static hf_status read_lines(char *text, const char *path, hf_tokens *tokens, hf_error *err)
{
    unsigned number = 0;
    hf_status status = HF_OK;
    for (char *line = text, *next; status == HF_OK && line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        number++;
        if (*line && *line != '#')
            status = read_line(line, path, number, &tokens->list[tokens->count++], err);
    }
    if (status == HF_OK && !tokens->count)
        status = HF_FAIL(err, HF_EINVALID, "%s has no tokens: expected lines NAME:TOKEN", path);
    return status;
}

hf_status hf_tokens_load(const char *path, hf_tokens **out, hf_error *err)
{
    uint8_t *text = NULL;
    size_t size, lines = 1;
    hf_status status = check_mode(path, err);
    if (status == HF_OK)
        status = hf_file_read(path, FILE_MAX_BYTES, &text, &size, err);
    if (status != HF_OK)
        return status;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    hf_tokens *tokens = calloc(1, sizeof *tokens + lines * sizeof tokens->list[0]);
    status = tokens ? read_lines((char *)text, path, tokens, err)
                    : HF_FAIL(err, HF_ENOMEM, "no memory for the tokens in %s", path);
    explicit_bzero(text, size);
    free(text);
    if (status == HF_OK)
        *out = tokens;
    else
        free(tokens);
    return status;
}

void hf_tokens_free(hf_tokens *tokens)
{
    free(tokens);
}

const char *hf_bearer_token(const char *authorization)
{
    const bool has = authorization && strncasecmp(authorization, SCHEME, sizeof SCHEME - 1) == 0;
    return has ? authorization + sizeof SCHEME - 1 : NULL;
}

bool hf_tokens_check(const hf_tokens *tokens, const char *authorization, char name[HF_USER_NAME_SIZE])
{
    char digest[HF_SHA256_HEX_SIZE];
    const char *secret = hf_bearer_token(authorization);
    if (!tokens || !secret)
        return false;
    hf_sha256_hex(secret, strlen(secret), digest);
    bool found = false;
    for (size_t i = 0; i < tokens->count;
         i++) { /* digests are compared: the time tells nothing about the token */
        if (strcmp(digest, tokens->list[i].digest) != 0)
            continue;
        snprintf(name, HF_USER_NAME_SIZE, "%s", tokens->list[i].name);
        found = true;
    }
    return found;
}
