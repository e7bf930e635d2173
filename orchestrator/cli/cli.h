/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_CLI_H
#define HF_CLI_CLI_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "store/store.h"

/**
 * @file cli.h
 * What the commands of `hilfarm` share. A command gets its own argument vector (argv[0] = its name) and
 * returns the program's exit status.
 */

typedef enum hf_exit {
    HF_EXIT_OK = 0, /**< everything asked for was done; for `run`: all measured */
    HF_EXIT_SOME_FAILED =
        1,                 /**< `run`: something was not measured, a board was dead, or what --fail-on says */
    HF_EXIT_BAD_INPUT = 2, /**< arguments, spec or farm file */
    HF_EXIT_FARM = 3,      /**< the farm or its store cannot work */
    HF_EXIT_INTERRUPTED = 4, /**< stopped by SIGINT (Ctrl-C), SIGTERM or SIGHUP */
} hf_exit;

#define HF_DEFAULT_DB "results/hilfarm.db"

/** Options that commands share; each command accepts some of them. */
typedef struct hf_cli_options {
    const char *db;           /**< --db (HF_DEFAULT_DB) */
    const char *farm;         /**< --farm, NULL = two virtual boards */
    const char *output;       /**< --output, NULL = standard output */
    const char *firmware_dir; /**< --firmware-dir, NULL = beside the program */
    const char *openocd;      /**< --openocd, NULL = from PATH */
    const char *vboard;       /**< --vboard, NULL = beside the program */
    uint64_t wait_ms;         /**< --wait: how long for a board that somebody else uses; 0 = not at all */
    bool plain;               /**< --plain: no live display, no colours */
    bool check;               /**< --check */
    bool layers;              /**< --layers */
    bool resume;              /**< --resume */
    bool quiet;               /**< --quiet: nothing but failures */
    const char *fail_on;      /**< --fail-on, NULL = not given */
} hf_cli_options;

#define HF_OPTION_DB       (1u << 0)
#define HF_OPTION_FARM     (1u << 1)
#define HF_OPTION_OUTPUT   (1u << 2)
#define HF_OPTION_PROGRAMS (1u << 3) /* --firmware-dir, --openocd, --vboard */
#define HF_OPTION_PLAIN    (1u << 4)
#define HF_OPTION_CHECK    (1u << 5)
#define HF_OPTION_LAYERS   (1u << 6)
#define HF_OPTION_RESUME   (1u << 7)
#define HF_OPTION_QUIET    (1u << 8)
#define HF_OPTION_FAIL_ON  (1u << 9)
#define HF_OPTION_WAIT     (1u << 10)

/**
 * Parses a command's arguments; prints what is wrong, or the command's usage for --help, by itself.
 * @param allowed HF_OPTION_ bits
 * @param usage the command's help text
 * @param words receives the first word that is no option
 * @param min_words, max_words how many such words there may be
 * @return true to go on; false: return *exit_status
 */
bool hf_cli_parse(int argc, char **argv, unsigned allowed, const char *usage, int min_words, int max_words,
                  hf_cli_options *options, char ***words, int *word_count, hf_exit *exit_status);

/** Takes one option. @param which its `val` @return false to stop, having said on stderr why */
typedef bool (*hf_cli_take)(void *user, int which, const char *value);

/**
 * Goes through a command's options; `optind` is then at the first word. --help prints `usage`. An option that is not known is
 * told with the one that was probably meant.
 * @param argc, argv argv[0] is the command
 * @param short_options as getopt_long() takes them, beginning with ':'
 * @param accepted the long options, ended by one without a name; help's `val` is 'h'
 * @return true to go on; false: return *exit_status
 */
bool hf_cli_walk(int argc, char **argv, const char *short_options, const struct option *accepted,
                 const char *usage, hf_cli_take take, void *user, hf_exit *exit_status);

/** Adds ", did you mean 'x'?" to a line on stderr when one of the known words is near to `word`. */
void hf_cli_print_suggestion(const char *word, const char *const *known, size_t count);

/** Parses the value of --wait ("30 min", "90s"). Prints what is wrong. */
bool hf_cli_wait(const char *command, const char *text, uint64_t *wait_ms);

/** Says on stderr who has a board that is waited for; for hf_board_open_waiting(). @param user its id */
void hf_cli_waiting(void *user, const char *who);

/** Prints "hilfarm: message" on stderr. @return the exit status that fits the failure */
hf_exit hf_cli_fail(const hf_error *err);

/** A terminal that can move its cursor: not one with TERM=dumb. */
bool hf_cli_is_terminal(int fd);
/** Such a terminal, and no NO_COLOR. */
bool hf_cli_has_colours(int fd);

/** At the end of the program: what is still to be written of standard output. A pipe whose reader is gone
 * (`| head`) is no failure. @return the exit status, now that this is known too */
int hf_cli_end_output(int exit_status);

/** Writes a rendered text to a file or, with NULL, to standard output. A reader that is gone is no failure.
 */
hf_exit hf_cli_emit(const hf_buffer *text, const char *path);

/** Where the firmware images are: --firmware-dir, $HILFARM_FIRMWARE_DIR, or ../firmware beside the program.
 */
const char *hf_cli_firmware_dir(const hf_cli_options *options);

/** Writes a variation (by name, with seeded weights) or a .tflite file as an int8 .tflite. @param path
 * required */
hf_exit hf_cli_export_tflite(const char *name, const char *path);

/** Opens the store a command reads; prints what that found to be told. As hf_store_open_readonly(). */
hf_status hf_cli_open_store(const hf_cli_options *options, hf_store **store, hf_error *err);

/** Reads a run from the store; prints what is wrong. @param run_text number, key or name; NULL = the latest */
hf_exit hf_cli_load_report(const hf_cli_options *options, const char *run_text, hf_report *report);

int hf_command_run(int argc, char **argv);
int hf_command_analyze(int argc, char **argv);
int hf_command_evaluate(int argc, char **argv);
int hf_command_report(int argc, char **argv);
int hf_command_export(int argc, char **argv);
int hf_command_runs(int argc, char **argv);
int hf_command_boards(int argc, char **argv);

#endif
