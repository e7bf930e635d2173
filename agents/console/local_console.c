/* SPDX-License-Identifier: Apache-2.0 */
#include "console/local_console.h"

#include <stdlib.h>

typedef struct local_console {
    const hf_board_config *config;
    hf_board_options options;
    hf_board_line_settings settings;
    hf_board_line *line;
} local_console;

static hf_status open_line(void *state, int wake_fd, int stop_fd, hf_error *err)
{
    local_console *local = state;
    local->options.cancel_fd = stop_fd;
    return hf_board_line_open(local->config, &local->options, &local->settings, wake_fd, &local->line, err);
}

static hf_status read_line(void *state, void *bytes, size_t capacity, hf_deadline deadline, size_t *got,
                           hf_error *err)
{
    const local_console *local = state;
    return hf_board_line_read(local->line, bytes, capacity, deadline, got, err);
}

static hf_status write_line(void *state, const void *bytes, size_t size, hf_deadline deadline, hf_error *err)
{
    const local_console *local = state;
    return hf_board_line_write(local->line, bytes, size, deadline, err);
}

static void close_line(void *state)
{
    local_console *local = state;
    hf_board_line_close(local->line);
    local->line = NULL;
}

hf_status hf_local_console_new(const hf_board_config *config, const hf_board_options *options,
                               const hf_board_line_settings *settings, hf_console_backend *out, hf_error *err)
{
    local_console *local = calloc(1, sizeof *local);
    if (!local)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a console of board %s", config->id);
    *local = (local_console){.config = config, .options = *options, .settings = *settings};
    *out = (hf_console_backend){.state = local,
                                .open = open_line,
                                .read = read_line,
                                .write = write_line,
                                .close = close_line,
                                .free = free};
    return HF_OK;
}
