/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Appends one component to an absolute path, resolving "." and ".." lexically. */
static bool append(char path[PATH_MAX], const char *name, size_t length)
{
    size_t used = strlen(path);
    if (length == 0 || (length == 1 && name[0] == '.'))
        return true;
    if (length == 2 && name[0] == '.' && name[1] == '.') {
        char *slash = strrchr(path, '/');
        if (slash)
            slash[slash == path ? 1 : 0] = '\0';
        return true;
    }
    bool root = used == 1;
    if (used + !root + length >= PATH_MAX)
        return false;
    snprintf(path + used, PATH_MAX - used, "%s%.*s", root ? "" : "/", (int)length, name);
    return true;
}

hf_status hf_path_resolve(const char *path, char *out, size_t size, hf_error *err)
{
    char so_far[PATH_MAX], resolved[PATH_MAX];
    if (path[0] == '/')
        snprintf(so_far, sizeof so_far, "/");
    else if (!getcwd(so_far, sizeof so_far))
        return HF_FAIL(err, HF_EIO, "cannot determine the working folder: %s", strerror(errno));
    /* Component by component, so that ".." after a link leads to the parent of the link's target. */
    for (const char *at = path; *at;) {
        size_t length = strcspn(at, "/");
        if (!append(so_far, at, length))
            return HF_FAIL(err, HF_ELIMIT, "the path %.100s... is too long", path);
        if (realpath(so_far, resolved))
            snprintf(so_far, sizeof so_far, "%s", resolved);
        else if (errno == ELOOP)
            return HF_FAIL(err, HF_EIO, "%s: %s", path, strerror(ELOOP));
        at += length;
        at += *at == '/';
    }
    if (strlen(so_far) >= size)
        return HF_FAIL(err, HF_ELIMIT, "the path %.100s... is too long", so_far);
    snprintf(out, size, "%s", so_far);
    return HF_OK;
}

hf_status hf_path_device_key(const char *path, char out[HF_DEVICE_KEY_SIZE], hf_error *err)
{
    char resolved[PATH_MAX];
    hf_status status = hf_path_resolve(path, resolved, sizeof resolved, err);
    if (status != HF_OK)
        return status;
    struct stat info;
    if (stat(resolved, &info) == 0 && S_ISCHR(info.st_mode))
        snprintf(out, HF_DEVICE_KEY_SIZE, "device %u:%u", major(info.st_rdev), minor(info.st_rdev));
    else
        snprintf(out, HF_DEVICE_KEY_SIZE, "%s", resolved);
    return HF_OK;
}

/* Appends "/" and a component. ".." becomes "@up", and a name that begins with "@" gets a second one, so that
 * no two components are encoded alike. @return false if it does not fit */
static bool add_component(char *out, size_t size, const char *component, size_t length)
{
    const bool up = length == 2 && memcmp(component, "..", 2) == 0;
    const size_t used = strlen(out);
    const int added = up ? snprintf(out + used, size - used, "/@up")
                         : snprintf(out + used, size - used, "/%s%.*s", component[0] == '@' ? "@" : "",
                                    (int)length, component);
    return added > 0 && (size_t)added < size - used;
}

hf_status hf_path_in_tree(const char *tree, const char *path, char *out, size_t size, hf_error *err)
{
    char place[PATH_MAX];
    const int length = snprintf(place, sizeof place, "%s/%s", tree, path[0] == '/' ? "abs" : "rel");
    bool fits = length > 0 && (size_t)length < sizeof place;
    for (const char *at = path; fits && *at;) {
        const size_t component = strcspn(at, "/");
        if (component && !(component == 1 && *at == '.'))
            fits = add_component(place, sizeof place, at, component);
        at += component;
        at += *at == '/';
    }
    if (!fits || strlen(place) >= size)
        return HF_FAIL(err, HF_ELIMIT, "the path %.100s is too long", path);
    memcpy(out, place, strlen(place) + 1);
    return HF_OK;
}
