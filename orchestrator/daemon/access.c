/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/user.h"

void hf_access_name(const hf_http_peer *peer, char name[HF_USER_NAME_SIZE])
{
    if (!peer->local)
        snprintf(name, HF_USER_NAME_SIZE, "%s", peer->name);
    else if (!hf_user_name(peer->uid, name, HF_USER_NAME_SIZE))
        snprintf(name, HF_USER_NAME_SIZE, "%u", peer->uid);
}

bool hf_access_may_change(const hf_http_peer *peer, int64_t uid, const char *name)
{
    if (peer->local)
        return peer->uid == 0 || peer->uid == geteuid() || (uid >= 0 && peer->uid == (uid_t)uid);
    return name && strcmp(peer->name, name) == 0;
}
