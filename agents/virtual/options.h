/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_OPTIONS_H
#define VB_OPTIONS_H

#include <sys/types.h>

#include "vboard/vboard.h"

/**
 * @file options.h
 * The command line of hilfarm-vboard.
 */

enum { VB_EXIT_FAILED = 1, VB_EXIT_BAD_INPUT = 2 };

typedef struct vb_options {
    vb_board_options board;
    long cpu; /**< -1 = any */
    bool die_with_parent;
    pid_t parent;
} vb_options;

/**
 * Parses the command line; --help and --version print and return 0.
 * @param options always set; its strings are those of argv
 * @return -1 = run the board, otherwise the exit status; errors have been printed
 */
int vb_options_parse(int argc, char **argv, vb_options *options);

#endif
