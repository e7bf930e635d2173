/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "farm/threads.h"
#include "help.h"
#include "output.h"

typedef struct command {
    const char *name; /* NULL = a heading */
    int (*run)(int argc, char **argv);
    const char *summary;
} command;

static const command commands[] = {
    {NULL, NULL, "Measure"},
    {"run", hf_command_run, "measure every model variation of a job spec on the boards of a farm"},
    {"boards", hf_command_boards, "list the boards of a farm and their history, or check them"},
    {"reserve", hf_command_reserve, "keep runs off a board while you work on it"},
    {"release", hf_command_release, "end a reservation"},
    {"console", hf_command_console, "talk to a board over its serial line, or read along"},
    {"doctor", hf_command_doctor, "check host, probes and ports, and say how to fix what is wrong"},
    {"agent", hf_command_agent, "let other hosts take part in the farm, or shut them out"},
    {NULL, NULL, "On the daemon"},
    {"queue", hf_command_queue, "list the runs that wait or are under way"},
    {"attach", hf_command_attach, "follow a run"},
    {"cancel", hf_command_cancel, "end runs"},
    {"dashboard", hf_command_dashboard, "the daemon's page: boards, runs, trends, analyzer"},
    {NULL, NULL, "Without a board"},
    {"validate", hf_command_validate, "check job specs, in milliseconds"},
    {"import-check", hf_command_import_check, "say which .tflite files can be measured"},
    {"analyze", hf_command_analyze, "counts, sizes, memory and estimated latency of models"},
    {"evaluate", hf_command_evaluate, "score a model on a labelled data set"},
    {"train", hf_command_train, "train the models of a job spec"},
    {"optimize", hf_command_optimize, "search for the best variation within limits"},
    {NULL, NULL, "Results"},
    {"runs", hf_command_runs, "list the runs in the store"},
    {"report", hf_command_report, "print the table of a run"},
    {"compare", hf_command_compare, "compare two runs: regressions and improvements"},
    {"transcript", hf_command_transcript, "show what was said in attempts that failed"},
    {"tag", hf_command_tag, "name a run, for comparisons and to keep its details"},
    {"prune", hf_command_prune, "delete the details of old runs"},
    {"export", hf_command_export, "write a run as csv, html or json, or a model as .tflite or image"},
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void print_usage(FILE *to)
{
    fputs("usage: hilfarm COMMAND [ARGUMENTS]\n"
          "       hilfarm COMMAND --help\n"
          "       hilfarm --version\n",
          to);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (commands[i].name)
            fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].summary);
        else
            fprintf(to, "\n%s:\n", commands[i].summary);
    fputs("\nExit status: 0 all done (`run`: all measured), 1 some failed, 2 bad input,\n"
          "3 the farm cannot work, 4 interrupted (Ctrl-C, SIGTERM, SIGHUP),\n"
          "5 something regressed (`compare`, --baseline).\n",
          to);
}

static const command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (commands[i].name && strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

static int reject(const char *name)
{
    const char *names[COMMAND_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (commands[i].name)
            names[count++] = commands[i].name;
    fprintf(stderr, "hilfarm: unknown command '%s'", name);
    hf_cli_print_suggestion(name, names, count);
    fputs("\nsee `hilfarm --help`\n", stderr);
    return HF_EXIT_BAD_INPUT;
}

/* Occupies standard descriptors that the caller closed, so that no file or socket gets their numbers. Read-only:
 * writing to standard output still fails, as it does on a closed descriptor, and is reported. */
static void occupy_standard_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDONLY); /* not O_CLOEXEC: child processes need them too */
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    occupy_standard_descriptors();
    hf_threads_prepare();
    signal(SIGPIPE, SIG_IGN);     /* `hilfarm run ... | head` must not end the run */
    setlocale(LC_ALL, "C.UTF-8"); /* text is UTF-8; numbers as in C */
    if (argc < 2) {
        print_usage(stderr);
        return HF_EXIT_BAD_INPUT;
    }
    const command *found = find_command(argv[1]);
    if (found)
        return hf_cli_end_output(found->run(argc - 1, argv + 1));
    if (strcmp(argv[1], "--version") == 0) {
        puts("hilfarm " HILFARM_VERSION);
        return hf_cli_end_output(HF_EXIT_OK);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return hf_cli_end_output(HF_EXIT_OK);
    }
    return reject(argv[1]);
}
