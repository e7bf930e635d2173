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

#define VARIABLES 8

static char *variable(const char *name, const char *value)
{
    char *text = NULL;
    return asprintf(&text, "HILFARM_%s=%s", name, value) < 0 ? NULL : text;
}

static char *number_variable(const char *name, long long value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", value);
    return variable(name, text);
}

/* Owned texts, NULL-terminated; fewer if memory is short. */
static void make_variables(const hf_night *night, const char *subject, char *variables[VARIABLES + 1])
{
    hf_night_counts counts;
    hf_night_count(night, &counts);
    const hf_run_row *run = &night->report->run;
    char *const all[VARIABLES] = {
        variable("SUBJECT", subject),
        variable("STATUS", counts.green ? "green" : "red"),
        variable("SPEC", run->name),
        variable("RUN", run->key),
        number_variable("RUN_NUMBER", run->id),
        number_variable("FAILED", (long long)counts.failed + (long long)counts.not_run),
        number_variable("REGRESSED", (long long)counts.regressed),
        variable("REPORT", night->folder ? night->folder : ""),
    };
    size_t used = 0;
    for (size_t i = 0; i < VARIABLES; i++)
        if (all[i])
            variables[used++] = all[i];
    variables[used] = NULL;
}

static void print_failure(const hf_error *err)
{
    fprintf(stderr, "hilfarm: nobody was notified: %s\n", err->message);
}

void hf_cli_night_notify(const hf_night *night, const hf_cli_night_options *options)
{
    if (!options->notify && !options->webhook)
        return;
    hf_error err = {0};
    char *variables[VARIABLES + 1];
    hf_buffer json = HF_BUFFER_INIT, subject = HF_BUFFER_INIT;
    hf_night_render_json(night, &json);
    hf_night_render_subject(night, &subject);
    make_variables(night, hf_buffer_text(&subject), variables);
    const hf_notice notice = {
        .json = hf_buffer_text(&json), .size_bytes = json.size, .variables = (const char *const *)variables};
    if (json.failed || subject.failed) {
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
    for (char **each = variables; *each; each++)
        free(*each);
    hf_buffer_free(&json);
    hf_buffer_free(&subject);
}
