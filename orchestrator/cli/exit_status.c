/* SPDX-License-Identifier: Apache-2.0 */
#include "exit_status.h"

#include <stdio.h>
#include <string.h>

#include "base/did_you_mean.h"

static const char *const words[] = {"failed", "missed"}; /* in the order of the bits */
#define WORD_COUNT (sizeof words / sizeof words[0])

hf_exit hf_cli_fail(const hf_error *err)
{
    fprintf(stderr, "hilfarm: %s\n", err->message);
    return err->status == HF_EINVALID || err->status == HF_ENOTFOUND ? HF_EXIT_BAD_INPUT : HF_EXIT_FARM;
}

static hf_status unknown_word(const char *text, size_t length, hf_error *err)
{
    char word[16];
    snprintf(word, sizeof word, "%.*s", (int)length, text);
    hf_suggestion suggestion = {.word = word};
    for (size_t i = 0; i < WORD_COUNT; i++)
        hf_suggest(&suggestion, words[i]);
    return HF_FAIL(err, HF_EINVALID, "expected failed, missed, or both with a comma between%s%s%s",
                   suggestion.best ? ", did you mean '" : "", suggestion.best ? suggestion.best : "",
                   suggestion.best ? "'?" : "");
}

hf_status hf_fail_on_parse(const char *text, unsigned *set, hf_error *err)
{
    unsigned found = HF_FAIL_ON_FAILED;
    while (text) {
        size_t length = strcspn(text, ","), which = 0;
        while (which < WORD_COUNT &&
               (strlen(words[which]) != length || strncmp(text, words[which], length) != 0))
            which++;
        if (which == WORD_COUNT)
            return unknown_word(text, length, err);
        found |= 1u << which;
        text = text[length] ? text + length + 1 : NULL;
    }
    *set = found;
    return HF_OK;
}

hf_exit hf_run_exit(hf_status ended, const hf_run_summary *summary, unsigned missed, size_t regressed,
                    unsigned fail_on)
{
    if (ended != HF_OK)
        return HF_EXIT_FARM;
    if (summary->interrupted)
        return HF_EXIT_INTERRUPTED;
    /* No board worked at all, be it that all failed or that others have them: the farm is unusable, not the models. */
    const uint32_t missing = summary->failed + summary->not_run;
    if (missing && summary->no_board + summary->in_use == missing && !summary->measured)
        return HF_EXIT_FARM;
    if (summary->failed || summary->not_run || summary->dead_boards)
        return HF_EXIT_SOME_FAILED;
    if (missed && (fail_on & HF_FAIL_ON_MISSED))
        return HF_EXIT_SOME_FAILED;
    return regressed ? HF_EXIT_REGRESSED : HF_EXIT_OK;
}
