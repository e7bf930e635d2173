/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the reader of the store: the input is the database file. */
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "check_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    char path[64], with_ending[80];
    snprintf(path, sizeof path, "/dev/shm/hilfarm-fuzz-%d.db", getpid());
    FILE *file = fopen(path, "wb");
    if (file) {
        fwrite(bytes, 1, size, file);
        fclose(file);
        check_store(path);
    }
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        snprintf(with_ending, sizeof with_ending, "%s%s", path, endings[i]);
        unlink(with_ending);
    }
    return 0;
}
