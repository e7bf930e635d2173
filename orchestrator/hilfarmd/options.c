/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program_options.h"
#include "daemon/daytime.h"
#include "notify/notify.h"

#define EXIT_BAD_INPUT    2
#define DEFAULT_QUEUED    1000
#define DEFAULT_DASHBOARD "127.0.0.1:0"
#define DEFAULT_KEEP      14
#define MOST_QUEUED       65536
#define MOST_KEEP         3650

enum {
    OPT_FARM = 256,
    OPT_SOCKET,
    OPT_LISTEN,
    OPT_TOKEN_FILE,
    OPT_DASHBOARD,
    OPT_STATE,
    OPT_CACHE,
    OPT_FIRMWARE_DIR,
    OPT_OPENOCD,
    OPT_VBOARD,
    OPT_NOTIFY,
    OPT_WEBHOOK,
    OPT_CHECK_AT,
    OPT_STOP_AT,
    OPT_MAX_QUEUED,
    OPT_KEEP_DAYS,
};

static const hf_program_option table[] = {
    {{"farm", required_argument, NULL, OPT_FARM}, "FILE", "farm file (default: two virtual boards)"},
    {{"socket", required_argument, NULL, OPT_SOCKET},
     "PATH",
     "Unix socket to listen on (default: $HILFARM_SOCKET, else hilfarm/hilfarmd.sock in\n$XDG_RUNTIME_DIR, "
     "else in /run; "
     "a socket that systemd passes comes first)"},
    {{"listen", required_argument, NULL, OPT_LISTEN},
     "HOST:PORT",
     "listen on a TCP port too; needs --token-file"},
    {{"token-file", required_argument, NULL, OPT_TOKEN_FILE},
     "FILE",
     "who may use the TCP port: lines NAME:TOKEN; only its owner may be able to read it"},
    {{"dashboard", required_argument, NULL, OPT_DASHBOARD},
     "HOST:PORT",
     "where browsers find the dashboard of `hilfarm dashboard`; port 0: any that is\nfree; none: nowhere "
     "(127.0.0.1:0)"},
    {{"state", required_argument, NULL, OPT_STATE},
     "DIR",
     "store and submissions (default: $STATE_DIRECTORY, else hilfarm/daemon in\n$XDG_STATE_HOME or "
     "~/.local/state)"},
    {{"cache", required_argument, NULL, OPT_CACHE},
     "DIR",
     "prepared models (default: $CACHE_DIRECTORY, else cache in the state folder)"},
    {{"firmware-dir", required_argument, NULL, OPT_FIRMWARE_DIR},
     "DIR",
     "folder of hilfarm-<chip>.bin (default: $HILFARM_FIRMWARE_DIR, or the images\ninstalled or built with "
     "hilfarm)"},
    {{"openocd", required_argument, NULL, OPT_OPENOCD}, "PROGRAM", "default: openocd in PATH"},
    {{"vboard", required_argument, NULL, OPT_VBOARD},
     "PROGRAM",
     "default: hilfarm-vboard beside this program"},
    {{"notify", required_argument, NULL, OPT_NOTIFY},
     "COMMAND",
     "run by the shell when a run is over: JSON on its input, a subject for a mail in\n$HILFARM_SUBJECT"},
    {{"webhook", required_argument, NULL, OPT_WEBHOOK},
     "URL",
     "server that gets the same JSON by POST when a run is over"},
    {{"check-at", required_argument, NULL, OPT_CHECK_AT},
     "HH:MM",
     "every day, check all boards with a known model before their next job"},
    {{"stop-at", required_argument, NULL, OPT_STOP_AT},
     "HH:MM",
     "every day, stop runs of negative priority: the end of the night"},
    {{"max-queued", required_argument, NULL, OPT_MAX_QUEUED},
     "N",
     "runs that wait or are under way, at most (1000)"},
    {{"keep-days", required_argument, NULL, OPT_KEEP_DAYS},
     "N",
     "how long files of runs that are over stay, to resume them (14)"},
};

/* ---- Defaults ---- */

static const char *default_state(void)
{
    static char path[PATH_MAX];
    if (!hf_service_folder("STATE_DIRECTORY", path))
        hf_state_folder("daemon", path);
    return path;
}

static const char *default_cache(void)
{
    static char path[PATH_MAX];
    return hf_service_folder("CACHE_DIRECTORY", path) ? path : NULL;
}

static const char *default_socket(void)
{
    static char path[PATH_MAX];
    const char *given = getenv("HILFARM_SOCKET"), *runtime = getenv("XDG_RUNTIME_DIR");
    if (given && *given == '/')
        return given;
    if (!runtime || *runtime != '/')
        return "/run/hilfarm/hilfarmd.sock";
    snprintf(path, sizeof path, "%s/hilfarm/hilfarmd.sock", runtime);
    return path;
}

/* The images beside the running program: installed, or in the build tree. */
static const char *default_firmware(void)
{
    static const char *const folders[] = {"../share/hilfarm/firmware", "../firmware"};
    static char path[PATH_MAX + 32];
    char program[PATH_MAX];
    const char *given = getenv("HILFARM_FIRMWARE_DIR");
    if (given && *given)
        return given;
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(program, '/');
    if (!slash)
        return "firmware";
    *slash = '\0';
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", program, folders[i]);
        if (access(path, X_OK) == 0)
            break;
    }
    return path;
}

/* ---- Values ---- */

static bool read_number(const char *name, const char *text, uint32_t most, uint32_t *value)
{
    char *end;
    const unsigned long number = strtoul(text, &end, 10);
    if (*text >= '0' && *text <= '9' && !*end && number >= 1 && number <= most) {
        *value = (uint32_t)number;
        return true;
    }
    fprintf(stderr, "hilfarmd: --%s '%s': expected a number from 1 to %u\n", name, text, most);
    return false;
}

static bool read_time(const char *name, const char *text, hf_daytime *value)
{
    hf_error err = {0};
    if (hf_daytime_parse(text, value, &err) == HF_OK)
        return true;
    fprintf(stderr, "hilfarmd: --%s: %s\n", name, err.message);
    return false;
}

static bool read_url(const char *text, const char **value)
{
    hf_error err = {0};
    *value = text;
    if (hf_notify_check_url(text, &err) == HF_OK)
        return true;
    fprintf(stderr, "hilfarmd: --webhook: %s\n", err.message);
    return false;
}

static bool take(int option, const char *value, void *user)
{
    hf_daemon_options *o = user;
    switch (option) {
    case OPT_FARM:
        o->farm_path = value;
        return true;
    case OPT_SOCKET:
        o->socket_path = value;
        return true;
    case OPT_LISTEN:
        o->listen = value;
        return true;
    case OPT_TOKEN_FILE:
        o->token_file = value;
        return true;
    case OPT_DASHBOARD:
        o->dashboard = strcmp(value, "none") == 0 ? NULL : value;
        return true;
    case OPT_STATE:
        o->state_dir = value;
        return true;
    case OPT_CACHE:
        o->cache_dir = value;
        return true;
    case OPT_FIRMWARE_DIR:
        o->firmware_dir = value;
        return true;
    case OPT_OPENOCD:
        o->openocd_path = value;
        return true;
    case OPT_VBOARD:
        o->vboard_path = value;
        return true;
    case OPT_NOTIFY:
        o->notify_command = value;
        return true;
    case OPT_WEBHOOK:
        return read_url(value, &o->webhook);
    case OPT_CHECK_AT:
        return read_time("check-at", value, &o->check_at);
    case OPT_STOP_AT:
        return read_time("stop-at", value, &o->stop_at);
    case OPT_MAX_QUEUED:
        return read_number("max-queued", value, MOST_QUEUED, &o->max_queued);
    case OPT_KEEP_DAYS:
        return read_number("keep-days", value, MOST_KEEP, &o->keep_days);
    default:
        return false;
    }
}

bool hilfarmd_options(int argc, char **argv, hf_daemon_options *options, int *exit_status)
{
    const hf_program program = {
        .name = "hilfarmd",
        .version = options->version,
        .before =
            "usage: hilfarmd [options]\n\n"
            "The daemon of hilfarm: owns the boards of a farm and runs what `hilfarm run` submits, for all\n"
            "users of this host. Runs survive its restart.",
        .after =
            "Signals: SIGTERM and SIGINT cancel attempts and stop the daemon; the next one resumes all "
            "runs.\n"
            "Exit status: 0 stopped by a signal, 2 bad input, 3 it cannot work.\n"
            "Examples:\n"
            "  hilfarmd --farm /etc/hilfarm/farm.yaml --check-at 01:00 --stop-at 07:00\n"
            "  hilfarmd --webhook https://lab.example.org/hook --notify 'mail -s \"$HILFARM_SUBJECT\" lab'\n"
            "  hilfarmd --listen lab.example.org:8443 --token-file /etc/hilfarm/tokens",
        .options = table,
        .option_count = sizeof table / sizeof table[0],
        .help_column = 25,
        .take = take,
    };
    options->dashboard = DEFAULT_DASHBOARD;
    options->max_queued = DEFAULT_QUEUED;
    options->keep_days = DEFAULT_KEEP;
    if (!hf_program_parse(&program, argc, argv, options, exit_status))
        return false;
    *exit_status = EXIT_BAD_INPUT;
    if (options->listen && !options->token_file) {
        fputs("hilfarmd: --listen needs --token-file: whoever can reach the port could use the boards\n",
              stderr);
        return false;
    }
    options->socket_path = options->socket_path ? options->socket_path : default_socket();
    options->state_dir = options->state_dir ? options->state_dir : default_state();
    options->cache_dir = options->cache_dir ? options->cache_dir : default_cache();
    options->firmware_dir = options->firmware_dir ? options->firmware_dir : default_firmware();
    return true;
}
