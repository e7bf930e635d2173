/* SPDX-License-Identifier: Apache-2.0 */
#include "export_outputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "report/outputs.h"
#include "results_source.h"
#include "store_access.h"

static bool is_npy(const char *file)
{
    const size_t length = file ? strlen(file) : 0;
    return length >= 4 && strcmp(file + length - 4, ".npy") == 0;
}

/* Whether the file's name says a format that there is: CSV also without an ending. Prints what is wrong. */
static bool has_known_ending(const char *file)
{
    const char *slash = file ? strrchr(file, '/') : NULL;
    const char *name = slash ? slash + 1 : file;
    const char *dot = name ? strrchr(name, '.') : NULL;
    if (!dot || dot == name || strcmp(dot, ".csv") == 0 || strcmp(dot, ".npy") == 0)
        return true;
    fprintf(stderr,
            "hilfarm export: outputs cannot be written as '%s': expected a file that ends in .csv or .npy\n",
            file);
    return false;
}

static hf_status load(hf_store *store, const char *run, const hf_outputs_choice *choice, hf_report *report,
                      hf_error *err)
{
    int64_t run_id = 0;
    hf_status status = run ? hf_store_find_run(store, run, &run_id, err) : HF_OK;
    if (status == HF_OK)
        status = hf_store_load_report(store, run_id, report, err);
    for (size_t i = 0; status == HF_OK && i < report->result_count; i++)
        if (hf_outputs_chosen(choice, &report->results[i]))
            status = hf_store_load_outputs(store, report->run.id, &report->results[i], err);
    return status;
}

static hf_exit render(const char *db, const hf_cli_export_outputs_options *options,
                      const hf_outputs_choice *choice, hf_buffer *out)
{
    hf_store *store = NULL;
    hf_report report = {0};
    hf_error err = {0};
    hf_status status = hf_cli_open_store_readonly(db, &store, &err);
    if (status == HF_OK)
        status = load(store, options->run, choice, &report, &err);
    if (status == HF_OK)
        status = (is_npy(options->file) ? hf_render_outputs_npy : hf_render_outputs_csv)(&report, choice, out,
                                                                                         &err);
    hf_report_free(&report);
    hf_store_close(store);
    return status == HF_OK ? HF_EXIT_OK : hf_cli_fail(&err);
}

static hf_exit fetch(hf_client *client, const hf_cli_export_outputs_options *options,
                     const hf_outputs_choice *choice, hf_buffer *out)
{
    hf_buffer what = HF_BUFFER_INIT;
    hf_buffer_printf(&what, "outputs.%s?output=%d&real=%d", is_npy(options->file) ? "npy" : "csv",
                     choice->output, choice->real);
    hf_cli_put_query(&what, "model", choice->model);
    hf_cli_put_query(&what, "chip", choice->chip);
    hf_exit exit_status = hf_cli_fetch_rendered(client, options->run, hf_buffer_text(&what), out);
    hf_buffer_free(&what);
    return exit_status;
}

hf_exit hf_cli_export_outputs(const hf_cli_export_outputs_options *options)
{
    const hf_outputs_choice choice = {.model = options->model,
                                      .chip = options->chip,
                                      .output = (int)options->output,
                                      .real = options->real};
    hf_cli_results_source source;
    hf_buffer bytes = HF_BUFFER_INIT;
    if (!has_known_ending(options->file))
        return HF_EXIT_BAD_INPUT;
    hf_exit exit_status = hf_cli_results_source_open(options->db, options->local, &source);
    if (exit_status == HF_EXIT_OK)
        exit_status = source.db ? render(source.db, options, &choice, &bytes)
                                : fetch(source.client, options, &choice, &bytes);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_write(&bytes, options->file);
    hf_buffer_free(&bytes);
    hf_cli_results_source_close(&source);
    return exit_status;
}
