/* SPDX-License-Identifier: Apache-2.0 */
#include "input_files.h"

#include <stdio.h>
#include <stdlib.h>

#include "farm/check_spec_classes.h"
#include "farm/check_spec_files.h"

#include "farm_hosts_access.h"

hf_exit hf_cli_print_mistakes(const hf_diagnostics *diagnostics)
{
    if (!hf_diagnostics_total(diagnostics))
        return HF_EXIT_OK;
    char *text = hf_diagnostics_render(diagnostics);
    fputs(text ? text : "hilfarm: out of memory\n", stderr);
    free(text);
    return HF_EXIT_BAD_INPUT;
}

hf_exit hf_cli_finish_mistakes(hf_diagnostics *diagnostics, hf_status status, const char *consequence,
                               const hf_error *err)
{
    hf_exit exit_status = HF_EXIT_OK;
    const uint32_t mistakes = hf_diagnostics_total(diagnostics);
    if (mistakes) {
        exit_status = hf_cli_print_mistakes(diagnostics);
        if (consequence)
            fprintf(stderr, "hilfarm: %u mistake%s, %s\n", mistakes, mistakes == 1 ? "" : "s", consequence);
    } else if (status != HF_OK) {
        exit_status = hf_cli_fail(err);
    }
    hf_diagnostics_free(diagnostics);
    return exit_status;
}

static hf_diagnostics *new_diagnostics(void)
{
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    if (!diagnostics)
        fputs("hilfarm: out of memory\n", stderr);
    return diagnostics;
}

static hf_exit load_farm(const char *path, bool find_hosts, hf_farm **farm)
{
    hf_error err = {0};
    hf_diagnostics *diagnostics = new_diagnostics();
    if (!diagnostics)
        return HF_EXIT_FARM;
    hf_status status = path ? hf_farm_load(path, farm, diagnostics, &err) : hf_farm_default(farm, &err);
    if (status == HF_OK && find_hosts)
        status = hf_cli_find_hosts(NULL, *farm, &err);
    return hf_cli_finish_mistakes(diagnostics, status, NULL, &err);
}

hf_exit hf_cli_load_farm(const char *path, hf_farm **farm)
{
    return load_farm(path, true, farm);
}

hf_exit hf_cli_load_farm_file(const char *path, hf_farm **farm)
{
    return load_farm(path, false, farm);
}

hf_exit hf_cli_load_spec(const char *path, hf_spec **spec)
{
    hf_error err = {0};
    hf_diagnostics *diagnostics = new_diagnostics();
    if (!diagnostics)
        return HF_EXIT_FARM;
    hf_status status = hf_spec_load(path, spec, diagnostics, &err);
    return hf_cli_finish_mistakes(diagnostics, status, NULL, &err);
}

hf_exit hf_cli_load_run_config(const char *spec_path, const char *farm_path, const char *consequence,
                               hf_run_config *config)
{
    hf_error err = {0};
    hf_diagnostics *diagnostics = new_diagnostics();
    if (!diagnostics)
        return HF_EXIT_FARM;
    hf_status status =
        hf_run_config_load(spec_path, farm_path, hf_cli_find_hosts, NULL, config, diagnostics, &err);
    return hf_cli_finish_mistakes(diagnostics, status, consequence, &err);
}

hf_exit hf_cli_check_spec_files(const hf_spec *spec, const char *consequence)
{
    hf_error err = {0};
    hf_diagnostics *diagnostics = new_diagnostics();
    if (!diagnostics)
        return HF_EXIT_FARM;
    return hf_cli_finish_mistakes(diagnostics, hf_check_spec_files(spec, diagnostics, &err), consequence,
                                  &err);
}

hf_exit hf_cli_check_training_classes(const hf_spec *spec, const char *consequence)
{
    hf_error err = {0};
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    const hf_status status = diagnostics ? hf_check_spec_classes(spec, true, diagnostics, &err)
                                         : HF_FAIL(&err, HF_ENOMEM, "out of memory");
    return diagnostics ? hf_cli_finish_mistakes(diagnostics, status, consequence, &err) : hf_cli_fail(&err);
}
