/* SPDX-License-Identifier: Apache-2.0 */
/* The store and the firmware images. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board/board.h"
#include "checks.h"
#include "store/store.h"

/* SQLite creates files next to the store. */
static bool can_create(const char *path)
{
    char copy[4096];
    struct stat info;
    snprintf(copy, sizeof copy, "%s", path);
    const char *folder = hf_doctor_existing_folder(copy);
    return stat(folder, &info) == 0 && S_ISDIR(info.st_mode) && access(folder, W_OK | X_OK) == 0;
}

static void check_store(const hf_doctor_options *options)
{
    static const char remedy[] = "change its permissions, or name another file with --db";
    hf_error err = {0};
    hf_store *store = NULL;
    const char *path = options->store_path;
    if (!can_create(path) || (access(path, F_OK) == 0 && access(path, W_OK) != 0)) {
        hf_doctor_report(options, HF_VERDICT_FAIL, "store", remedy, "%s cannot be written", path);
        return;
    }
    hf_status status = hf_store_open_readonly(path, &store, &err);
    hf_store_close(store);
    if (status != HF_OK && status != HF_ENOTFOUND)
        hf_doctor_report(
            options, HF_VERDICT_FAIL, "store",
            "a newer hilfarm can open newer stores, and a run updates older ones; otherwise name "
            "another file with --db",
            "%s", err.message);
    else
        hf_doctor_report(options, HF_VERDICT_OK, "store", NULL, "%s%s", path,
                         status == HF_OK ? ", of this version of hilfarm" : ", which the first run creates");
}

void hf_check_files(const hf_doctor_options *options)
{
    check_store(options);
    const hf_chip *chip;
    for (uint32_t next = 0; (chip = hf_doctor_next_chip(options->farm, &next));) {
        hf_error err = {0};
        char id[HF_FIRMWARE_ID_SIZE];
        if (hf_firmware_id(options->firmware_dir, chip, NULL, id, &err) == HF_OK)
            hf_doctor_report(options, HF_VERDICT_OK, "firmware", NULL, "%s/hilfarm-%s.bin, build %.12s",
                             options->firmware_dir, chip->name, id);
        else
            hf_doctor_report(options, HF_VERDICT_FAIL, "firmware",
                             "build or install the firmware, or name its folder with --firmware-dir", "%s",
                             err.message);
    }
}
