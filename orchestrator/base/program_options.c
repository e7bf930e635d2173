/* SPDX-License-Identifier: Apache-2.0 */
#include "base/program_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/did_you_mean.h"

#define EXIT_BAD_INPUT 2
#define MOST_OPTIONS   64

enum { OPT_HELP = 1, OPT_VERSION };

static const hf_program_option common[] = {
    {{"help", no_argument, NULL, OPT_HELP}, NULL, "print this"},
    {{"version", no_argument, NULL, OPT_VERSION}, NULL, "print the version"},
};
#define COMMON (sizeof common / sizeof common[0])

/* The program's own, then those that all have. @return NULL past the last */
static const hf_program_option *option_at(const hf_program *program, size_t index)
{
    if (index < program->option_count)
        return &program->options[index];
    return index - program->option_count < COMMON ? &common[index - program->option_count] : NULL;
}

static void print_help(const hf_program *program)
{
    const hf_program_option *o;
    printf("%s\n\noptions:\n", program->before);
    for (size_t i = 0; (o = option_at(program, i)); i++) {
        char name[64];
        snprintf(name, sizeof name, "--%s%s%s", o->option.name, o->placeholder ? " " : "",
                 o->placeholder ? o->placeholder : "");
        printf("  %-*s ", program->help_column - 3, name);
        for (const char *at = o->help; *at; at++)
            *at == '\n' ? printf("\n%*s", program->help_column, "") : putchar(*at);
        putchar('\n');
    }
    printf("\n%s\n", program->after);
}

static void complain(const hf_program *program, const char *word)
{
    const hf_program_option *o;
    hf_suggestion suggestion = {.word = word};
    while (*suggestion.word == '-')
        suggestion.word++;
    for (size_t i = 0; (o = option_at(program, i)); i++)
        hf_suggest(&suggestion, o->option.name);
    fprintf(stderr, "%s: unknown or incomplete option '%s'", program->name, word);
    if (suggestion.best)
        fprintf(stderr, ", did you mean --%s?", suggestion.best);
    fprintf(stderr, "\nsee `%s --help`\n", program->name);
}

bool hf_program_parse(const hf_program *program, int argc, char **argv, void *user, int *exit_status)
{
    struct option list[MOST_OPTIONS + COMMON + 1] = {0};
    const hf_program_option *o;
    *exit_status = EXIT_BAD_INPUT;
    for (size_t i = 0; i < MOST_OPTIONS + COMMON && (o = option_at(program, i)); i++)
        list[i] = o->option;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", list, NULL)) != -1;) {
        if (option == OPT_HELP || option == OPT_VERSION) {
            option == OPT_HELP ? print_help(program)
                               : (void)printf("%s %s\n", program->name, program->version);
            *exit_status = 0;
            return false;
        }
        if (option == '?')
            complain(program, argv[optind - 1]);
        if (option == '?' || !program->take(option, optarg, user))
            return false;
    }
    if (optind < argc)
        fprintf(stderr, "%s: unexpected argument '%s'\nsee `%s --help`\n", program->name, argv[optind],
                program->name);
    return optind == argc;
}

/* ---- Folders ---- */

static const char *absolute(const char *variable)
{
    const char *path = getenv(variable);
    return path && *path == '/' ? path : NULL;
}

bool hf_service_folder(const char *variable, char out[PATH_MAX])
{
    const char *given = absolute(variable);
    if (given)
        snprintf(out, PATH_MAX, "%.*s", (int)strcspn(given, ":"), given);
    return given;
}

void hf_state_folder(const char *name, char out[PATH_MAX])
{
    const char *state = absolute("XDG_STATE_HOME"), *home = absolute("HOME");
    if (state)
        snprintf(out, PATH_MAX, "%s/hilfarm/%s", state, name);
    else
        snprintf(out, PATH_MAX, "%s/.local/state/hilfarm/%s", home ? home : "", name);
}
