/* SPDX-License-Identifier: Apache-2.0 */
#include "exit_status.h"

#include <stdio.h>
#include <string.h>

static const char *const words[] = {"failed", "missed"}; /* in the order of the bits */
#define WORD_COUNT (sizeof words / sizeof words[0])

bool hf_fail_on_parse(const char *text, unsigned *set)
{
    *set = HF_FAIL_ON_FAILED;
    while (text) {
        char word[16];
        size_t length = strcspn(text, ","), which = 0;
        snprintf(word, sizeof word, "%.*s", (int)length, text);
        while (which < WORD_COUNT && (length >= sizeof word || strcmp(word, words[which]) != 0))
            which++;
        if (which == WORD_COUNT) {
            fprintf(stderr,
                    "hilfarm run: --fail-on '%.*s': expected failed or missed, or both with a comma between",
                    (int)length, text);
            hf_cli_print_suggestion(word, words, WORD_COUNT);
            fputc('\n', stderr);
            return false;
        }
        *set |= 1u << which;
        text = text[length] ? text + length + 1 : NULL;
    }
    return true;
}

hf_exit hf_run_exit(hf_status ended, const hf_run_summary *summary, unsigned missed, unsigned fail_on)
{
    if (ended != HF_OK)
        return HF_EXIT_FARM;
    if (summary->interrupted)
        return HF_EXIT_INTERRUPTED;
    /* Not one board worked: that is the farm's failure, not the models'. */
    if (summary->failed && summary->no_board == summary->failed && !summary->measured)
        return HF_EXIT_FARM;
    if (summary->failed || summary->not_run || summary->dead_boards)
        return HF_EXIT_SOME_FAILED;
    return missed && (fail_on & HF_FAIL_ON_MISSED) ? HF_EXIT_SOME_FAILED : HF_EXIT_OK;
}
