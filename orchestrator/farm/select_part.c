/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/select_part.h"

#include <stdlib.h>

#include "base/buffer.h"

static hf_status select_jobs(const hf_part_options *options, const hf_spec *spec,
                             const hf_selection *selection, hf_partial_run *part, hf_error *err)
{
    hf_status status = hf_partial_run_all(spec, selection, part, err);
    if (status == HF_OK && options->only)
        status = hf_partial_run_only(part, spec, options->only, err);
    if (status == HF_OK && options->failed)
        status = hf_partial_run_failed(part, spec, selection, options->failed, err);
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

static hf_status record(const hf_part_options *options, const hf_spec *spec, const hf_partial_run *part,
                        char **spec_text, hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    put_option(&text, "only", options->only);
    put_option(&text, "boards", options->boards);
    put_option(&text, "failed", options->failed ? options->failed->run.key : NULL);
    if (text.size)
        *spec_text = hf_partial_run_record(spec, part, options->boards, hf_buffer_text(&text));
    const bool failure = text.failed || (text.size && !*spec_text);
    hf_buffer_free(&text);
    return failure ? HF_FAIL(err, HF_ENOMEM, "no memory to record the part of the sweep") : HF_OK;
}

hf_status hf_part_select(const hf_part_options *options, const hf_spec *spec, const hf_farm *farm,
                         hf_selection *selection, hf_partial_run *part, char **spec_text, hf_error *err)
{
    hf_status status = HF_OK;
    if (options->boards)
        status = hf_partial_run_boards(farm, options->boards, selection, err);
    if (status == HF_OK)
        status = select_jobs(options, spec, selection, part, err);
    if (status == HF_OK)
        status = record(options, spec, part, spec_text, err);
    return status;
}

hf_status hf_part_restore(const char *recorded, const hf_spec *spec, const hf_farm *farm,
                          hf_selection *selection, hf_partial_run *part, hf_error *err)
{
    char *boards = NULL, *jobs = NULL;
    hf_status status = hf_partial_run_recorded(recorded, spec, &boards, &jobs, err);
    if (status == HF_OK && boards)
        status = hf_partial_run_boards(farm, boards, selection, err);
    if (status == HF_OK)
        status = hf_partial_run_all(spec, selection, part, err);
    if (status == HF_OK && jobs)
        status = hf_partial_run_jobs(part, jobs, err);
    free(boards);
    free(jobs);
    return status;
}
