/* SPDX-License-Identifier: Apache-2.0 */
#include "evict.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cache_file.h"

#define TEMPORARY_MAX_AGE_S 3600 /* writing an entry takes less than a second */

typedef struct entry {
    char key[HF_CACHE_KEY_DIGITS + 1];
    struct timespec used;
    uint64_t bytes;
} entry;

typedef struct entry_list {
    entry *items; /* owned */
    size_t count, capacity;
    uint64_t bytes;
} entry_list;

static int compare_use(const void *a, const void *b)
{
    const struct timespec *x = &((const entry *)a)->used, *y = &((const entry *)b)->used;
    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? -1 : 1;
    return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

static bool add(entry_list *list, const char *key, const struct stat *about)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? 2 * list->capacity : 256;
        entry *items = reallocarray(list->items, capacity, sizeof *items);
        if (!items)
            return false;
        list->items = items;
        list->capacity = capacity;
    }
    entry *added = &list->items[list->count++];
    *added = (entry){.used = about->st_mtim, .bytes = (uint64_t)about->st_size};
    memcpy(added->key, key, sizeof added->key);
    list->bytes += added->bytes;
    return true;
}

/* Lists the entries; removes temporary files of killed processes. Other files are left alone. */
static void list_entries(int folder, entry_list *list)
{
    const int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = again >= 0 ? fdopendir(again) : NULL;
    if (!stream) {
        if (again >= 0)
            close(again);
        return;
    }
    const time_t now = time(NULL);
    for (const struct dirent *file; (file = readdir(stream));) {
        struct stat about;
        const bool temporary =
            strncmp(file->d_name, HF_CACHE_TEMPORARY_PREFIX, strlen(HF_CACHE_TEMPORARY_PREFIX)) == 0;
        if ((!temporary && !hf_cache_key_is_valid(file->d_name)) ||
            fstatat(folder, file->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(about.st_mode))
            continue;
        if (temporary && about.st_mtim.tv_sec + TEMPORARY_MAX_AGE_S < now)
            unlinkat(folder, file->d_name, 0);
        if (!temporary && !add(list, file->d_name, &about))
            break;
    }
    closedir(stream);
}

uint64_t hf_cache_evict(int folder, uint64_t most_bytes)
{
    entry_list list = {0};
    list_entries(folder, &list);
    if (list.count > 1)
        qsort(list.items, list.count, sizeof *list.items, compare_use);
    for (size_t i = 0; i < list.count && list.bytes > most_bytes; i++) {
        unlinkat(folder, list.items[i].key, 0);
        list.bytes -= list.items[i].bytes; /* if it is gone, another process has removed it */
    }
    free(list.items);
    return list.bytes;
}
