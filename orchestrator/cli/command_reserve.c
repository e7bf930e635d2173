/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "exit_status.h"

/* The words of `hilfarm reserve BOARD` as those of `hilfarm boards reserve BOARD`. */
static int run_boards_form(const char *form, int argc, char **argv)
{
    char **longer = calloc((size_t)argc + 2, sizeof *longer);
    if (!longer) {
        fputs("hilfarm: out of memory\n", stderr);
        return HF_EXIT_FARM;
    }
    longer[0] = "boards";
    longer[1] = (char *)form;
    for (int i = 1; i < argc; i++)
        longer[i + 1] = argv[i];
    const int exit_status = hf_command_boards(argc + 1, longer);
    free(longer);
    return exit_status;
}

int hf_command_reserve(int argc, char **argv)
{
    return run_boards_form("reserve", argc, argv);
}

int hf_command_release(int argc, char **argv)
{
    return run_boards_form("release", argc, argv);
}
