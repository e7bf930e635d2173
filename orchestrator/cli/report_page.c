/* SPDX-License-Identifier: Apache-2.0 */
#include "report_page.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output.h"
#include "page/page.h"

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

hf_exit hf_cli_show_page(const hf_night *night, const char *path, bool open)
{
    hf_buffer text = HF_BUFFER_INIT;
    char *usual = path ? NULL : usual_path(night);
    const char *to = !path ? usual : strcmp(path, "-") == 0 ? NULL : path;
    hf_page_render(night->report, night->comparison, &text);
    text.failed |= !path && !usual;
    hf_exit exit_status = hf_cli_write(&text, to);
    hf_buffer_free(&text);
    if (exit_status == HF_EXIT_OK && open && to) {
        printf("%s\n", to);
        fflush(stdout);
        open_page(to);
    }
    free(usual);
    return exit_status;
}
