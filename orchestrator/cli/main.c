/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"run", hf_command_run, "measure every model variation of a job spec on the boards of a farm"},
    {"analyze", hf_command_analyze, "say what models cost before any board is touched"},
    {"evaluate", hf_command_evaluate, "score a model on a labelled data set"},
    {"report", hf_command_report, "show the table of a run again"},
    {"export", hf_command_export, "write a run as csv, html or json, or a model as .tflite"},
    {"runs", hf_command_runs, "list the runs in the store"},
    {"boards", hf_command_boards, "list the boards of a farm and how they have been doing"},
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void print_usage(FILE *to)
{
    fputs("usage: hilfarm COMMAND [ARGUMENTS]     (hilfarm COMMAND --help for one of them)\n\n", to);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].summary);
    fputs("\nexit status: 0 all done (`run`: all measured), 1 some failed, 2 bad input, 3 farm unusable,\n"
          "4 interrupted (Ctrl-C, SIGTERM, SIGHUP)\n",
          to);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);     /* `hilfarm run ... | head` must not cut a run short */
    setlocale(LC_ALL, "C.UTF-8"); /* characters are UTF-8; numbers stay as in C */
    if (argc < 2) {
        print_usage(stderr);
        return HF_EXIT_BAD_INPUT;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return hf_cli_end_output(commands[i].run(argc - 1, argv + 1));
    if (strcmp(argv[1], "--version") == 0) {
        puts("hilfarm " HILFARM_VERSION);
        return hf_cli_end_output(HF_EXIT_OK);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return hf_cli_end_output(HF_EXIT_OK);
    }
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i].name;
    fprintf(stderr, "hilfarm: unknown command '%s'", argv[1]);
    hf_cli_print_suggestion(argv[1], names, COMMAND_COUNT);
    fputs("\n\n", stderr);
    print_usage(stderr);
    return HF_EXIT_BAD_INPUT;
}
