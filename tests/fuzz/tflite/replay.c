/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz harness on the files of a corpus as an ordinary test. usage: replay FOLDER */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int replay(const char *folder, const char *name)
{
    char path[1024];
    uint8_t *bytes;
    size_t size;
    hf_error err;
    hf_error_clear(&err);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (hf_file_read(path, 1 << 20, &bytes, &size, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    LLVMFuzzerTestOneInput(bytes, size); /* aborts if an invariant is violated */
    free(bytes);
    return 0;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (!folder) {
        fprintf(stderr, "usage: replay FOLDER\n");
        return 2;
    }
    int count = 0;
    int failures = 0;
    for (const struct dirent *entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.') {
            failures += replay(argv[1], entry->d_name);
            count++;
        }
    closedir(folder);
    printf("%d inputs replayed\n", count);
    return failures > 0 || count == 0;
}
