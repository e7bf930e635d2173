/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/did_you_mean.h"

#define EXIT_BAD_INPUT 2
#define DEFAULT_CONFIG "/etc/hilfarm/agent.yaml"

enum { OPT_CONFIG = 256, OPT_STATE, OPT_CACHE, OPT_OPENOCD, OPT_VBOARD, OPT_HELP, OPT_VERSION };

static const struct {
    struct option option;
    const char *placeholder, *help;
} table[] = {
    {{"config", required_argument, NULL, OPT_CONFIG},
     "FILE",
     "name of the host, NATS server and boards (" DEFAULT_CONFIG ")"},
    {{"state", required_argument, NULL, OPT_STATE},
     "DIR",
     "what must outlive a restart (default: $STATE_DIRECTORY, else hilfarm/agent in\n$XDG_STATE_HOME or "
     "~/.local/state)"},
    {{"cache", required_argument, NULL, OPT_CACHE},
     "DIR",
     "firmware and images (default: $CACHE_DIRECTORY, else cache in the state folder)"},
    {{"openocd", required_argument, NULL, OPT_OPENOCD}, "PROGRAM", "default: openocd in PATH"},
    {{"vboard", required_argument, NULL, OPT_VBOARD},
     "PROGRAM",
     "default: hilfarm-vboard beside this program"},
    {{"help", no_argument, NULL, OPT_HELP}, NULL, "print this"},
    {{"version", no_argument, NULL, OPT_VERSION}, NULL, "print the version"},
};
#define OPTIONS (sizeof table / sizeof table[0])

static void print_help(void)
{
    puts("usage: hilfarm-agent [options]\n\n"
         "The agent of a host in a farm of several hosts: announces the boards of this host, and carries out "
         "what\n"
         "`hilfarm run` and hilfarmd on other hosts order, through a NATS server. Results are kept until "
         "they have\n"
         "arrived.\n\noptions:");
    for (size_t i = 0; i < OPTIONS; i++) {
        char name[64];
        snprintf(name, sizeof name, "--%s%s%s", table[i].option.name, table[i].placeholder ? " " : "",
                 table[i].placeholder ? table[i].placeholder : "");
        printf("  %-18s ", name);
        for (const char *at = table[i].help; *at; at++)
            *at == '\n' ? printf("\n%21s", "") : putchar(*at);
        putchar('\n');
    }
    puts("\nSignals: SIGTERM and SIGINT cancel attempts and stop the agent; what was ordered is made again "
         "elsewhere.\n"
         "Exit status: 0 stopped by a signal, 2 bad input, 3 it cannot work.\n"
         "Examples:\n"
         "  hilfarm-agent --config /etc/hilfarm/agent.yaml\n"
         "  hilfarm-agent --config agent.yaml --state /tmp/agent-state");
}

/* ---- Defaults ---- */

static const char *absolute(const char *variable)
{
    const char *path = getenv(variable);
    return path && *path == '/' ? path : NULL;
}

static void default_state(char *out, size_t size)
{
    const char *given = absolute("STATE_DIRECTORY"), *state = absolute("XDG_STATE_HOME"),
               *home = absolute("HOME");
    if (given) /* systemd separates several folders by colons; the unit has one */
        snprintf(out, size, "%.*s/agent", (int)strcspn(given, ":"), given);
    else if (state)
        snprintf(out, size, "%s/hilfarm/agent", state);
    else
        snprintf(out, size, "%s/.local/state/hilfarm/agent", home ? home : "");
}

static void default_cache(const char *state, char *out, size_t size)
{
    const char *given = absolute("CACHE_DIRECTORY");
    if (given)
        snprintf(out, size, "%.*s/agent", (int)strcspn(given, ":"), given);
    else
        snprintf(out, size, "%.*s/cache", (int)size - 7, state);
}

/* ---- Parsing ---- */

static void take(int option, const char *value, agent_options *o)
{
    switch (option) {
    case OPT_CONFIG:
        o->config_path = value;
        break;
    case OPT_STATE:
        snprintf(o->state_dir, sizeof o->state_dir, "%s", value);
        break;
    case OPT_CACHE:
        snprintf(o->cache_dir, sizeof o->cache_dir, "%s", value);
        break;
    case OPT_OPENOCD:
        o->openocd_path = value;
        break;
    case OPT_VBOARD:
        o->vboard_path = value;
        break;
    default:
        break;
    }
}

static void complain(const char *word)
{
    hf_suggestion suggestion = {.word = word};
    while (*suggestion.word == '-')
        suggestion.word++;
    for (size_t i = 0; i < OPTIONS; i++)
        hf_suggest(&suggestion, table[i].option.name);
    fprintf(stderr, "hilfarm-agent: unknown or incomplete option '%s'", word);
    if (suggestion.best)
        fprintf(stderr, ", did you mean --%s?", suggestion.best);
    fputs("\nsee `hilfarm-agent --help`\n", stderr);
}

bool hilfarm_agent_options(int argc, char **argv, agent_options *options, int *exit_status)
{
    struct option list[OPTIONS + 1] = {0};
    *options = (agent_options){.config_path = DEFAULT_CONFIG};
    *exit_status = EXIT_BAD_INPUT;
    for (size_t i = 0; i < OPTIONS; i++)
        list[i] = table[i].option;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", list, NULL)) != -1;) {
        if (option == OPT_HELP || option == OPT_VERSION) {
            option == OPT_HELP ? print_help() : (void)printf("hilfarm-agent %s\n", HILFARM_VERSION);
            *exit_status = 0;
            return false;
        }
        if (option == '?') {
            complain(argv[optind - 1]);
            return false;
        }
        take(option, optarg, options);
    }
    if (optind < argc) {
        fprintf(stderr, "hilfarm-agent: unexpected argument '%s'\nsee `hilfarm-agent --help`\n",
                argv[optind]);
        return false;
    }
    if (!options->state_dir[0])
        default_state(options->state_dir, sizeof options->state_dir);
    if (!options->cache_dir[0])
        default_cache(options->state_dir, options->cache_dir, sizeof options->cache_dir);
    return true;
}
