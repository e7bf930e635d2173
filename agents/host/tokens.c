/* SPDX-License-Identifier: Apache-2.0 */
/* The newest token of each board: <state>/<board>.token, "EPOCH REVISION" in decimal. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "host_state.h"

/* Ids have no dots; a slash would be another folder. */
void hf_host_state_path(const hf_host *host, const char *board, const char *kind, char *path, size_t size)
{
    const int at = snprintf(path, size, "%s/", host->options.state_dir);
    snprintf(path + at, size - (size_t)at, "%s.%s", board, kind);
    for (char *c = path + at; *c; c++)
        if (*c == '/')
            *c = ',';
}

hf_status hf_host_read_token(const hf_host *host, const char *board, hf_order_token *out, hf_error *err)
{
    char path[600];
    uint8_t *text = NULL;
    size_t size = 0;
    hf_host_state_path(host, board, "token", path, sizeof path);
    *out = (hf_order_token){0};
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return HF_OK; /* the board has never had an owner */
    hf_status status = hf_file_read(path, 64, &text, &size, err);
    if (status != HF_OK)
        return status;
    char *end, *last;
    const uint64_t epoch_ns = strtoull((char *)text, &end, 10), revision = strtoull(end, &last, 10);
    if (*end == ' ' && *last == '\n')
        *out = (hf_order_token){.epoch_ns = epoch_ns, .revision = revision};
    else
        status = HF_FAIL(err, HF_EFORMAT,
                         "%s is damaged: expected two numbers. Delete it once no other program sends "
                         "orders to the board",
                         path);
    free(text);
    return status;
}

hf_status hf_host_write_token(const hf_host *host, const char *board, hf_order_token token, hf_error *err)
{
    char path[600], text[64];
    hf_host_state_path(host, board, "token", path, sizeof path);
    const int size = snprintf(text, sizeof text, "%" PRIu64 " %" PRIu64 "\n", token.epoch_ns, token.revision);
    return hf_file_write(path, text, (size_t)size, err);
}
