/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "agent_forms.h"
#include "commands.h"
#include "help.h"
#include "options.h"

static const hf_cli_option options[] = {
    {.name = "directory",
     .placeholder = "DIR",
     .help =
         "folder of the farm's authority (default: /var/lib/hilfarm/broker for root and where it exists, "
         "else "
         "$XDG_STATE_HOME/hilfarm/broker); with join, of the host's keys (default: `keys` beside its file)",
     .read = hf_cli_read_text,
     .offset = offsetof(hf_agent_values, directory)},
    {.name = "listen",
     .placeholder = "ADDR:PORT",
     .help = "init: where the NATS server listens (default: 0.0.0.0:4222)",
     .read = hf_cli_read_text,
     .offset = offsetof(hf_agent_values, listen)},
    {.name = "name",
     .placeholder = "NAMES",
     .help = "init: names or addresses by which hosts reach the server, with commas between; the first one "
             "goes into "
             "tokens (default: the name of this host). Its other addresses are added",
     .read = hf_cli_read_text,
     .offset = offsetof(hf_agent_values, names)},
    {.name = "valid",
     .placeholder = "TIME",
     .help = "token: how long it can be used (default: 1 h)",
     .read = hf_cli_read_duration,
     .offset = offsetof(hf_agent_values, valid_ms)},
    {.name = "url",
     .placeholder = "URL",
     .help = "token: how this host reaches the server, if not by the first name: tls://NAME:PORT",
     .read = hf_cli_read_text,
     .offset = offsetof(hf_agent_values, url)},
    {.name = "output",
     .letter = 'o',
     .placeholder = "FILE",
     .help = "token: write it to a file that only you can read, instead of standard output",
     .read = hf_cli_read_output_path,
     .offset = offsetof(hf_agent_values, output)},
    {.name = "token-file",
     .placeholder = "FILE",
     .help = "join: read the token from a file; - is standard input",
     .read = hf_cli_read_text,
     .offset = offsetof(hf_agent_values, token_file)},
    {.name = "config",
     .placeholder = "FILE",
     .help = "join: file of the agent to write, unless it exists (default: /etc/hilfarm/agent.yaml for root, "
             "else "
             "$XDG_CONFIG_HOME/hilfarm/agent.yaml)",
     .read = hf_cli_read_output_path,
     .offset = offsetof(hf_agent_values, config)},
};

static const hf_cli_command command = {
    .synopsis = "agent init [--listen ADDR:PORT] [--name NAMES]\n"
                "agent token HOST [--valid TIME]\n"
                "agent join TOKEN\n"
                "agent list\n"
                "agent renew [HOST]\n"
                "agent revoke HOST",
    .description =
        "Decides which hosts take part in a farm of several hosts. On the farm's machine, init "
        "makes a certificate "
        "authority and the configuration of a NATS server, and says how to start it; called "
        "again, it renews the "
        "certificates of the server and the farm. token makes a text with which one host can "
        "join, once, and waits "
        "until it has. list shows the hosts, and until when their certificates are valid. revoke "
        "shuts a host out, at "
        "once. renew renews the certificates that end within 60 days, those of the server and the farm "
        "included, or that of one host; the agents must be connected, and go on working. "
        "hilfarm-renew.timer does it every day.\n"
        "On the other machine, join makes a key, which never leaves, has the farm sign it, and "
        "writes the file of "
        "hilfarm-agent. A certificate that has expired is renewed by joining again with another token.\n"
        "What this protects from is described in docs/security.md.",
    .argument = "what to do: init, token, join, list, renew or revoke",
    .min_arguments = 1,
    .max_arguments = 2,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0, 2 = bad input, an unknown host, or a token that is refused, 3 = the server or "
             "a file cannot "
             "be used, or the host did not join in time.\n"
             "Examples:\n"
             "  hilfarm agent init --name farm.lab\n"
             "  hilfarm agent token lab2\n"
             "  hilfarm agent join hfjoin1_... \n"
             "  hilfarm agent revoke lab2",
};

enum option_set { INIT = 1u << 0, TOKEN = 1u << 1, JOIN = 1u << 2 };

static hf_exit run_init(const hf_agent_values *v, char *argument)
{
    (void)argument;
    return hf_agent_init(v);
}

static hf_exit run_list(const hf_agent_values *v, char *argument)
{
    (void)argument;
    return hf_agent_list(v);
}

static hf_exit run_token(const hf_agent_values *v, char *host)
{
    return hf_agent_token(v, host);
}

static hf_exit run_join(const hf_agent_values *v, char *token)
{
    return hf_agent_join(v, v->token_file ? NULL : token);
}

static hf_exit run_renew(const hf_agent_values *v, char *host)
{
    return hf_agent_renew(v, host);
}

static hf_exit run_revoke(const hf_agent_values *v, char *host)
{
    return hf_agent_revoke(v, host);
}

static const struct form {
    const char *word;
    const char *argument; /* what must follow; NULL = nothing */
    bool may_follow;      /* a host, or nothing */
    unsigned options;
    hf_exit (*run)(const hf_agent_values *v, char *argument);
} forms[] = {
    {"init", NULL, false, INIT, run_init},      {"token", "a host", false, TOKEN, run_token},
    {"join", "a token", false, JOIN, run_join}, {"list", NULL, false, 0, run_list},
    {"renew", NULL, true, 0, run_renew},        {"revoke", "a host", false, 0, run_revoke},
};
#define FORM_COUNT (sizeof forms / sizeof forms[0])

/* Options that belong to one form. */
static bool options_match(const hf_agent_values *v, unsigned form, const char *word)
{
    const struct {
        const char *name;
        bool given;
        unsigned form;
    } given[] = {
        {"--listen", v->listen != NULL, INIT},  {"--name", v->names != NULL, INIT},
        {"--valid", v->valid_ms != 0, TOKEN},   {"--url", v->url != NULL, TOKEN},

        {"--output", v->output != NULL, TOKEN}, {"--token-file", v->token_file != NULL, JOIN},
        {"--config", v->config != NULL, JOIN},
    };
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        if (given[i].given && given[i].form != form) {
            fprintf(stderr, "hilfarm agent %s: %s cannot be used here\nsee `hilfarm agent --help`\n", word,
                    given[i].name);
            return false;
        }
    return true;
}

static bool count_matches(const char *word, int count, int expected, const char *argument)
{
    if (count == expected)
        return true;
    if (count < expected)
        fprintf(stderr, "hilfarm agent %s: %s is missing\n", word, argument);
    else
        fprintf(stderr, "hilfarm agent %s: unexpected argument\n", word); /* which may be a token */
    fputs("see `hilfarm agent --help`\n", stderr);
    return false;
}

static bool fits(const struct form *form, const hf_agent_values *v, int count)
{
    const bool wanted = (form->argument && !v->token_file) || (form->may_follow && count > 1);
    return options_match(v, form->options, form->word) &&
           count_matches(form->word, count, wanted ? 2 : 1, form->argument);
}

static hf_exit unknown(const char *word)
{
    const char *words[FORM_COUNT];
    for (size_t i = 0; i < FORM_COUNT; i++)
        words[i] = forms[i].word;
    fprintf(stderr, "hilfarm agent: '%s': expected init, token, join, list, renew or revoke", word);
    hf_cli_print_suggestion(word, words, FORM_COUNT);
    fputs("\nsee `hilfarm agent --help`\n", stderr);
    return HF_EXIT_BAD_INPUT;
}

int hf_command_agent(int argc, char **argv)
{
    hf_agent_values v = {0};
    char **arguments;
    int count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    const char *word = arguments[0];
    for (size_t i = 0; i < FORM_COUNT; i++)
        if (strcmp(forms[i].word, word) == 0) {
            exit_status = HF_EXIT_BAD_INPUT;
            if (fits(&forms[i], &v, count))
                exit_status = forms[i].run(&v, arguments[1]);
            return exit_status;
        }
    return unknown(word);
}
