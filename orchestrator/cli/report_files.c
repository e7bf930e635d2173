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

hf_exit hf_cli_write_report(const hf_report *report, const char *db, char **folder)
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
        hf_exit html = write_rendered(report, made, "report.html", hf_render_html);
        if (csv != HF_EXIT_OK || layers != HF_EXIT_OK || html != HF_EXIT_OK)
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
