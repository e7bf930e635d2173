/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_PROGRAM_OPTIONS_H
#define HF_BASE_PROGRAM_OPTIONS_H

#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * @file program_options.h
 * The command line of a program that runs as a service: long options only, and no other arguments.
 */

typedef struct hf_program_option {
    struct option option;    /**< `val` above 255 */
    const char *placeholder; /**< of its value; NULL = it has none */
    const char *help;        /**< lines of at most about 80 characters */
} hf_program_option;

typedef struct hf_program {
    const char *name, *version;
    const char *before, *after;       /**< the text of --help around the options */
    const hf_program_option *options; /**< without --help and --version, which each program has */
    size_t option_count;
    int help_column; /**< at which the texts of options begin */
    /** Takes a value. @return false: it is wrong, and why was printed */
    bool (*take)(int option, const char *value, void *user);
} hf_program;

/**
 * Parses a command line. Prints what is wrong, or the help or the version if asked for.
 * @param exit_status if false is returned: 0 or 2
 * @return whether to run
 */
bool hf_program_parse(const hf_program *program, int argc, char **argv, void *user, int *exit_status);

/** The folder that systemd gives a service in a variable such as STATE_DIRECTORY; the first of several. @return whether there is one */
bool hf_service_folder(const char *variable, char out[PATH_MAX]);

/** hilfarm/NAME in $XDG_STATE_HOME, or else in ~/.local/state. */
void hf_state_folder(const char *name, char out[PATH_MAX]);

#endif
