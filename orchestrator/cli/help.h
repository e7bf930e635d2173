/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_HELP_H
#define HF_CLI_HELP_H

#include <stdio.h>

#include "options.h"

/**
 * @file help.h
 * What --help prints, and hints at misspelt words.
 */

/** Prints a command's synopsis, description, options and notes, wrapped to 80 columns. */
void hf_cli_print_help(const hf_cli_command *command, FILE *to);

/** Adds ", did you mean 'x'?" to a line on stderr if one of the known words is close to `word`. */
void hf_cli_print_suggestion(const char *word, const char *const *known, size_t count);

#endif
