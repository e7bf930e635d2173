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
#include "page/page.h"
#include "report/render.h"

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

static hf_exit write_files(const char *key, const char *run_name,
                           const hf_buffer texts[HF_CLI_REPORT_FILE_COUNT], const hf_buffer *comparison,
                           const char *db, char **folder)
{
    static const char *const names[] = HF_CLI_REPORT_FILES;
    hf_error err = {0};
    hf_status status;
    hf_exit exit_status = HF_EXIT_OK;
    char *copy = strdup(db), *parent = copy ? dirname(copy) : NULL, *name = NULL, *made = NULL;
    if (!parent || asprintf(&name, "%s-%s", key, run_name) < 0 || asprintf(&made, "%s/%s", parent, name) < 0)
        status = HF_FAIL(&err, HF_ENOMEM, "no memory to write the report");
    else
        status = hf_make_dirs(made, &err);
    if (status != HF_OK || !name) {
        exit_status = hf_cli_fail(&err);
    } else {
        for (size_t i = 0; i < HF_CLI_REPORT_FILE_COUNT; i++)
            if (write_file(&texts[i], made, names[i]) != HF_EXIT_OK)
                exit_status = HF_EXIT_FARM;
        if (write_file(comparison, made, "comparison.json") != HF_EXIT_OK)
            exit_status = HF_EXIT_FARM;
        point_latest(parent, name);
    }
    free(name);
    free(copy);
    if (exit_status == HF_EXIT_OK)
        *folder = made;
    else
        free(made);
    return exit_status;
}

hf_exit hf_cli_write_report(const hf_report *report, const hf_run_comparison *comparison, const char *db,
                            char **folder)
{
    hf_buffer texts[HF_CLI_REPORT_FILE_COUNT] = {0}, compared = HF_BUFFER_INIT;
    hf_render_csv(report, &texts[0]); /* in the order of HF_CLI_REPORT_FILES */
    hf_render_layers_csv(report, &texts[1]);
    hf_page_render(report, comparison, &texts[2]);
    if (comparison)
        hf_run_comparison_render_json(comparison, &compared);
    hf_exit exit_status =
        write_files(report->run.key, report->run.name, texts, comparison ? &compared : NULL, db, folder);
    for (size_t i = 0; i < HF_CLI_REPORT_FILE_COUNT; i++)
        hf_buffer_free(&texts[i]);
    hf_buffer_free(&compared);
    return exit_status;
}

hf_exit hf_cli_write_report_texts(const char *key, const char *name,
                                  const hf_buffer texts[HF_CLI_REPORT_FILE_COUNT], const char *db,
                                  char **folder)
{
    return write_files(key, name, texts, NULL, db, folder);
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
