/* SPDX-License-Identifier: Apache-2.0 */
#include "store/examine.h"

#include <dirent.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "schema_migration.h"
#include "sql_statement.h"

#define CHECK_STEPS 10000 /* of SQLite's virtual machine between two looks at the clock */

static int is_late(void *user)
{
    const hf_deadline *deadline = user;
    return hf_deadline_passed(*deadline);
}

static void check_integrity(hf_store *store, uint64_t limit_ms, hf_store_condition *out)
{
    hf_deadline deadline = hf_deadline_in_ms(limit_ms);
    hf_error err = {0};
    sqlite3_progress_handler(store->db, CHECK_STEPS, is_late, &deadline);
    hf_sql query = hf_sql_start(store, "checking it", "PRAGMA quick_check(1)", "");
    bool found = hf_sql_row(&query);
    const char *text = found ? (const char *)sqlite3_column_text(query.statement, 0) : NULL;
    if (text && strcmp(text, "ok") != 0)
        snprintf(out->damage, sizeof out->damage, "%s", text);
    out->checked = text != NULL;
    if (hf_sql_done(&query, &err) != HF_OK && (store->failure & 0xff) != SQLITE_INTERRUPT) {
        snprintf(out->damage, sizeof out->damage, "%s", err.message);
        out->checked = true;
    }
    sqlite3_progress_handler(store->db, 0, NULL, NULL);
}

static bool count_journal(void *user, const char *key)
{
    (void)key;
    ++*(uint32_t *)user;
    return true;
}

/* Files "<store>.run-<key>.damaged". */
static uint32_t count_damaged(const char *path)
{
    static const char suffix[] = ".damaged";
    uint32_t count = 0;
    char *for_folder = strdup(path), *for_name = strdup(path);
    DIR *folder = for_folder && for_name ? opendir(dirname(for_folder)) : NULL;
    const char *name = folder ? basename(for_name) : "";
    for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
        const size_t length = strlen(entry->d_name), begin = strlen(name);
        count += length > begin + sizeof suffix && strncmp(entry->d_name, name, begin) == 0 &&
                 strncmp(entry->d_name + begin, ".run-", 5) == 0 &&
                 strcmp(entry->d_name + length - (sizeof suffix - 1), suffix) == 0;
    }
    if (folder)
        closedir(folder);
    free(for_folder);
    free(for_name);
    return count;
}

/* Whether SQLite finds the schema damaged. */
static bool is_damaged(const char *path)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
    sqlite3_close(db);
    return code == SQLITE_CORRUPT;
}

hf_status hf_store_examine(const char *path, uint64_t limit_ms, hf_store_condition *out, hf_error *err)
{
    hf_store_condition condition = {0};
    hf_store *store = NULL;
    hf_error cause = {0};
    hf_status status = hf_store_open_unchanged(path, hf_schema_identify, &store, &cause);
    if (status == HF_ESTORE && is_damaged(path))
        cause.status = HF_EFORMAT;
    if (status != HF_OK)
        return hf_error_pass(err, &cause);
    condition.outdated = hf_schema_check(store, NULL) != HF_OK;
    check_integrity(store, limit_ms, &condition);
    hf_store_close(store);
    hf_run_journal_each_free(path, count_journal, &condition.journals);
    condition.damaged_journals = count_damaged(path);
    *out = condition;
    return HF_OK;
}
