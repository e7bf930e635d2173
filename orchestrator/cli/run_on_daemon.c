/* SPDX-License-Identifier: Apache-2.0 */
#include "run_on_daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boards_in_service.h"
#include "client/submit.h"
#include "daemon_access.h"
#include "dry_run.h"
#include "follow_run.h"
#include "input_files.h"
#include "locations.h"
#include "output.h"
#include "run_part.h"
#include "run_start.h"
#include "spec/list_files.h"

static hf_status copy_text(const char *text, char **copy, hf_error *err)
{
    if (!text)
        return HF_OK;
    *copy = strdup(text);
    return *copy ? HF_OK : HF_FAIL(err, HF_ENOMEM, "no memory to submit a run");
}

static hf_status copy_options(const hf_cli_run_options *options, hf_api_options *copy, hf_error *err)
{
    hf_status status = copy_text(options->only, &copy->only, err);
    if (status == HF_OK)
        status = copy_text(options->boards, &copy->boards, err);
    if (status == HF_OK)
        status = copy_text(options->failed_run, &copy->failed, err);
    if (status == HF_OK)
        status = copy_text(options->baseline, &copy->baseline, err);
    if (status == HF_OK)
        status = copy_text(options->title, &copy->title, err);
    if (status == HF_OK)
        status = copy_text(options->tag, &copy->tag, err);
    copy->priority = options->priority;
    copy->wait_ms = options->wait_ms;
    return status;
}

static hf_status add_spec(const hf_spec *spec, hf_api_submission *submission, hf_error *err)
{
    hf_spec_file_list list;
    hf_status status = copy_text(spec->path, &submission->spec.path, err);
    if (status == HF_OK)
        status = copy_text(spec->text, &submission->spec.text, err);
    if (status == HF_OK)
        status = hf_spec_list_files(spec, &list, err);
    if (status != HF_OK)
        return status;
    status = hf_client_describe_files(list.paths, list.count, &submission->files, err);
    if (status == HF_OK)
        submission->file_count = list.count;
    hf_spec_file_list_free(&list);
    return status;
}

/* The farm file of the daemon if it can be read here; NULL = the default farm. @return false: it cannot be read */
static bool readable_farm(const hf_client *client, const char **farm)
{
    *farm = hf_client_daemon(client)->farm;
    return hf_client_is_local(client) && (!*farm || access(*farm, R_OK) == 0);
}

/* Reads the spec, and prints its mistakes as a run in this process does: with those that concern the farm. */
static hf_exit load_spec(const hf_client *client, const char *path, hf_spec **spec)
{
    hf_error err = {0};
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_status status = diagnostics ? hf_spec_load(path, spec, diagnostics, &err)
                                   : HF_FAIL(&err, HF_ENOMEM, "no memory to read %s", path);
    const bool mistakes = diagnostics && hf_diagnostics_total(diagnostics);
    hf_diagnostics_free(diagnostics);
    if (!mistakes)
        return status == HF_OK ? HF_EXIT_OK : hf_cli_fail(&err);
    const char *farm = NULL;
    hf_run_config config = {0};
    if (!readable_farm(client, &farm))
        farm = NULL;
    hf_exit exit_status = hf_cli_load_run_config(path, farm, "nothing was run", &config);
    hf_run_config_free(&config);
    return exit_status == HF_EXIT_OK ? HF_EXIT_BAD_INPUT : exit_status; /* it was mended meanwhile */
}

/* Prints what the daemon found wrong with a submission. */
static hf_exit print_refusal(const hf_api_refusal *refusal, const hf_error *err)
{
    hf_diagnostics *list = refusal->error.diagnostic_count ? hf_diagnostics_new() : NULL;
    if (!list)
        return hf_cli_fail(err);
    for (size_t i = 0; i < refusal->error.diagnostic_count; i++) {
        const hf_api_diagnostic *each = &refusal->error.diagnostics[i];
        hf_diagnostics_add(list, each->file, each->line, each->column, "%s", each->text);
    }
    return hf_cli_finish_mistakes(list, err->status, "nothing was run", err);
}

static void on_sending(void *user, size_t done, size_t of, uint64_t bytes)
{
    const hf_cli_run_options *options = user;
    if (options->quiet || !of || (done != of && !hf_cli_is_terminal(STDERR_FILENO)))
        return;
    const double megabytes = (double)bytes / 1e6;
    if (done < of)
        fprintf(stderr, "\rsending files to the daemon: %zu of %zu, %.1f MB", done, of, megabytes);
    else
        fprintf(stderr, "%ssent %zu file%s to the daemon, %.1f MB%s\n",
                hf_cli_is_terminal(STDERR_FILENO) ? "\r" : "", of, of == 1 ? "" : "s", megabytes,
                hf_cli_is_terminal(STDERR_FILENO) ? "          " : "");
}

static void print_accepted(const hf_api_accepted *accepted, const hf_cli_run_options *options)
{
    if (options->detach) { /* alone on standard output, for scripts */
        printf("%s\n", accepted->key);
        if (!options->quiet)
            fprintf(stderr, "run %s (%s) is submitted; follow it with: hilfarm attach %s\n", accepted->key,
                    accepted->name, accepted->key);
        return;
    }
    if (options->quiet)
        return;
    const hf_cli_run_size size = {.models = accepted->model_count,
                                  .chips = accepted->chip_count,
                                  .boards = accepted->board_count,
                                  .selected = accepted->selected,
                                  .jobs = accepted->job_count};
    hf_cli_print_start(accepted->name, &size);
    if (accepted->resumed_id)
        hf_cli_print_resumed(accepted->resumed_id, accepted->key, accepted->measured, accepted->pruned);
    printf("run %s on the daemon", accepted->key);
    if (accepted->ahead)
        printf("; it shares the boards with %u other run%s", accepted->ahead,
               accepted->ahead == 1 ? "" : "s");
    putchar('\n');
    fflush(stdout);
}

static hf_exit submit(hf_client *client, const hf_api_submission *submission,
                      const hf_cli_run_options *options)
{
    hf_error err = {0};
    hf_api_accepted accepted = {0};
    hf_api_refusal refusal = {0};
    const hf_client_upload_observer observer = {.user = (void *)options, .sending = on_sending};
    hf_exit exit_status = HF_EXIT_OK;
    hf_status status = hf_client_submit(client, submission, &observer, &accepted, &refusal, &err);
    if (status != HF_OK)
        exit_status = print_refusal(&refusal, &err);
    else
        print_accepted(&accepted, options);
    if (status == HF_OK && !options->detach) {
        const hf_cli_follow_options follow = {.baseline = accepted.baseline,
                                              .fail_on = options->fail_on,
                                              .night = &options->night,
                                              .quiet = options->quiet,
                                              .plain = options->plain,
                                              .from_start = true,
                                              .owns_run = true};
        exit_status = hf_cli_follow_run(client, accepted.key, &follow);
    }
    hf_api_clear(&hf_api_accepted_type, &accepted);
    hf_api_clear(&hf_api_refusal_type, &refusal);
    return exit_status;
}

/* The plan is made here, from the daemon's farm file and store. */
static hf_exit dry_run(const hf_client *client, const char *argument, const hf_cli_run_options *options)
{
    hf_run_config config = {0};
    hf_partial_run part = {0};
    char *spec_text = NULL;
    const char *farm = NULL, *store = hf_cli_daemon_store(client);
    if (options->resume || !readable_farm(client, &farm) || !store) {
        fputs("hilfarm run: --dry-run needs a spec, and to read the daemon's farm file and store; or use "
              "--local\n",
              stderr);
        return HF_EXIT_BAD_INPUT;
    }
    const hf_cli_part_options part_options = {
        .only = options->only, .boards = options->boards, .failed_run = options->failed_run, .db = store};
    hf_exit exit_status = hf_cli_load_run_config(argument, farm, "nothing was run", &config);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_select_part(&part_options, &config, &part, &spec_text);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_keep_boards_in_service(config.farm, store, options->quiet, &config.selection);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_dry_run(&config, &part, NULL, store, hf_cli_firmware_dir(NULL), NULL);
    hf_partial_run_free(&part);
    hf_run_config_free(&config);
    free(spec_text);
    return exit_status;
}

hf_exit hf_cli_run_on_daemon(hf_client *client, const char *argument, const hf_cli_run_options *options)
{
    hf_error err = {0};
    hf_spec *spec = NULL;
    hf_api_submission submission = {0};
    if (options->dry_run)
        return dry_run(client, argument, options);
    hf_exit exit_status = options->resume ? HF_EXIT_OK : load_spec(client, argument, &spec);
    if (exit_status == HF_EXIT_OK) {
        hf_status status = copy_options(options, &submission.options, &err);
        if (status == HF_OK && spec)
            status = add_spec(spec, &submission, &err);
        else if (status == HF_OK)
            status = copy_text(argument, &submission.options.resume, &err);
        exit_status = status == HF_OK ? submit(client, &submission, options) : hf_cli_fail(&err);
    }
    hf_api_clear(&hf_api_submission_type, &submission);
    hf_spec_free(spec);
    return exit_status;
}
