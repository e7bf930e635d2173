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

typedef void render_function(const hf_report *report, hf_buffer *out);

static hf_exit write_rendered(const hf_report *report, const char *folder, const char *file,
                              render_function *render)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, file) < 0)
        return HF_EXIT_FARM;
    hf_buffer text = HF_BUFFER_INIT;
    render(report, &text);
    hf_exit exit_status = hf_cli_write(&text, path);
    hf_buffer_free(&text);
    free(path);
    return exit_status;
}

static hf_exit write_page(const hf_report *report, const hf_run_comparison *comparison, const char *folder)
{
    char *path = NULL;
    if (asprintf(&path, "%s/report.html", folder) < 0)
        return HF_EXIT_FARM;
    hf_buffer page = HF_BUFFER_INIT;
    hf_page_render(report, comparison, &page);
    hf_exit exit_status = hf_cli_write(&page, path);
    hf_buffer_free(&page);
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

static hf_exit write_comparison(const hf_run_comparison *comparison, const char *folder)
{
    char *path = NULL;
    hf_exit exit_status = HF_EXIT_OK;
    if (asprintf(&path, "%s/comparison.json", folder) < 0)
        return HF_EXIT_FARM;
    if (comparison) {
        hf_buffer text = HF_BUFFER_INIT;
        hf_run_comparison_render_json(comparison, &text);
        exit_status = hf_cli_write(&text, path);
        hf_buffer_free(&text);
    } else {
        unlink(path);
    }
    free(path);
    return exit_status;
}

hf_exit hf_cli_write_report(const hf_report *report, const hf_run_comparison *comparison, const char *db,
                            char **folder)
{
    hf_error err = {0};
    hf_status status;
    hf_exit exit_status = HF_EXIT_OK;
    char *copy = strdup(db), *parent = copy ? dirname(copy) : NULL, *name = NULL, *made = NULL;
    if (!parent || asprintf(&name, "%s-%s", report->run.key, report->run.name) < 0 ||
        asprintf(&made, "%s/%s", parent, name) < 0)
        status = HF_FAIL(&err, HF_ENOMEM, "no memory to write the report");
    else
        status = hf_make_dirs(made, &err);
    if (status != HF_OK || !name) {
        exit_status = hf_cli_fail(&err);
    } else {
        hf_exit csv = write_rendered(report, made, "results.csv", hf_render_csv);
        hf_exit layers = write_rendered(report, made, "layers.csv", hf_render_layers_csv);
        hf_exit html = write_page(report, comparison, made);
        hf_exit compared = write_comparison(comparison, made);
        if (csv != HF_EXIT_OK || layers != HF_EXIT_OK || html != HF_EXIT_OK || compared != HF_EXIT_OK)
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
