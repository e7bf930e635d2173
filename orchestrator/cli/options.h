/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_OPTIONS_H
#define HF_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "exit_status.h"
#include "locations.h"
#include "programs.h"

/**
 * @file options.h
 * A command's arguments: one table says which options it has, where their values go and what --help prints.
 */

typedef struct hf_cli_option hf_cli_option;

/**
 * Reads an option's value.
 * @param value NULL for a flag
 * @param target the command's values at the option's offset
 * @return HF_OK, or HF_EINVALID with what was expected; the caller adds command, option and value
 */
typedef hf_status hf_cli_read(const hf_cli_option *option, const char *value, void *target, hf_error *err);

struct hf_cli_option {
    const char *name;        /**< without dashes */
    const char *placeholder; /**< of the value in --help ("FILE"); NULL = a flag */
    const char *help;        /**< wrapped to fit */
    hf_cli_read *read;
    size_t offset;     /**< of the target in the command's values */
    uint64_t min, max; /**< for hf_cli_read_count() */
    char letter;       /**< short form ('o'); 0 = none */
};

/** What a command accepts and what its --help prints. */
typedef struct hf_cli_command {
    const char *synopsis;    /**< a line per form, without "hilfarm": "run SPEC.yaml [options]" */
    const char *description; /**< paragraphs, one a line */
    const char *argument;    /**< what is missing when arguments are: "a spec" */
    int min_arguments, max_arguments;
    const hf_cli_option *options;
    size_t option_count;
    const char *notes; /**< printed below the options, one paragraph a line: examples, exit status; or NULL */
} hf_cli_command;

#define HF_CLI_MAX_OPTIONS 32

/**
 * Parses a command's arguments into `values`, which holds the defaults. Prints what is wrong, with the option
 * that was probably meant; for --help prints the help.
 * @param argc, argv argv[0] is the command's name
 * @param arguments receives the first word that is not an option
 * @param exit_status HF_EXIT_OK if the command is to go on
 * @return true to go on; false: return *exit_status
 */
bool hf_cli_parse(const hf_cli_command *command, int argc, char **argv, void *values, char ***arguments,
                  int *argument_count, hf_exit *exit_status);

/* ---- Readers. Targets: ---- */

hf_cli_read hf_cli_read_flag; /**< bool, set to true */
hf_cli_read hf_cli_read_text; /**< const char *, borrowed from argv */
/** const char *, borrowed from argv: a file to write, in a folder that exists. Checked before any work is done for it. */
hf_cli_read hf_cli_read_output_path;
hf_cli_read hf_cli_read_line;     /**< the same; at most 200 bytes, without control characters */
hf_cli_read hf_cli_read_count;    /**< uint32_t, min .. max */
hf_cli_read hf_cli_read_priority; /**< int32_t, of a run: -8 .. 8 */
hf_cli_read hf_cli_read_duration; /**< uint64_t, milliseconds, up to 720 h */
hf_cli_read hf_cli_read_fail_on;  /**< unsigned, as hf_fail_on_parse() */
hf_cli_read hf_cli_read_chip;     /**< const hf_chip *, static storage */

/* ---- Options that several commands have. OFFSET is that of the target. ---- */

#define HF_CLI_OPTION_DB(OFFSET)                                                                             \
    {                                                                                                        \
        .name = "db", .placeholder = "FILE",                                                                 \
        .help =                                                                                              \
            "store (default: " HF_DEFAULT_DB ", or in $XDG_STATE_HOME/hilfarm if that cannot be written)",   \
        .read = hf_cli_read_text, .offset = (OFFSET)                                                         \
    }
/** For commands that show or change results. */
#define HF_CLI_OPTION_RESULTS_DB(OFFSET)                                                                     \
    {                                                                                                        \
        .name = "db", .placeholder = "FILE",                                                                 \
        .help = "store (default: the daemon's if one is up, else " HF_DEFAULT_DB ", or in "                  \
                "$XDG_STATE_HOME/hilfarm if that cannot be written)",                                        \
        .read = hf_cli_read_text, .offset = (OFFSET)                                                         \
    }
#define HF_CLI_OPTION_BASELINE(OFFSET)                                                                       \
    {                                                                                                        \
        .name = "baseline", .placeholder = "RUN",                                                            \
        .help = "compare with this run (number, key, tag, name): what regressed and improved. last-green "   \
                "is the newest earlier run of the spec by the same user, measured as a whole, in which "     \
                "nothing failed or regressed",                                                               \
        .read = hf_cli_read_text, .offset = (OFFSET)                                                         \
    }
#define HF_CLI_OPTION_FARM(OFFSET)                                                                           \
    {                                                                                                        \
        .name = "farm", .placeholder = "FILE", .help = "farm file (default: two virtual boards)",            \
        .read = hf_cli_read_text, .offset = (OFFSET)                                                         \
    }
#define HF_CLI_OPTION_OUTPUT(OFFSET)                                                                         \
    {                                                                                                        \
        .name = "output", .letter = 'o', .placeholder = "FILE",                                              \
        .help = "file to write (default: standard output)", .read = hf_cli_read_output_path,                 \
        .offset = (OFFSET)                                                                                   \
    }
#define HF_CLI_OPTION_PLAIN(OFFSET, HELP)                                                                    \
    {                                                                                                        \
        .name = "plain", .help = (HELP), .read = hf_cli_read_flag, .offset = (OFFSET)                        \
    }
#define HF_CLI_OPTION_FAIL_ON(OFFSET)                                                                        \
    {                                                                                                        \
        .name = "fail-on", .placeholder = "WORDS",                                                           \
        .help = "when to exit with status 1: failed (always), missed (a limit), or both with a comma "       \
                "between",                                                                                   \
        .read = hf_cli_read_fail_on, .offset = (OFFSET)                                                      \
    }
#define HF_CLI_OPTION_WATCH(OFFSET)                                                                          \
    {                                                                                                        \
        .name = "watch", .help = "print the list again whenever it changes, until Ctrl-C",                   \
        .read = hf_cli_read_flag, .offset = (OFFSET)                                                         \
    }
#define HF_CLI_OPTION_LOCAL(OFFSET, HELP)                                                                    \
    {                                                                                                        \
        .name = "local", .help = (HELP), .read = hf_cli_read_flag, .offset = (OFFSET)                        \
    }
#define HF_CLI_OPTION_LOCAL_RESULTS(OFFSET)                                                                  \
    HF_CLI_OPTION_LOCAL(OFFSET, "use the store of the current folder even if a daemon is up")
#define HF_CLI_OPTION_WAIT(OFFSET, HELP)                                                                     \
    {                                                                                                        \
        .name = "wait", .placeholder = "TIME", .help = (HELP), .read = hf_cli_read_duration,                 \
        .offset = (OFFSET)                                                                                   \
    }
#define HF_CLI_OPTION_FIRMWARE_DIR(OFFSET)                                                                   \
    {                                                                                                        \
        .name = "firmware-dir", .placeholder = "DIR",                                                        \
        .help = "folder of hilfarm-<chip>.bin (default: $HILFARM_FIRMWARE_DIR, or the images installed or "  \
                "built with hilfarm)",                                                                       \
        .read = hf_cli_read_text, .offset = (OFFSET)                                                         \
    }
/** Rows for an hf_cli_programs at OFFSET. */
#define HF_CLI_OPTIONS_PROGRAMS(OFFSET)                                                                      \
    HF_CLI_OPTION_FIRMWARE_DIR((OFFSET) + offsetof(hf_cli_programs, firmware_dir)),                          \
        {.name = "openocd",                                                                                  \
         .placeholder = "PROGRAM",                                                                           \
         .help = "default: openocd in PATH",                                                                 \
         .read = hf_cli_read_text,                                                                           \
         .offset = (OFFSET) + offsetof(hf_cli_programs, openocd)},                                           \
    {                                                                                                        \
        .name = "vboard", .placeholder = "PROGRAM", .help = "default: hilfarm-vboard beside this program",   \
        .read = hf_cli_read_text, .offset = (OFFSET) + offsetof(hf_cli_programs, vboard)                     \
    }

#endif
