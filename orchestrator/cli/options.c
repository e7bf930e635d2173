/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/did_you_mean.h"
#include "cli.h"

/* Whether `word` is an option's name, whole or cut short, with or without a value behind it. */
static bool abbreviates(const char *word, size_t length, const char *name)
{
    return strncmp(word, name, length) == 0;
}

static uint32_t candidates(const char *word, size_t length, const struct option *accepted)
{
    uint32_t count = 0;
    for (const struct option *option = accepted; option->name; option++) {
        if (strlen(option->name) == length && abbreviates(word, length, option->name))
            return 1;
        count += abbreviates(word, length, option->name);
    }
    return count;
}

static void print_ambiguous(const char *argument, size_t length, const struct option *accepted)
{
    fprintf(stderr, "'%s' may mean", argument);
    const char *separator = " --";
    for (const struct option *option = accepted; option->name; option++)
        if (abbreviates(argument + 2, length, option->name)) {
            fprintf(stderr, "%s%s", separator, option->name);
            separator = " or --";
        }
}

/* Prints what is wrong with a word that begins with "-". */
static void print_unknown(const char *argument, const struct option *accepted)
{
    char word[64];
    const char *name = argument + strspn(argument, "-");
    snprintf(word, sizeof word, "%.*s", (int)strcspn(name, "="), name);
    hf_suggestion suggestion = {.word = word};
    for (const struct option *option = accepted; strlen(word) > 1 && option->name; option++)
        hf_suggest(&suggestion, option->name);
    fprintf(stderr, "unknown option '%s'", argument);
    if (suggestion.best)
        fprintf(stderr, ", did you mean --%s?", suggestion.best);
}

/* The argument getopt_long() stopped at. Only in the middle of a bundle such as -hx is optind still at it. */
static const char *argument_at_fault(int argc, char **argv)
{
    const char *done = argv[optind - 1];
    bool is_long = strncmp(done, "--", 2) == 0;
    if (!is_long && optopt && optind < argc && argv[optind][0] == '-' && strchr(argv[optind], optopt))
        return argv[optind];
    return done;
}

static void tell(int which, int argc, char **argv, const struct option *accepted)
{
    const char *argument = argument_at_fault(argc, argv);
    size_t length = strncmp(argument, "--", 2) == 0 ? strcspn(argument + 2, "=") : 0;
    uint32_t meant = length ? candidates(argument + 2, length, accepted) : 0;
    fprintf(stderr, "hilfarm %s: ", argv[0]);
    if (which == ':')
        fprintf(stderr, "a value must follow '%s'", argument);
    else if (meant > 1)
        print_ambiguous(argument, length, accepted);
    else if (meant == 1)
        fprintf(stderr, "'%s': --%.*s takes no value", argument, (int)length, argument + 2);
    else
        print_unknown(argument, accepted);
    fprintf(stderr, "\n`hilfarm %s --help` lists the options\n", argv[0]);
}

void hf_cli_print_suggestion(const char *word, const char *const *known, size_t count)
{
    hf_suggestion suggestion = {.word = word};
    for (size_t i = 0; i < count; i++)
        hf_suggest(&suggestion, known[i]);
    if (suggestion.best)
        fprintf(stderr, ", did you mean '%s'?", suggestion.best);
}

bool hf_cli_walk(int argc, char **argv, const char *short_options, const struct option *accepted,
                 const char *usage, hf_cli_take take, void *user, hf_exit *exit_status)
{
    *exit_status = HF_EXIT_BAD_INPUT;
    opterr = 0; /* messages in one form */
    for (int which; (which = getopt_long(argc, argv, short_options, accepted, NULL)) != -1;) {
        if (which == 'h') {
            fputs(usage, stdout);
            *exit_status = HF_EXIT_OK;
            return false;
        }
        if (which == ':' || which == '?') {
            tell(which, argc, argv, accepted);
            return false;
        }
        if (!take(user, which, optarg))
            return false;
    }
    return true;
}
