/* SPDX-License-Identifier: Apache-2.0 */
#include "board/script.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_there(const char *folder, const char *under, const char *name, char path[PATH_MAX])
{
    int length = snprintf(path, PATH_MAX, "%s%s/%s", folder, under, name);
    return length > 0 && length < PATH_MAX && access(path, R_OK) == 0;
}

static bool look(const char *name, char path[PATH_MAX])
{
    const char *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME"),
               *scripts = getenv("OPENOCD_SCRIPTS");
    if (name[0] == '/')
        return is_there("", "", name + 1, path);
    return is_there(".", "", name, path) || (scripts && is_there(scripts, "", name, path)) ||
           (config && is_there(config, "/openocd", name, path)) ||
           (!config && home && is_there(home, "/.config/openocd", name, path)) ||
           (home && is_there(home, "/.openocd", name, path)) ||
           is_there("/usr/local/share/openocd", "/site", name, path) ||
           is_there("/usr/local/share/openocd", "/scripts", name, path) ||
           is_there("/usr/share/openocd", "/site", name, path) ||
           is_there("/usr/share/openocd", "/scripts", name, path);
}

bool hf_script_find(const char *name, char *path, size_t size)
{
    char found[PATH_MAX];
    if (!look(name, found) || strlen(found) >= size)
        return false;
    snprintf(path, size, "%s", found);
    return true;
}

void hf_script_key(const char *name, char key[HF_DEVICE_KEY_SIZE])
{
    char found[PATH_MAX];
    if (look(name, found) && hf_path_device_key(found, key, NULL) == HF_OK)
        return;
    snprintf(key, HF_DEVICE_KEY_SIZE, "%s", name);
}
