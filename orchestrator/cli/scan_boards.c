/* SPDX-License-Identifier: Apache-2.0 */
#include "scan_boards.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inventory/inventory.h"
#include "output.h"

/* Creates the file, empty, so that it is never one that somebody else created meanwhile. */
static bool reserve_name(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        if (errno == EEXIST)
            fprintf(stderr,
                    "hilfarm boards scan: '%s' exists; replace it with --force, or name another file\n",
                    path);
        else
            fprintf(stderr, "hilfarm boards scan: cannot create '%s': %s\n", path, strerror(errno));
        return false;
    }
    close(fd);
    return true;
}

static hf_exit write_draft(const hf_cli_scan *scan, const hf_buffer *text)
{
    bool created = scan->output && !scan->force;
    if (created && !reserve_name(scan->output))
        return HF_EXIT_BAD_INPUT;
    hf_exit exit_status = hf_cli_write(text, scan->output);
    if (created && exit_status != HF_EXIT_OK)
        unlink(scan->output);
    return exit_status;
}

static void print_summary(const hf_draft_summary *summary, const hf_cli_scan *scan)
{
    uint32_t boards = summary->ready + summary->incomplete;
    fprintf(stderr, "hilfarm: %u debug probe%s found", boards, boards == 1 ? "" : "s");
    if (summary->incomplete)
        fprintf(stderr, "; complete %u board%s in %s%s", summary->incomplete,
                summary->incomplete == 1 ? "" : "s", scan->output ? scan->output : "the farm file",
                scan->chip ? "" : ": at least the chip, or name it with --chip");
    fputc('\n', stderr);
}

hf_exit hf_cli_scan_boards(const hf_cli_scan *scan)
{
    struct stat info;
    if (scan->output && !scan->force && lstat(scan->output, &info) == 0) {
        (void)reserve_name(scan->output); /* reports it */
        return HF_EXIT_BAD_INPUT;
    }
    hf_error err = {0};
    hf_discovery found = {0};
    if (hf_discover(&found, &err) != HF_OK) {
        hf_cli_fail(&err);
        return HF_EXIT_FARM;
    }
    hf_exit exit_status = HF_EXIT_FARM;
    if (!found.probe_count) {
        fputs("hilfarm: no USB debug probe found: connect a board, or write the farm file by hand "
              "(see hilfarm-farm(5))\n",
              stderr);
    } else {
        hf_buffer text = HF_BUFFER_INIT;
        hf_draft_summary summary = hf_draft_from_probes(&found, scan->chip ? scan->chip->name : NULL, &text);
        exit_status = write_draft(scan, &text);
        if (exit_status == HF_EXIT_OK) {
            print_summary(&summary, scan);
            exit_status = summary.incomplete ? HF_EXIT_SOME_FAILED : HF_EXIT_OK;
        }
        hf_buffer_free(&text);
    }
    hf_discovery_free(&found);
    return exit_status;
}
