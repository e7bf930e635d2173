/* SPDX-License-Identifier: Apache-2.0 */
#include "baseline.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/user.h"
#include "store_access.h"

hf_exit hf_cli_load_baseline(hf_store *store, const char *text, const char *name, int64_t run_id,
                             hf_report *before)
{
    hf_error err = {0};
    int64_t found = 0;
    const bool green = strcmp(text, HF_CLI_LAST_GREEN) == 0;
    char user[256] = ""; /* who begins the run; "" if it has begun, or they are not known */
    if (green && !run_id)
        (void)hf_user_name(geteuid(), user, sizeof user);
    hf_status status = green
                           ? hf_store_find_last_green(store, name, *user ? user : NULL, run_id, &found, &err)
                           : hf_store_find_run(store, text, &found, &err);
    if (status == HF_OK && green && !found) {
        fprintf(
            stderr,
            "hilfarm: no baseline: no earlier run of %s by the same user has finished without failures and "
            "regressions\n",
            name);
        return HF_EXIT_OK;
    }
    if (status == HF_OK)
        status = hf_store_load_parts(store, found, 0, before, &err);
    if (status == HF_OK && before->run.id == run_id) {
        hf_report_free(before);
        status = HF_FAIL(&err, HF_EINVALID,
                         "run %lld cannot be its own baseline: expected another run, or " HF_CLI_LAST_GREEN,
                         (long long)run_id);
    }
    return status == HF_OK ? HF_EXIT_OK : hf_cli_fail(&err);
}

hf_exit hf_cli_read_baseline(const char *store_path, const char *text, const hf_report *after,
                             hf_report *before)
{
    hf_error err = {0};
    hf_store *store = NULL;
    if (hf_cli_open_store_readonly(store_path, &store, &err) != HF_OK)
        return hf_cli_fail(&err);
    hf_exit exit_status = hf_cli_load_baseline(store, text, after->run.name, after->run.id, before);
    hf_store_close(store);
    return exit_status;
}

hf_exit hf_cli_read_recorded_baseline(const char *store_path, const hf_report *after, hf_report *before)
{
    hf_error err = {0};
    hf_store *store = NULL;
    int64_t found = 0;
    if (hf_cli_open_store_readonly(store_path, &store, &err) != HF_OK)
        return hf_cli_fail(&err);
    hf_status status = hf_store_find_baseline(store, &after->run, &found, &err);
    if (status == HF_OK && found)
        status = hf_store_load_parts(store, found, 0, before, &err);
    hf_store_close(store);
    return status == HF_OK ? HF_EXIT_OK : hf_cli_fail(&err);
}
