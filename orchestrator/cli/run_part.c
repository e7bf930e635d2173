/* SPDX-License-Identifier: Apache-2.0 */
#include "run_part.h"

#include "farm/select_part.h"
#include "store_access.h"

hf_exit hf_cli_select_part(const hf_cli_part_options *options, hf_run_config *config, hf_partial_run *part,
                           char **spec_text)
{
    hf_error err = {0};
    hf_report failed = {0};
    if (options->failed_run) {
        hf_exit exit_status = hf_cli_load_report(options->db, options->failed_run, 0, &failed);
        if (exit_status != HF_EXIT_OK)
            return exit_status;
    }
    const hf_part_options selected = {
        .only = options->only, .boards = options->boards, .failed = options->failed_run ? &failed : NULL};
    hf_status status =
        hf_part_select(&selected, config->spec, config->farm, &config->selection, part, spec_text, &err);
    hf_report_free(&failed);
    return status == HF_OK ? HF_EXIT_OK : hf_cli_fail(&err);
}

hf_exit hf_cli_restore_part(const hf_report *earlier, hf_run_config *config, hf_partial_run *part)
{
    hf_error err = {0};
    return hf_part_restore(earlier->run.spec_text, config->spec, config->farm, &config->selection, part,
                           &err) == HF_OK
               ? HF_EXIT_OK
               : hf_cli_fail(&err);
}
