/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "chips/chips.h"
#include "commands.h"
#include "options.h"
#include "output.h"
#include "results_source.h"
#include "store/transcripts.h"
#include "store_access.h"

typedef struct values {
    const char *db, *board;
    const hf_chip *chip;
    uint32_t attempt;
    bool raw, local;
} values;

static const hf_cli_option options[] = {
    {.name = "attempt",
     .placeholder = "N",
     .help = "show the transcript of this attempt (default: list those there are)",
     .read = hf_cli_read_count,
     .min = 1,
     .max = INT32_MAX,
     .offset = offsetof(values, attempt)},
    {.name = "board",
     .placeholder = "BOARD",
     .help = "of this board only",
     .read = hf_cli_read_line,
     .offset = offsetof(values, board)},
    {.name = "chip",
     .placeholder = "CHIP",
     .help = "of this chip only",
     .read = hf_cli_read_chip,
     .offset = offsetof(values, chip)},
    {.name = "raw",
     .help = "print the transcript alone, byte for byte as it is stored (default: control characters are "
             "shown as \\xNN, below a heading)",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, raw)},
    HF_CLI_OPTION_RESULTS_DB(offsetof(values, db)),
    HF_CLI_OPTION_LOCAL_RESULTS(offsetof(values, local)),
};

static const hf_cli_command command = {
    .synopsis = "transcript RUN [VARIATION] [options]",
    .description =
        "Lists the transcripts of a run, or shows one: what OpenOCD and the serial line said in an attempt "
        "that "
        "failed, on whichever host the board is. RUN is its number, key, tag or name, as `hilfarm runs` "
        "lists them, or latest. Without "
        "VARIATION, --attempt counts the failures to start a board, which belong to no variation.\n"
        "Transcripts are stored of failures only, until `hilfarm prune` deletes them.",
    .argument = "a run",
    .min_arguments = 1,
    .max_arguments = 2,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0; 2 if there is no such run, variation or transcript.\n"
             "Examples:\n"
             "  hilfarm transcript latest\n"
             "  hilfarm transcript latest mobilenetv2_0.25_96_c3_o2 --attempt 2\n"
             "  hilfarm transcript nightly --board nucleo-1 --attempt 1\n"
             "  hilfarm transcript nightly --board lab2/nucleo-1",
};

static hf_exit read_store(const char *db, const char *run, const hf_transcript_choice *choice, bool raw,
                          hf_buffer *out)
{
    hf_store *store = NULL;
    hf_error err = {0};
    hf_status status = hf_cli_open_store_readonly(db, &store, &err);
    if (status == HF_OK)
        status = hf_store_show_transcript(store, run, choice, raw, out, &err);
    hf_store_close(store);
    return status == HF_OK ? HF_EXIT_OK : hf_cli_fail(&err);
}

static hf_exit fetch(hf_client *client, const char *run, const hf_transcript_choice *choice, bool raw,
                     hf_buffer *out)
{
    hf_buffer what = HF_BUFFER_INIT;
    hf_buffer_printf(&what, "transcript.txt?raw=%d", raw);
    if (choice->attempt)
        hf_buffer_printf(&what, "&attempt=%d", choice->attempt);
    hf_cli_put_query(&what, "model", choice->model);
    hf_cli_put_query(&what, "chip", choice->chip);
    hf_cli_put_query(&what, "board", choice->board);
    hf_exit exit_status = hf_cli_fetch_rendered(client, run, hf_buffer_text(&what), out);
    hf_buffer_free(&what);
    return exit_status;
}

int hf_command_transcript(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int count;
    hf_exit exit_status;
    hf_cli_results_source source;
    hf_buffer text = HF_BUFFER_INIT;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    if (v.raw && !v.attempt) {
        fputs("hilfarm transcript: --raw needs --attempt: a list has no other form\n", stderr);
        return HF_EXIT_BAD_INPUT;
    }
    const hf_transcript_choice choice = {.model = count > 1 ? arguments[1] : NULL,
                                         .chip = v.chip ? v.chip->name : NULL,
                                         .board = v.board,
                                         .attempt = (int32_t)v.attempt};
    exit_status = hf_cli_results_source_open(v.db, v.local, &source);
    if (exit_status == HF_EXIT_OK)
        exit_status = source.db ? read_store(source.db, arguments[0], &choice, v.raw, &text)
                                : fetch(source.client, arguments[0], &choice, v.raw, &text);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_write(&text, NULL);
    hf_buffer_free(&text);
    hf_cli_results_source_close(&source);
    return exit_status;
}
