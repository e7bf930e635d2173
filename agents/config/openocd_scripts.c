/* SPDX-License-Identifier: Apache-2.0 */
#include "config/openocd_scripts.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool hf_script_dir(size_t index, char dir[HF_SCRIPT_DIR_SIZE])
{
    static const struct {
        const char *variable; /* of the environment; NULL = none */
        const char *below;
    } known[] = {
        {"OPENOCD_SCRIPTS", ""},
        {"XDG_CONFIG_HOME", "/openocd"},
        {"HOME", "/.config/openocd"},
        {"HOME", "/.openocd"},
        {NULL, "/usr/local/share/openocd/site"},
        {NULL, "/usr/local/share/openocd/scripts"},
        {NULL, "/usr/share/openocd/site"},
        {NULL, "/usr/share/openocd/scripts"},
    };
    dir[0] = '\0';
    if (index >= sizeof known / sizeof known[0])
        return false;
    const char *root = known[index].variable ? getenv(known[index].variable) : "";
    if (root && snprintf(dir, HF_SCRIPT_DIR_SIZE, "%s%s", root, known[index].below) >= HF_SCRIPT_DIR_SIZE)
        dir[0] = '\0';
    return true;
}

static bool is_there(const char *folder, const char *name, char path[PATH_MAX])
{
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < PATH_MAX && access(path, R_OK) == 0;
}

static bool find(const char *name, const char *folder, char path[PATH_MAX])
{
    char dir[HF_SCRIPT_DIR_SIZE];
    if (name[0] == '/')
        return is_there("", name + 1, path);
    if (is_there(".", name, path) || (folder && is_there(folder, name, path)))
        return true;
    for (size_t i = 0; hf_script_dir(i, dir); i++)
        if (dir[0] && is_there(dir, name, path))
            return true;
    return false;
}

void hf_script_key(const char *name, const char *folder, char key[HF_DEVICE_KEY_SIZE])
{
    char path[PATH_MAX];
    if (!find(name, folder, path) || hf_path_device_key(path, key, NULL) != HF_OK)
        snprintf(key, HF_DEVICE_KEY_SIZE, "%s", name);
}
