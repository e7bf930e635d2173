/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spec/quantity.h"

#define WAIT_MAX_MS (UINT64_C(720) * 3600 * 1000)

enum {
    LONG_DB = 256,
    LONG_FARM,
    LONG_OUTPUT,
    LONG_FIRMWARE_DIR,
    LONG_OPENOCD,
    LONG_VBOARD,
    LONG_PLAIN,
    LONG_CHECK,
    LONG_LAYERS,
    LONG_RESUME,
    LONG_WAIT,
    LONG_QUIET,
    LONG_FAIL_ON,
};

static const struct {
    struct option option;
    unsigned bit;
} known[] = {
    {{"db", required_argument, NULL, LONG_DB}, HF_OPTION_DB},
    {{"farm", required_argument, NULL, LONG_FARM}, HF_OPTION_FARM},
    {{"output", required_argument, NULL, LONG_OUTPUT}, HF_OPTION_OUTPUT},
    {{"firmware-dir", required_argument, NULL, LONG_FIRMWARE_DIR}, HF_OPTION_PROGRAMS},
    {{"openocd", required_argument, NULL, LONG_OPENOCD}, HF_OPTION_PROGRAMS},
    {{"vboard", required_argument, NULL, LONG_VBOARD}, HF_OPTION_PROGRAMS},
    {{"plain", no_argument, NULL, LONG_PLAIN}, HF_OPTION_PLAIN},
    {{"check", no_argument, NULL, LONG_CHECK}, HF_OPTION_CHECK},
    {{"layers", no_argument, NULL, LONG_LAYERS}, HF_OPTION_LAYERS},
    {{"resume", no_argument, NULL, LONG_RESUME}, HF_OPTION_RESUME},
    {{"wait", required_argument, NULL, LONG_WAIT}, HF_OPTION_WAIT},
    {{"quiet", no_argument, NULL, LONG_QUIET}, HF_OPTION_QUIET},
    {{"fail-on", required_argument, NULL, LONG_FAIL_ON}, HF_OPTION_FAIL_ON},
    {{"help", no_argument, NULL, 'h'}, ~0u},
};
#define KNOWN_COUNT (sizeof known / sizeof known[0])

static void set_option(hf_cli_options *options, int which, const char *value)
{
    switch (which) {
    case LONG_DB:
        options->db = value;
        break;
    case LONG_FARM:
        options->farm = value;
        break;
    case 'o':
    case LONG_OUTPUT:
        options->output = value;
        break;
    case LONG_FIRMWARE_DIR:
        options->firmware_dir = value;
        break;
    case LONG_OPENOCD:
        options->openocd = value;
        break;
    case LONG_VBOARD:
        options->vboard = value;
        break;
    case LONG_PLAIN:
        options->plain = true;
        break;
    case LONG_QUIET:
        options->quiet = true;
        break;
    case LONG_FAIL_ON:
        options->fail_on = value;
        break;
    case LONG_CHECK:
        options->check = true;
        break;
    case LONG_LAYERS:
        options->layers = true;
        break;
    case LONG_RESUME:
        options->resume = true;
        break;
    default:
        break;
    }
}

bool hf_cli_wait(const char *command, const char *text, uint64_t *wait_ms)
{
    const char *unit;
    if (hf_quantity_parse(text, hf_units_duration, wait_ms, &unit) == HF_QUANTITY_OK &&
        *wait_ms <= WAIT_MAX_MS)
        return true;
    fprintf(
        stderr,
        "hilfarm %s: --wait '%s': expected a time such as \"30 min\" (units: ms, s, min, h), up to 720 h\n",
        command, text);
    return false;
}

void hf_cli_waiting(void *user, const char *who)
{
    const char *id = user;
    fprintf(stderr, "hilfarm: waiting for board %s: %s\n", id, who);
}

typedef struct given_options {
    const char *command;
    hf_cli_options *options;
} given_options;

static bool take_option(void *user, int which, const char *value)
{
    given_options *given = user;
    if (which == LONG_WAIT && !hf_cli_wait(given->command, value, &given->options->wait_ms))
        return false;
    set_option(given->options, which, value);
    return true;
}

bool hf_cli_parse(int argc, char **argv, unsigned allowed, const char *usage, int min_words, int max_words,
                  hf_cli_options *options, char ***words, int *word_count, hf_exit *exit_status)
{
    struct option accepted[KNOWN_COUNT + 1] = {0};
    size_t count = 0;
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (known[i].bit & allowed)
            accepted[count++] = known[i].option;
    *options = (hf_cli_options){.db = HF_DEFAULT_DB};
    const char *short_options = allowed & HF_OPTION_OUTPUT ? ":o:h" : ":h";
    given_options given = {argv[0], options};
    if (!hf_cli_walk(argc, argv, short_options, accepted, usage, take_option, &given, exit_status))
        return false;
    int have = argc - optind;
    if (have < min_words || have > max_words) {
        if (have > max_words)
            fprintf(stderr, "hilfarm %s: '%s' is one argument too many\n%s", argv[0],
                    argv[optind + max_words], usage);
        else
            fprintf(stderr, "hilfarm %s: an argument is missing\n%s", argv[0], usage);
        return false;
    }
    *words = argv + optind;
    *word_count = have;
    return true;
}

hf_exit hf_cli_fail(const hf_error *err)
{
    fprintf(stderr, "hilfarm: %s\n", err->message);
    return err->status == HF_EINVALID || err->status == HF_ENOTFOUND ? HF_EXIT_BAD_INPUT : HF_EXIT_FARM;
}

const char *hf_cli_firmware_dir(const hf_cli_options *options)
{
    static char path[PATH_MAX + 16];
    const char *given = options->firmware_dir ? options->firmware_dir : getenv("HILFARM_FIRMWARE_DIR");
    if (given && *given)
        return given;
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
    if (length <= 0)
        return "firmware";
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash)
        return "firmware";
    memcpy(slash, "/../firmware", sizeof "/../firmware"); /* room is left for it behind PATH_MAX */
    return path;
}

hf_status hf_cli_open_store(const hf_cli_options *options, hf_store **store, hf_error *err)
{
    hf_status status = hf_store_open_readonly(options->db, store, err);
    if (status == HF_OK && *hf_store_note(*store))
        fprintf(stderr, "hilfarm: %s\n", hf_store_note(*store));
    return status;
}

hf_exit hf_cli_load_report(const hf_cli_options *options, const char *run_text, hf_report *report)
{
    int64_t run_id = 0;
    hf_error err = {0};
    hf_store *store = NULL;
    hf_exit exit_status = HF_EXIT_OK;
    if (hf_cli_open_store(options, &store, &err) != HF_OK ||
        (run_text && hf_store_find_run(store, run_text, &run_id, &err) != HF_OK) ||
        hf_store_load_report(store, run_id, report, &err) != HF_OK)
        exit_status = hf_cli_fail(&err);
    hf_store_close(store);
    return exit_status;
}
