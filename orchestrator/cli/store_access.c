/* SPDX-License-Identifier: Apache-2.0 */
#include "store_access.h"

#include <stdio.h>
#include <unistd.h>

static void print_note(const hf_store *store)
{
    if (*hf_store_note(store))
        fprintf(stderr, "hilfarm: %s\n", hf_store_note(store));
}

hf_exit hf_cli_open_store(const char *path, hf_store **store)
{
    hf_error err = {0};
    if (hf_store_open(path, store, &err) != HF_OK) {
        hf_cli_fail(&err);
        return HF_EXIT_FARM;
    }
    print_note(*store);
    return HF_EXIT_OK;
}

hf_exit hf_cli_open_existing_store(const char *path, hf_store **store)
{
    hf_error err = {0};
    hf_store *found = NULL;
    if (access(path, F_OK) < 0 && hf_store_open_readonly(path, &found, &err) != HF_OK)
        return hf_cli_fail(&err); /* says that there is none */
    hf_store_close(found);
    return hf_cli_open_store(path, store);
}

hf_status hf_cli_open_store_readonly(const char *path, hf_store **store, hf_error *err)
{
    hf_status status = hf_store_open_readonly(path, store, err);
    if (status == HF_OK)
        print_note(*store);
    return status;
}

hf_exit hf_cli_open_run(const char *store_path, const char *run, hf_store **store, int64_t *run_id)
{
    hf_error err = {0};
    *store = NULL;
    *run_id = 0;
    if (hf_cli_open_store_readonly(store_path, store, &err) == HF_OK &&
        (!run || hf_store_find_run(*store, run, run_id, &err) == HF_OK))
        return HF_EXIT_OK;
    hf_store_close(*store);
    *store = NULL;
    return hf_cli_fail(&err);
}

hf_exit hf_cli_load_report(const char *store_path, const char *run, unsigned parts, hf_report *report)
{
    int64_t run_id;
    hf_error err = {0};
    hf_store *store;
    hf_exit exit_status = hf_cli_open_run(store_path, run, &store, &run_id);
    if (exit_status == HF_EXIT_OK && hf_store_load_parts(store, run_id, parts, report, &err) != HF_OK)
        exit_status = hf_cli_fail(&err);
    hf_store_close(store);
    return exit_status;
}
