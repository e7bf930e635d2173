/* SPDX-License-Identifier: Apache-2.0 */
#include "report_page.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "output.h"
#include "page/page.h"
#include "report/c_locale.h"
#include "store/history.h"
#include "store_access.h"

#define OPENER "xdg-open"

/* Where the page goes if nobody says where. @return the caller's to free(); NULL if memory is short */
static char *usual_path(const hf_night *night)
{
    const char *temporary = getenv("TMPDIR");
    const char *what = night->comparison ? "comparison" : "report";
    char *path = NULL;
    const int length =
        night->folder && access(night->folder, W_OK) == 0
            ? asprintf(&path, "%s/%s.html", night->folder, what)
            : asprintf(&path, "%s/hilfarm-%s-%s.html", temporary && *temporary ? temporary : "/tmp",
                       night->report->run.key, what);
    return length < 0 ? NULL : path;
}

/* The opener starts a browser and ends. */
static void open_page(const char *path)
{
    char *const argv[] = {(char *)OPENER, (char *)path, NULL};
    pid_t child;
    int status = 0;
    const int failure = posix_spawnp(&child, OPENER, NULL, NULL, argv, environ);
    if (!failure)
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
    if (failure)
        fprintf(stderr, "hilfarm: cannot start " OPENER " (%s): open %s\n", strerror(failure), path);
    else if (status)
        fprintf(stderr, "hilfarm: " OPENER " failed: open %s\n", path);
}

/* ---- From the store, with the memory of one result ---- */

typedef struct producer {
    hf_store *store;
    int64_t run_id;
    const hf_run_comparison *comparison;
    const char *path;
    int fd;
} producer;

static hf_status write_piece(void *user, const void *bytes, size_t size, hf_error *err)
{
    const producer *self = user;
    return hf_write_all(self->fd, self->path ? self->path : "standard output", bytes, size, err);
}

static hf_status load_trend(void *user, const char *name, const char *chip, int64_t before, size_t most,
                            hf_trend_row **rows, size_t *count, hf_error *err)
{
    return hf_store_load_trend(user, name, chip, before, most, rows, count, err);
}

static hf_status produce(void *user, int fd, hf_error *err)
{
    producer *self = user;
    self->fd = fd;
    const hf_text_sink sink = {self, write_piece};
    const hf_page_history history = {self->store, load_trend};
    const hf_page_options options = {
        .kind = HF_PAGE_WHOLE, .comparison = self->comparison, .history = &history};
    hf_page_writer *writer = hf_page_writer_new(&options, &sink);
    if (!writer)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a page");
    const hf_results_visitor visitor = hf_page_visitor(writer);
    locale_t before = hf_c_locale_enter();
    hf_status status = hf_store_visit_results(self->store, self->run_id, NULL, &visitor, err);
    hf_c_locale_leave(before);
    hf_page_writer_free(writer);
    return status;
}

hf_exit hf_cli_write_page(hf_store *store, int64_t run_id, const hf_run_comparison *comparison,
                          const char *path)
{
    producer self = {.store = store, .run_id = run_id, .comparison = comparison, .path = path};
    return hf_cli_produce(path, produce, &self);
}

hf_exit hf_cli_show_page(const hf_night *night, const char *db, const char *path, bool open)
{
    hf_error err = {0};
    hf_store *store = NULL;
    char *usual = path ? NULL : usual_path(night);
    const char *to = !path ? usual : strcmp(path, "-") == 0 ? NULL : path;
    hf_status status = !path && !usual ? HF_FAIL(&err, HF_ENOMEM, "no memory for a page")
                                       : hf_cli_open_store_readonly(db, &store, &err);
    hf_exit exit_status = status == HF_OK
                              ? hf_cli_write_page(store, night->report->run.id, night->comparison, to)
                              : hf_cli_fail(&err);
    hf_store_close(store);
    if (exit_status == HF_EXIT_OK && open && to) {
        printf("%s\n", to);
        fflush(stdout);
        open_page(to);
    }
    free(usual);
    return exit_status;
}

/* Compares a run with the one that it was compared with when it ended. @param comparison stays empty if there is none */
static hf_status compare(hf_store *store, int64_t run_id, hf_report *before, hf_report *after,
                         hf_run_comparison *comparison, hf_error *err)
{
    hf_run_row run = {0};
    int64_t baseline = 0;
    hf_status status = hf_store_load_run(store, run_id, &run, err);
    if (status == HF_OK)
        status = hf_store_find_baseline(store, &run, &baseline, err);
    if (status == HF_OK && baseline) {
        status = hf_store_load_parts(store, baseline, 0, before, err);
        if (status == HF_OK)
            status = hf_store_load_parts(store, run.id, 0, after, err);
        if (status == HF_OK)
            status = hf_run_compare(before, after, comparison, err);
    }
    hf_row_clear(&hf_run_row_type, &run);
    return status;
}

hf_exit hf_cli_export_page(const char *db, const char *run, const char *path)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report before = {0}, after = {0};
    hf_run_comparison comparison = {0};
    int64_t run_id = 0;
    hf_exit exit_status = hf_cli_open_run(db, run, &store, &run_id);
    if (exit_status == HF_EXIT_OK && compare(store, run_id, &before, &after, &comparison, &err) != HF_OK)
        exit_status = hf_cli_fail(&err);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_write_page(store, run_id, comparison.after ? &comparison : NULL, path);
    hf_run_comparison_free(&comparison);
    hf_report_free(&before);
    hf_report_free(&after);
    hf_store_close(store);
    return exit_status;
}
