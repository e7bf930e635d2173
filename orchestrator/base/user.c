/* SPDX-License-Identifier: Apache-2.0 */
#include "base/user.h"

#include <pwd.h>
#include <stdio.h>

bool hf_user_name(uid_t uid, char *name, size_t size)
{
    struct passwd entry, *found = NULL;
    char texts[4096];
    const bool known = getpwuid_r(uid, &entry, texts, sizeof texts, &found) == 0 && found;
    snprintf(name, size, "%s", known ? found->pw_name : "");
    return known;
}
