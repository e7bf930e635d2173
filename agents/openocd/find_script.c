/* SPDX-License-Identifier: Apache-2.0 */
#include "openocd/find_script.h"

#include "config/openocd_scripts.h"
#include "suggest_script.h"

hf_status hf_script_missing(const char *name, bool of_probe, const char *program, const char *folder,
                            hf_error *err)
{
    char nearest[HF_SCRIPT_NAME_SIZE];
    hf_error cause = {0};
    hf_script_suggest(name, program, folder, nearest);
    (void)HF_FAIL_AS(&cause, HF_FAULT_PROBE, HF_ENOTFOUND, "%s '%s'%s%s%s",
                     of_probe ? "probe.interface: OpenOCD has no script" : "OpenOCD cannot find its script",
                     name, nearest[0] ? ", did you mean '" : "", nearest, nearest[0] ? "'?" : "");
    cause.lasting = HF_PERMANENT;
    return hf_error_pass(err, &cause);
}

hf_status hf_openocd_find_script(const char *name, bool of_probe, const char *program, const char *folder,
                                 char path[PATH_MAX], hf_error *err)
{
    if (hf_script_find(name, folder, program, path))
        return HF_OK;
    return hf_script_missing(name, of_probe, program, folder, err);
}

bool hf_openocd_has_scripts(const char *program)
{
    char path[PATH_MAX];
    return hf_script_find("interface/stlink.cfg", NULL, program, path);
}
