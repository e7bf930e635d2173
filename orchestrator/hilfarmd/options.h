/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HILFARMD_OPTIONS_H
#define HILFARMD_OPTIONS_H

#include "daemon/daemon.h"

/**
 * @file options.h
 * The command line of hilfarmd.
 */

/**
 * Parses it; defaults are filled in. Prints what is wrong, or the help.
 * @param options strings are borrowed from argv and from static storage
 * @param exit_status if false is returned
 * @return whether to run
 */
bool hilfarmd_options(int argc, char **argv, hf_daemon_options *options, int *exit_status);

#endif
