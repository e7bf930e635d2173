/* SPDX-License-Identifier: Apache-2.0 */
#include "night_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notify/notify.h"
#include "output.h"
#include "store/board_health.h"

hf_status hf_cli_read_url(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    hf_error cause = {0};
    (void)option;
    if (hf_notify_check_url(value, &cause) != HF_OK)
        return HF_FAIL(err, HF_EINVALID, "expected an http:// or https:// URL");
    *(const char **)target = value;
    return HF_OK;
}

bool hf_cli_night_wanted(const hf_cli_night_options *options)
{
    return options->junit || options->markdown || options->summary || options->notify || options->webhook;
}

hf_exit hf_cli_night_add_boards(hf_store *store, hf_night *night)
{
    hf_error err = {0};
    hf_board_state_row *states = NULL;
    size_t count = 0;
    if (hf_store_list_board_states(store, &states, &count, &err) != HF_OK)
        return hf_cli_fail(&err);
    night->states = states;
    night->state_count = count;
    return HF_EXIT_OK;
}

static hf_exit write_one(const hf_night *night, const char *path,
                         void (*render)(const hf_night *night, hf_buffer *out))
{
    if (!path)
        return HF_EXIT_OK;
    hf_buffer text = HF_BUFFER_INIT;
    render(night, &text);
    hf_exit exit_status = hf_cli_write(&text, strcmp(path, "-") == 0 ? NULL : path);
    hf_buffer_free(&text);
    return exit_status;
}

hf_exit hf_cli_night_write(const hf_night *night, const hf_cli_night_options *options)
{
    hf_exit junit = write_one(night, options->junit, hf_night_render_junit);
    hf_exit markdown = write_one(night, options->markdown, hf_night_render_markdown);
    hf_exit summary = write_one(night, options->summary, hf_night_render_json);
    return junit != HF_EXIT_OK ? junit : markdown != HF_EXIT_OK ? markdown : summary;
}

/* ---- Notifying ---- */

static void print_failure(const hf_error *err)
{
    fprintf(stderr, "hilfarm: nobody was notified: %s\n", err->message);
}

void hf_cli_night_notify(const hf_night *night, const hf_cli_night_options *options)
{
    if (!options->notify && !options->webhook)
        return;
    hf_error err = {0};
    char *variables[HF_NIGHT_VARIABLES + 1];
    hf_buffer json = HF_BUFFER_INIT;
    hf_night_render_json(night, &json);
    const bool made = hf_night_make_variables(night, variables);
    const hf_notice notice = {
        .json = hf_buffer_text(&json), .size_bytes = json.size, .variables = (const char *const *)variables};
    if (json.failed || !made) {
        fputs("hilfarm: nobody was notified: out of memory\n", stderr);
    } else {
        fflush(stdout); /* before what the command prints */
        if (options->notify && hf_notify_command(options->notify, &notice, HF_NOTIFY_LIMIT_MS, &err) != HF_OK)
            print_failure(&err);
        hf_error_clear(&err);
        if (options->webhook &&
            hf_notify_webhook(options->webhook, &notice, HF_NOTIFY_LIMIT_MS, &err) != HF_OK)
            print_failure(&err);
    }
    hf_night_free_variables(variables);
    hf_buffer_free(&json);
}
