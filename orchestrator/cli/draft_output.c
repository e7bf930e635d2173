/* SPDX-License-Identifier: Apache-2.0 */
#include "draft_output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

/* Creates the file, empty, so that it is never one that somebody else created meanwhile. */
static bool reserve_name(const hf_cli_draft *draft)
{
    int fd = open(draft->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        if (errno == EEXIST)
            fprintf(stderr, "hilfarm %s: '%s' exists; replace it with --force, or name another file\n",
                    draft->form, draft->output);
        else
            fprintf(stderr, "hilfarm %s: cannot create '%s': %s\n", draft->form, draft->output,
                    strerror(errno));
        return false;
    }
    close(fd);
    return true;
}

bool hf_cli_may_write(const hf_cli_draft *draft)
{
    struct stat info;
    if (!draft->output || draft->force || lstat(draft->output, &info) != 0)
        return true;
    (void)reserve_name(draft); /* reports it */
    return false;
}

hf_exit hf_cli_write_new(const hf_cli_draft *draft, const hf_buffer *text)
{
    bool created = draft->output && !draft->force;
    if (created && !reserve_name(draft))
        return HF_EXIT_BAD_INPUT;
    hf_exit exit_status = hf_cli_write(text, draft->output);
    if (created && exit_status != HF_EXIT_OK)
        unlink(draft->output);
    return exit_status;
}

hf_exit hf_cli_write_draft(const hf_cli_draft *draft, const hf_buffer *text, const hf_draft_summary *summary,
                           const char *source, bool name_chip)
{
    hf_exit exit_status = hf_cli_write_new(draft, text);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    const uint32_t boards = summary->ready + summary->incomplete;
    fprintf(stderr, "hilfarm: %u %s%s found", boards, source, boards == 1 ? "" : "s");
    if (summary->incomplete)
        fprintf(stderr, "; complete %u board%s in %s%s", summary->incomplete,
                summary->incomplete == 1 ? "" : "s", draft->output ? draft->output : "the farm file",
                name_chip ? ": at least the chip, or name it with --chip" : "");
    fputc('\n', stderr);
    return summary->incomplete ? HF_EXIT_SOME_FAILED : HF_EXIT_OK;
}
