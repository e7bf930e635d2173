/* SPDX-License-Identifier: Apache-2.0 */
#include "locations.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spec/quantity.h"

/* Where images may be, relative to the program's folder; the last one is the fallback for messages. */
static const char *const image_folders[] = {"../share/hilfarm/firmware", "../firmware"};

/* The folder of the running program, or NULL. */
static const char *program_folder(char path[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (length <= 0)
        return NULL;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash)
        return NULL;
    *slash = '\0';
    return path;
}

const char *hf_cli_firmware_dir(const char *given)
{
    static char path[PATH_MAX + 32];
    if (!given)
        given = getenv("HILFARM_FIRMWARE_DIR");
    if (given && *given)
        return given;
    char folder[PATH_MAX];
    if (!program_folder(folder))
        return "firmware";
    for (size_t i = 0; i < sizeof image_folders / sizeof image_folders[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, image_folders[i]);
        if (access(path, X_OK) == 0)
            break;
    }
    return path;
}

const char *hf_cli_trainer(const char *given)
{
    static char path[PATH_MAX + 32];
    char folder[PATH_MAX];
    if (given)
        return given;
    if (program_folder(folder)) {
        snprintf(path, sizeof path, "%s/hilfarm-train", folder);
        if (access(path, X_OK) == 0)
            return path;
    }
    const char *places = getenv("PATH");
    for (const char *at = places; at && *at;) {
        const size_t length = strcspn(at, ":");
        snprintf(path, sizeof path, "%.*s/hilfarm-train", (int)length, at);
        if (length && access(path, X_OK) == 0)
            return path;
        at += length + (at[length] == ':');
    }
    return NULL;
}

/* Whether results/ can be written here: it is writable, or does not exist and can be created. */
static bool can_store_here(void)
{
    if (access("results", W_OK | X_OK) == 0)
        return true;
    return errno == ENOENT && access(".", W_OK | X_OK) == 0;
}

/* A path below a folder of the XDG Base Directory Specification.
 * @param variable that names the folder; @param fallback the folder in the home folder
 * @return false if the home folder is not known */
static bool xdg_path(const char *variable, const char *fallback, const char *name, char path[PATH_MAX])
{
    const char *folder = getenv(variable), *home = getenv("HOME");
    int length = -1;
    if (folder && *folder == '/') /* the specification ignores relative paths */
        length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    else if (home && *home == '/')
        length = snprintf(path, PATH_MAX, "%s/%s/%s", home, fallback, name);
    return length > 0 && length < PATH_MAX;
}

const char *hf_cli_default_store(void)
{
    static char path[PATH_MAX];
    if (can_store_here() || !xdg_path("XDG_STATE_HOME", ".local/state", "hilfarm/hilfarm.db", path))
        return HF_DEFAULT_DB;
    return path;
}

bool hf_cli_state_path(const char *name, char path[PATH_MAX])
{
    char below[256];
    return (size_t)snprintf(below, sizeof below, "hilfarm/%s", name) < sizeof below &&
           xdg_path("XDG_STATE_HOME", ".local/state", below, path);
}

bool hf_cli_config_path(const char *name, char path[PATH_MAX])
{
    char below[256];
    return (size_t)snprintf(below, sizeof below, "hilfarm/%s", name) < sizeof below &&
           xdg_path("XDG_CONFIG_HOME", ".config", below, path);
}

const char *hf_cli_cache_dir(void)
{
    static char path[PATH_MAX];
    const char *given = getenv("HILFARM_CACHE_DIR");
    if (given)
        return *given ? given : NULL;
    return xdg_path("XDG_CACHE_HOME", ".cache", "hilfarm/prepared", path) ? path : NULL;
}

hf_status hf_cli_cache_limit(uint64_t *bytes, hf_error *err)
{
    const char *given = getenv("HILFARM_CACHE_LIMIT"), *unit;
    *bytes = 0;
    if (!given || !*given)
        return HF_OK;
    if (hf_quantity_parse(given, hf_units_bytes, bytes, &unit) == HF_QUANTITY_OK && *bytes > 0)
        return HF_OK;
    return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID,
                      "HILFARM_CACHE_LIMIT is '%s', expected a size above 0 with its unit, such as 500 MB",
                      given);
}
