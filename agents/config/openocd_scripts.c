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

/* The folder of a program that is found in PATH. */
static bool folder_in_path(const char *program, char folder[HF_SCRIPT_DIR_SIZE])
{
    const char *at = getenv("PATH");
    char file[HF_SCRIPT_DIR_SIZE + NAME_MAX];
    while (at && *at) {
        const int length = (int)strcspn(at, ":");
        snprintf(folder, HF_SCRIPT_DIR_SIZE, "%.*s", length, at);
        snprintf(file, sizeof file, "%s/%s", folder, program);
        if (length && length < HF_SCRIPT_DIR_SIZE && access(file, X_OK) == 0)
            return true;
        at += length + (at[length] == ':');
    }
    return false;
}

bool hf_script_installation(const char *program, char dir[HF_SCRIPT_DIR_SIZE])
{
    char folder[HF_SCRIPT_DIR_SIZE], file[PATH_MAX], target[PATH_MAX];
    const char *slash = strrchr(program, '/');
    if (slash)
        snprintf(file, sizeof file, "%s", program);
    else if (folder_in_path(program, folder))
        snprintf(file, sizeof file, "%s/%s", folder, program);
    else
        return false;
    if (!realpath(file, target)) /* the program may be a link into its installation */
        return false;
    *strrchr(target, '/') = '\0'; /* <prefix>/bin */
    char *last = strrchr(target, '/');
    if (last)
        *last = '\0';
    return snprintf(dir, HF_SCRIPT_DIR_SIZE, "%s/share/openocd/scripts", target) < HF_SCRIPT_DIR_SIZE;
}

bool hf_script_find(const char *name, const char *folder, const char *program, char path[PATH_MAX])
{
    char dir[HF_SCRIPT_DIR_SIZE];
    if (name[0] == '/')
        return is_there("", name + 1, path);
    if (is_there(".", name, path) || (folder && is_there(folder, name, path)))
        return true;
    for (size_t i = 0; hf_script_dir(i, dir); i++)
        if (dir[0] && is_there(dir, name, path))
            return true;
    return program && hf_script_installation(program, dir) && is_there(dir, name, path);
}

void hf_script_key(const char *name, const char *folder, char key[HF_DEVICE_KEY_SIZE])
{
    char path[PATH_MAX];
    if (!hf_script_find(name, folder, NULL, path) || hf_path_device_key(path, key, NULL) != HF_OK)
        snprintf(key, HF_DEVICE_KEY_SIZE, "%s", name);
}
