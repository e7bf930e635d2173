/* SPDX-License-Identifier: Apache-2.0 */
/* Where the daemon is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/client.h"

#define SYSTEM_SOCKET "/run/hilfarm/hilfarmd.sock"

char *hf_client_address(void)
{
    const char *given = getenv("HILFARM_SOCKET"), *runtime = getenv("XDG_RUNTIME_DIR");
    char *path = NULL;
    if (given)
        return strdup(given);
    if (runtime && *runtime == '/') {
        if (asprintf(&path, "%s/hilfarm/hilfarmd.sock", runtime) < 0)
            return NULL;
        if (access(path, F_OK) == 0)
            return path;
        free(path);
    }
    return strdup(access(SYSTEM_SOCKET, F_OK) == 0 ? SYSTEM_SOCKET : "");
}
