/* SPDX-License-Identifier: Apache-2.0 */
#include "import_boards.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "help.h"
#include "input_files.h"

static const char *const formats[] = {"twister", "labgrid"};

static bool find_format(const char *word, hf_import_format *format)
{
    *format = HF_IMPORT_DETECT;
    if (!word)
        return true;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(word, formats[i]) == 0) {
            *format = i == 0 ? HF_IMPORT_TWISTER : HF_IMPORT_LABGRID;
            return true;
        }
    fprintf(stderr, "hilfarm boards import: --format '%s': expected twister or labgrid", word);
    hf_cli_print_suggestion(word, formats, sizeof formats / sizeof formats[0]);
    fputc('\n', stderr);
    return false;
}

/* @param found what is connected here, as far as it can be listed */
static hf_exit import_text(const hf_cli_import *import, hf_import_format format, const char *text,
                           size_t bytes, const hf_discovery *found)
{
    hf_error err = {0};
    hf_buffer draft = HF_BUFFER_INIT;
    hf_draft_summary summary = {0};
    hf_diagnostics *mistakes = hf_diagnostics_new();
    hf_exit exit_status = HF_EXIT_FARM;
    if (!mistakes) {
        fputs("hilfarm: out of memory\n", stderr);
        return HF_EXIT_FARM;
    }
    if (hf_draft_import(import->file, text, bytes, format, found, import->chip ? import->chip->name : NULL,
                        &draft, &summary, mistakes, &err) == HF_OK)
        exit_status = hf_cli_write_draft(&import->draft, &draft, &summary, "board", !import->chip);
    else if (hf_diagnostics_total(mistakes))
        exit_status = hf_cli_print_mistakes(mistakes);
    else
        exit_status = hf_cli_fail(&err);
    hf_diagnostics_free(mistakes);
    hf_buffer_free(&draft);
    return exit_status;
}

hf_exit hf_cli_import_boards(const hf_cli_import *import)
{
    hf_error err = {0};
    hf_import_format format;
    uint8_t *text = NULL;
    size_t bytes = 0;
    if (!find_format(import->format, &format) || !hf_cli_may_write(&import->draft))
        return HF_EXIT_BAD_INPUT;
    if (hf_file_read(import->file, HF_SPEC_MAX_BYTES, &text, &bytes, &err) != HF_OK) {
        (void)hf_cli_fail(&err);
        return HF_EXIT_BAD_INPUT;
    }
    hf_discovery found = {0};
    const bool listed = hf_discover(&found, NULL) == HF_OK;
    hf_exit exit_status = import_text(import, format, (const char *)text, bytes, listed ? &found : NULL);
    hf_discovery_free(&found);
    free(text);
    return exit_status;
}

hf_exit hf_cli_export_boards(const hf_cli_draft *draft, const hf_farm *farm)
{
    if (!hf_cli_may_write(draft))
        return HF_EXIT_BAD_INPUT;
    hf_buffer text = HF_BUFFER_INIT;
    hf_discovery found = {0};
    const bool listed = hf_discover(&found, NULL) == HF_OK;
    (void)hf_export_twister(farm, listed ? &found : NULL, &text);
    hf_exit exit_status = hf_cli_write_new(draft, &text);
    hf_discovery_free(&found);
    hf_buffer_free(&text);
    return exit_status;
}
