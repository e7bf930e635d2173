/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/did_you_mean.h"
#include "help.h"

#define FIRST_LONG 256 /* getopt_long()'s result for option 0; below are letters */

/* The table in getopt_long()'s form, with --help. */
typedef struct getopt_table {
    struct option longs[HF_CLI_MAX_OPTIONS + 2];
    char letters[HF_CLI_MAX_OPTIONS * 2 + 3];
} getopt_table;

static void make_table(const hf_cli_command *command, getopt_table *table)
{
    *table = (getopt_table){.letters = ":h"};
    size_t used = strlen(table->letters), count = 0;
    for (; count < command->option_count && count < HF_CLI_MAX_OPTIONS; count++) {
        const hf_cli_option *option = &command->options[count];
        int argument = option->placeholder ? required_argument : no_argument;
        table->longs[count] = (struct option){option->name, argument, NULL, FIRST_LONG + (int)count};
        if (option->letter) {
            table->letters[used++] = option->letter;
            if (option->placeholder)
                table->letters[used++] = ':';
        }
    }
    table->longs[count] = (struct option){"help", no_argument, NULL, 'h'};
}

static const hf_cli_option *find_option(const hf_cli_command *command, int which)
{
    if (which >= FIRST_LONG)
        return &command->options[which - FIRST_LONG];
    for (size_t i = 0; i < command->option_count; i++)
        if (command->options[i].letter == which)
            return &command->options[i];
    return NULL;
}

/* ---- Messages ---- */

/* How many options `word`, of `length`, may stand for: 1 if it is the whole name of one. */
static uint32_t count_matches(const char *word, size_t length, const struct option *options)
{
    uint32_t count = 0;
    for (const struct option *option = options; option->name; option++) {
        bool matches = strncmp(word, option->name, length) == 0;
        if (matches && strlen(option->name) == length)
            return 1;
        count += matches;
    }
    return count;
}

static void print_ambiguous(const char *argument, size_t length, const struct option *options)
{
    fprintf(stderr, "'%s' is ambiguous:", argument);
    const char *separator = " --";
    for (const struct option *option = options; option->name; option++)
        if (strncmp(argument + 2, option->name, length) == 0) {
            fprintf(stderr, "%s%s", separator, option->name);
            separator = " or --";
        }
}

static void print_unknown(const char *argument, const struct option *options)
{
    char word[64];
    const char *name = argument + strspn(argument, "-");
    snprintf(word, sizeof word, "%.*s", (int)strcspn(name, "="), name);
    hf_suggestion suggestion = {.word = word};
    for (const struct option *option = options; strlen(word) > 1 && option->name; option++)
        hf_suggest(&suggestion, option->name);
    fprintf(stderr, "unknown option '%s'", argument);
    if (suggestion.best)
        fprintf(stderr, ", did you mean --%s?", suggestion.best);
}

/* The argument at which getopt_long() stopped. optind is still at it only inside a bundle such as -hx. */
static const char *rejected_argument(int argc, char **argv)
{
    const char *last = argv[optind - 1];
    bool is_long = strncmp(last, "--", 2) == 0;
    if (!is_long && optopt && optind < argc && argv[optind][0] == '-' && strchr(argv[optind], optopt))
        return argv[optind];
    return last;
}

static void print_rejected(int which, int argc, char **argv, const struct option *options)
{
    const char *argument = rejected_argument(argc, argv);
    size_t length = strncmp(argument, "--", 2) == 0 ? strcspn(argument + 2, "=") : 0;
    uint32_t matches = length ? count_matches(argument + 2, length, options) : 0;
    fprintf(stderr, "hilfarm %s: ", argv[0]);
    if (which == ':')
        fprintf(stderr, "a value must follow '%s'", argument);
    else if (matches > 1)
        print_ambiguous(argument, length, options);
    else if (matches == 1)
        fprintf(stderr, "'%s': --%.*s takes no value", argument, (int)length, argument + 2);
    else
        print_unknown(argument, options);
    fputc('\n', stderr);
}

static void print_hint(const char *command)
{
    fprintf(stderr, "see `hilfarm %s --help`\n", command);
}

/* ---- Parsing ---- */

static bool read_option(const hf_cli_option *option, const char *command, const char *value, char *values)
{
    hf_error err = {0};
    if (option->read(option, value, values + option->offset, &err) == HF_OK)
        return true;
    fprintf(stderr, "hilfarm %s: --%s '%s': %s\n", command, option->name, value, err.message);
    return false;
}

static bool count_is_right(const hf_cli_command *command, int argc, char **argv)
{
    int count = argc - optind;
    if (count < command->min_arguments)
        fprintf(stderr, "hilfarm %s: %s is missing\n", argv[0], command->argument);
    else if (count > command->max_arguments)
        fprintf(stderr, "hilfarm %s: unexpected argument '%s'\n", argv[0],
                argv[optind + command->max_arguments]);
    else
        return true;
    print_hint(argv[0]);
    return false;
}

bool hf_cli_parse(const hf_cli_command *command, int argc, char **argv, void *values, char ***arguments,
                  int *argument_count, hf_exit *exit_status)
{
    getopt_table table;
    make_table(command, &table);
    *exit_status = HF_EXIT_BAD_INPUT;
    opterr = 0; /* our own messages */
    for (int which; (which = getopt_long(argc, argv, table.letters, table.longs, NULL)) != -1;) {
        if (which == 'h') {
            hf_cli_print_help(command, stdout);
            *exit_status = HF_EXIT_OK;
            return false;
        }
        const hf_cli_option *option = find_option(command, which);
        if (which == ':' || which == '?' || !option) {
            print_rejected(which, argc, argv, table.longs);
            print_hint(argv[0]);
            return false;
        }
        if (!read_option(option, argv[0], optarg, values))
            return false;
    }
    if (!count_is_right(command, argc, argv))
        return false;
    *exit_status = HF_EXIT_OK;
    *arguments = argv + optind;
    *argument_count = argc - optind;
    return true;
}
