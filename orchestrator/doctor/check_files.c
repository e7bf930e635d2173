/* SPDX-License-Identifier: Apache-2.0 */
/* The store and the firmware images. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board/board.h"
#include "checks.h"
#include "store/examine.h"

#define INTEGRITY_LIMIT_MS 10000

/* SQLite creates files next to the store. */
static bool can_create(const char *path)
{
    char copy[4096];
    struct stat info;
    snprintf(copy, sizeof copy, "%s", path);
    const char *folder = hf_doctor_existing_folder(copy);
    return stat(folder, &info) == 0 && S_ISDIR(info.st_mode) && access(folder, W_OK | X_OK) == 0;
}

static const char damage_remedy[] =
    "save what can be read with `sqlite3 FILE .recover`, then restore a backup";

static void report_condition(const hf_doctor_options *options, const hf_store_condition *condition)
{
    const char *path = options->store_path;
    if (condition->damage[0])
        hf_doctor_report(options, HF_DOCTOR_FAIL, "store", damage_remedy, "%s: %s", path, condition->damage);
    else if (!condition->checked)
        hf_doctor_report(options, HF_DOCTOR_WARN, "store", "run `sqlite3 FILE 'PRAGMA quick_check'`",
                         "%s is too large to be checked here, or is being written", path);
    else
        hf_doctor_report(options, HF_DOCTOR_OK, "store", NULL, "%s is sound%s", path,
                         condition->outdated ? ", of an older version: the next run updates it" : "");
    if (condition->journals)
        hf_doctor_report(options, HF_DOCTOR_WARN, "store", "run `hilfarm runs`, which stores them",
                         "results of %u run%s that died are not in the store yet", condition->journals,
                         condition->journals == 1 ? "" : "s");
    if (condition->damaged_journals)
        hf_doctor_report(options, HF_DOCTOR_WARN, "store",
                         "measure those runs again, then delete the files (see SCHEMA.md)",
                         "%u journal%s with damaged records next to %s", condition->damaged_journals,
                         condition->damaged_journals == 1 ? "" : "s", path);
}

static void check_store(const hf_doctor_options *options)
{
    static const char remedy[] = "change its permissions, or name another file with --db";
    hf_error err = {0};
    hf_store_condition condition;
    const char *path = options->store_path;
    if (!can_create(path) || (access(path, F_OK) == 0 && access(path, W_OK) != 0)) {
        hf_doctor_report(options, HF_DOCTOR_FAIL, "store", remedy, "%s cannot be written", path);
        return;
    }
    hf_status status = hf_store_examine(path, INTEGRITY_LIMIT_MS, &condition, &err);
    if (status == HF_OK)
        report_condition(options, &condition);
    else if (status == HF_ENOTFOUND)
        hf_doctor_report(options, HF_DOCTOR_OK, "store", NULL, "%s, which the first run creates", path);
    else if (status == HF_EFORMAT)
        hf_doctor_report(options, HF_DOCTOR_FAIL, "store", damage_remedy, "%s", err.message);
    else
        hf_doctor_report(options, HF_DOCTOR_FAIL, "store",
                         "use a newer hilfarm for a newer store; otherwise name another file with --db", "%s",
                         err.message);
}

void hf_check_files(const hf_doctor_options *options)
{
    check_store(options);
    const hf_chip *chip;
    for (uint32_t next = 0; (chip = hf_doctor_next_chip(options->farm, &next));) {
        hf_error err = {0};
        char id[HF_FIRMWARE_ID_SIZE];
        if (hf_firmware_id(options->firmware_dir, chip, NULL, id, &err) == HF_OK)
            hf_doctor_report(options, HF_DOCTOR_OK, "firmware", NULL, "%s/hilfarm-%s.bin, build %.12s",
                             options->firmware_dir, chip->name, id);
        else
            hf_doctor_report(options, HF_DOCTOR_FAIL, "firmware",
                             "build or install the firmware, or name its folder with --firmware-dir", "%s",
                             err.message);
    }
}
