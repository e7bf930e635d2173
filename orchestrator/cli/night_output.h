/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_NIGHT_OUTPUT_H
#define HF_CLI_NIGHT_OUTPUT_H

#include "exit_status.h"
#include "options.h"
#include "report/night_report.h"
#include "store/store.h"

/**
 * @file night_output.h
 * What `hilfarm run` and `hilfarm report` write for CI systems, mails and programs, and whom a run notifies.
 */

/** Each NULL = not wanted. */
typedef struct hf_cli_night_options {
    const char *junit, *markdown, *summary; /**< files to write */
    const char *notify;                     /**< command for the shell */
    const char *webhook;                    /**< URL */
} hf_cli_night_options;

/** Rows for an hf_cli_night_options at OFFSET: the files. */
#define HF_CLI_OPTIONS_NIGHT_FILES(OFFSET)                                                                   \
    {.name = "junit",                                                                                        \
     .placeholder = "FILE",                                                                                  \
     .help = "write JUnit XML: regressions and missed limits are failures",                                  \
     .read = hf_cli_read_text,                                                                               \
     .offset = (OFFSET) + offsetof(hf_cli_night_options, junit)},                                            \
        {.name = "markdown",                                                                                 \
         .placeholder = "FILE",                                                                              \
         .help = "write Markdown, for a pull request or a mail",                                             \
         .read = hf_cli_read_text,                                                                           \
         .offset = (OFFSET) + offsetof(hf_cli_night_options, markdown)},                                     \
    {                                                                                                        \
        .name = "summary", .placeholder = "FILE", .help = "write a short summary as JSON",                   \
        .read = hf_cli_read_text, .offset = (OFFSET) + offsetof(hf_cli_night_options, summary)               \
    }

/** As hf_cli_read_text(), but the value must be an http or https URL. */
hf_cli_read hf_cli_read_url;

/** Rows for an hf_cli_night_options at OFFSET: whom a run notifies. */
#define HF_CLI_OPTIONS_NOTIFY(OFFSET)                                                                        \
    {.name = "notify",                                                                                       \
     .placeholder = "COMMAND",                                                                               \
     .help = "at the end, run this command with the summary as JSON on its standard input and "              \
             "HILFARM_SUBJECT and other variables set",                                                      \
     .read = hf_cli_read_text,                                                                               \
     .offset = (OFFSET) + offsetof(hf_cli_night_options, notify)},                                           \
    {                                                                                                        \
        .name = "webhook", .placeholder = "URL", .help = "at the end, POST the summary as JSON to this URL", \
        .read = hf_cli_read_url, .offset = (OFFSET) + offsetof(hf_cli_night_options, webhook)                \
    }

/** Whether any of them is wanted. */
bool hf_cli_night_wanted(const hf_cli_night_options *options);
/** Adds the boards of the store that need attention. @param night its states are freed with hf_rows_free() */
hf_exit hf_cli_night_add_boards(hf_store *store, hf_night *night);
/** Writes the files; prints failures. */
hf_exit hf_cli_night_write(const hf_night *night, const hf_cli_night_options *options);
/** Notifies command and server. A failure is printed and changes nothing else. */
void hf_cli_night_notify(const hf_night *night, const hf_cli_night_options *options);

#endif
