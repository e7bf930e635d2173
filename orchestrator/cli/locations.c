/* SPDX-License-Identifier: Apache-2.0 */
#include "locations.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Whether results/ can be written here: it is writable, or does not exist and can be created. */
static bool can_store_here(void)
{
    if (access("results", W_OK | X_OK) == 0)
        return true;
    return errno == ENOENT && access(".", W_OK | X_OK) == 0;
}

const char *hf_cli_default_store(void)
{
    static char path[PATH_MAX];
    if (can_store_here())
        return HF_DEFAULT_DB;
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int length = -1;
    if (state && *state == '/') /* the specification ignores relative paths */
        length = snprintf(path, sizeof path, "%s/hilfarm/hilfarm.db", state);
    else if (home && *home == '/')
        length = snprintf(path, sizeof path, "%s/.local/state/hilfarm/hilfarm.db", home);
    return length > 0 && length < (int)sizeof path ? path : HF_DEFAULT_DB;
}
