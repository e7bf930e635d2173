/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HILFARM_AGENT_OPTIONS_H
#define HILFARM_AGENT_OPTIONS_H

#include <limits.h>
#include <stdbool.h>

/**
 * @file options.h
 * The command line of hilfarm-agent.
 */

typedef struct agent_options {
    const char *config_path;
    const char *openocd_path, *vboard_path; /* NULL = the default */
    char state_dir[PATH_MAX], cache_dir[PATH_MAX];
} agent_options;

/**
 * Parses it; defaults are filled in. Prints what is wrong, or the help.
 * @param options strings are borrowed from argv
 * @param exit_status if false is returned
 * @return whether to run
 */
bool hilfarm_agent_options(int argc, char **argv, agent_options *options, int *exit_status);

#endif
