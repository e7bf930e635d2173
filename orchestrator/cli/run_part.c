/* SPDX-License-Identifier: Apache-2.0 */
#include "run_part.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "store_access.h"

static hf_status select_jobs(const hf_cli_part_options *options, const hf_report *failed,
                             const hf_run_config *config, hf_partial_run *part, hf_error *err)
{
    hf_status status = hf_partial_run_all(config->spec, &config->selection, part, err);
    if (status == HF_OK && options->only)
        status = hf_partial_run_only(part, config->spec, options->only, err);
    if (status == HF_OK && failed)
        status = hf_partial_run_failed(part, config->spec, &config->selection, failed, err);
    return status;
}

/* Appends " --name 'value'" on one line, whatever the value contains. */
static void put_option(hf_buffer *text, const char *name, const char *value)
{
    if (!value)
        return;
    hf_buffer_printf(text, " --%s '", name);
    for (; *value; value++)
        if ((unsigned char)*value < ' ')
            hf_buffer_putc(text, '?');
        else
            hf_buffer_putc(text, *value);
    hf_buffer_putc(text, '\'');
}

static hf_status record(const hf_cli_part_options *options, const hf_report *failed,
                        const hf_run_config *config, const hf_partial_run *part, char **spec_text,
                        hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    put_option(&text, "only", options->only);
    put_option(&text, "boards", options->boards);
    put_option(&text, "failed", failed ? failed->run.key : NULL);
    if (text.size)
        *spec_text = hf_partial_run_record(config->spec, part, options->boards, hf_buffer_text(&text));
    const bool failure = text.failed || (text.size && !*spec_text);
    hf_buffer_free(&text);
    return failure ? HF_FAIL(err, HF_ENOMEM, "no memory to record the part of the sweep") : HF_OK;
}

hf_exit hf_cli_select_part(const hf_cli_part_options *options, hf_run_config *config, hf_partial_run *part,
                           char **spec_text)
{
    hf_error err = {0};
    hf_report failed = {0};
    if (options->failed_run) {
        hf_exit exit_status = hf_cli_load_report(options->db, options->failed_run, &failed);
        if (exit_status != HF_EXIT_OK)
            return exit_status;
    }
    const hf_report *earlier = options->failed_run ? &failed : NULL;
    hf_status status = HF_OK;
    if (options->boards)
        status = hf_partial_run_boards(config->farm, options->boards, &config->selection, &err);
    if (status == HF_OK)
        status = select_jobs(options, earlier, config, part, &err);
    if (status == HF_OK)
        status = record(options, earlier, config, part, spec_text, &err);
    hf_report_free(&failed);
    return status == HF_OK ? HF_EXIT_OK : hf_cli_fail(&err);
}

hf_exit hf_cli_restore_part(const hf_report *earlier, hf_run_config *config, hf_partial_run *part)
{
    hf_error err = {0};
    char *boards = NULL, *jobs = NULL;
    hf_status status = hf_partial_run_recorded(earlier->run.spec_text, config->spec, &boards, &jobs, &err);
    if (status == HF_OK && boards)
        status = hf_partial_run_boards(config->farm, boards, &config->selection, &err);
    if (status == HF_OK)
        status = hf_partial_run_all(config->spec, &config->selection, part, &err);
    if (status == HF_OK && jobs)
        status = hf_partial_run_jobs(part, jobs, &err);
    free(boards);
    free(jobs);
    return status == HF_OK ? HF_EXIT_OK : hf_cli_fail(&err);
}
