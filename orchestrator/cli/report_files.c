/* SPDX-License-Identifier: Apache-2.0 */
#include "report_files.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "output.h"
#include "report/render.h"
#include "report_page.h"

/* Writes <folder>/<file>, or removes it if there is no text. */
static hf_exit write_file(const hf_buffer *text, const char *folder, const char *file)
{
    char *path = NULL;
    hf_exit exit_status = HF_EXIT_OK;
    if (asprintf(&path, "%s/%s", folder, file) < 0)
        return HF_EXIT_FARM;
    if (text)
        exit_status = hf_cli_write(text, path);
    else
        unlink(path);
    free(path);
    return exit_status;
}

/* Makes <folder>/latest point to the newest report. Anything but a link is not ours and stays. */
static void point_latest(const char *folder, const char *name)
{
    char *link = NULL, *fresh = NULL;
    struct stat info;
    if (asprintf(&link, "%s/latest", folder) < 0)
        link = NULL;
    else if (asprintf(&fresh, "%s/.latest-%ld", folder, (long)getpid()) < 0)
        fresh = NULL;
    if (link && fresh && (lstat(link, &info) < 0 || S_ISLNK(info.st_mode))) {
        unlink(fresh);
        if (symlink(name, fresh) == 0 && rename(fresh, link) < 0)
            unlink(fresh);
    }
    free(link);
    free(fresh);
}

/* Makes the folder of a report beside the store. @return its path, the caller's to free(); NULL after a failure, which is printed */
static char *make_folder(const char *key, const char *run_name, const char *db)
{
    hf_error err = {0};
    char *copy = strdup(db), *parent = copy ? dirname(copy) : NULL, *made = NULL;
    hf_status status = !parent || asprintf(&made, "%s/%s-%s", parent, key, run_name) < 0
                           ? HF_FAIL(&err, HF_ENOMEM, "no memory to write the report")
                           : hf_make_dirs(made, &err);
    free(copy);
    if (status == HF_OK)
        return made;
    (void)hf_cli_fail(&err);
    free(made);
    return NULL;
}

/* Makes the link to the newest report point to a folder that is complete. */
static void point_to(const char *folder)
{
    char *copy = strdup(folder), *name = strrchr(folder, '/');
    if (copy && name)
        point_latest(dirname(copy), name + 1);
    free(copy);
}

static hf_exit write_page(hf_store *store, const hf_report *report, const hf_run_comparison *comparison,
                          const char *folder)
{
    char *path = NULL;
    if (asprintf(&path, "%s/report.html", folder) < 0)
        return HF_EXIT_FARM;
    hf_exit exit_status = hf_cli_write_page(store, report->run.id, comparison, path);
    free(path);
    return exit_status;
}

hf_exit hf_cli_write_report(hf_store *store, const hf_report *report, const hf_run_comparison *comparison,
                            const char *db, char **folder)
{
    hf_buffer results = HF_BUFFER_INIT, layers = HF_BUFFER_INIT, compared = HF_BUFFER_INIT;
    char *made = make_folder(report->run.key, report->run.name, db);
    hf_exit exit_status = HF_EXIT_OK;
    if (!made)
        return HF_EXIT_FARM;
    hf_render_csv(report, &results);
    hf_render_layers_csv(report, &layers);
    if (comparison)
        hf_run_comparison_render_json(comparison, &compared);
    const hf_exit written[] = {write_file(&results, made, "results.csv"),
                               write_file(&layers, made, "layers.csv"),
                               write_page(store, report, comparison, made),
                               write_file(comparison ? &compared : NULL, made, "comparison.json")};
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++)
        if (written[i] != HF_EXIT_OK)
            exit_status = HF_EXIT_FARM;
    point_to(made);
    hf_buffer_free(&results);
    hf_buffer_free(&layers);
    hf_buffer_free(&compared);
    if (exit_status == HF_EXIT_OK)
        *folder = made;
    else
        free(made);
    return exit_status;
}

hf_exit hf_cli_write_report_texts(const char *key, const char *name,
                                  const hf_buffer texts[HF_CLI_REPORT_FILE_COUNT], const char *db,
                                  char **folder)
{
    static const char *const names[] = HF_CLI_REPORT_FILES;
    char *made = make_folder(key, name, db);
    hf_exit exit_status = HF_EXIT_OK;
    if (!made)
        return HF_EXIT_FARM;
    for (size_t i = 0; i < HF_CLI_REPORT_FILE_COUNT; i++)
        if (write_file(&texts[i], made, names[i]) != HF_EXIT_OK)
            exit_status = HF_EXIT_FARM;
    if (write_file(NULL, made, "comparison.json") != HF_EXIT_OK)
        exit_status = HF_EXIT_FARM;
    point_to(made);
    if (exit_status == HF_EXIT_OK)
        *folder = made;
    else
        free(made);
    return exit_status;
}

char *hf_cli_find_report(const hf_report *report, const char *db)
{
    char *copy = strdup(db), *folder = NULL, *page = NULL;
    if (!copy || asprintf(&folder, "%s/%s-%s", dirname(copy), report->run.key, report->run.name) < 0)
        folder = NULL;
    if (folder && asprintf(&page, "%s/report.html", folder) < 0)
        page = NULL;
    if (!page || access(page, F_OK) < 0) {
        free(folder);
        folder = NULL;
    }
    free(page);
    free(copy);
    return folder;
}
