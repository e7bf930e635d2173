/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/program_options.h"

#define DEFAULT_CONFIG "/etc/hilfarm/agent.yaml"

enum { OPT_CONFIG = 256, OPT_STATE, OPT_CACHE, OPT_OPENOCD, OPT_VBOARD };

static const hf_program_option table[] = {
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
};

/* ---- Defaults ---- */

/* In a folder of systemd, which the agent may share with the daemon, it has one of its own. */
static bool below_service_folder(const char *variable, char out[PATH_MAX])
{
    char given[PATH_MAX];
    if (!hf_service_folder(variable, given))
        return false;
    snprintf(out, PATH_MAX, "%.*s/agent", PATH_MAX - 7, given);
    return true;
}

static void fill_in(agent_options *o)
{
    if (!o->state_dir[0] && !below_service_folder("STATE_DIRECTORY", o->state_dir))
        hf_state_folder("agent", o->state_dir);
    if (!o->cache_dir[0] && !below_service_folder("CACHE_DIRECTORY", o->cache_dir))
        snprintf(o->cache_dir, sizeof o->cache_dir, "%.*s/cache", PATH_MAX - 7, o->state_dir);
}

/* ---- Parsing ---- */

static bool take(int option, const char *value, void *user)
{
    agent_options *o = user;
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
        return false;
    }
    return true;
}

bool hilfarm_agent_options(int argc, char **argv, agent_options *options, int *exit_status)
{
    static const hf_program program = {
        .name = "hilfarm-agent",
        .version = HILFARM_VERSION,
        .before = "usage: hilfarm-agent [options]\n\n"
                  "The agent of a host in a farm of several hosts: announces the boards of this host, and\n"
                  "carries out what `hilfarm run` and hilfarmd on other hosts order, through a NATS server.\n"
                  "Results are kept until they have arrived.",
        .after = "Signals: SIGTERM and SIGINT cancel attempts and stop the agent; what was ordered is\n"
                 "made again elsewhere.\n"
                 "Exit status: 0 stopped by a signal, 2 bad input, 3 it cannot work.\n"
                 "Examples:\n"
                 "  hilfarm-agent --config /etc/hilfarm/agent.yaml\n"
                 "  hilfarm-agent --config agent.yaml --state /tmp/agent-state",
        .options = table,
        .option_count = sizeof table / sizeof table[0],
        .help_column = 21,
        .take = take,
    };
    *options = (agent_options){.config_path = DEFAULT_CONFIG};
    if (!hf_program_parse(&program, argc, argv, options, exit_status))
        return false;
    fill_in(options);
    return true;
}
