/* SPDX-License-Identifier: Apache-2.0 */
#include "cache/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cache_file.h"
#include "evict.h"

struct hf_cache {
    int folder; /* descriptor */
    uint64_t limit_bytes;
    pthread_mutex_t mutex; /* guards the two below; held while entries are removed */
    uint64_t bytes;        /* of all entries, when they were last counted */
    uint64_t new_bytes;    /* written by this process since then */
};

#define NAME_SIZE 32

static hf_status check_folder(const char *path, int folder, hf_error *err)
{
    struct stat about;
    if (fstat(folder, &about) != 0)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EIO, "%s: %s", path, strerror(errno));
    if (about.st_uid != geteuid() || (about.st_mode & S_IWOTH))
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID,
                          "%s: a cache must belong to its user and must not be writable by everybody", path);
    return HF_OK;
}

hf_status hf_cache_open(const char *folder, uint64_t limit_bytes, hf_cache **out, hf_error *err)
{
    hf_status status = hf_make_dirs(folder, err);
    if (status != HF_OK)
        return status;
    const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EIO, "%s: %s", folder, strerror(errno));
    status = check_folder(folder, descriptor, err);
    hf_cache *cache = status == HF_OK ? calloc(1, sizeof *cache) : NULL;
    if (!cache) {
        close(descriptor);
        return status != HF_OK ? status : HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for a cache");
    }
    cache->folder = descriptor;
    cache->limit_bytes = limit_bytes ? limit_bytes : HF_CACHE_DEFAULT_LIMIT_BYTES;
    pthread_mutex_init(&cache->mutex, NULL);
    cache->bytes = hf_cache_evict(descriptor, cache->limit_bytes);
    *out = cache;
    return HF_OK;
}

void hf_cache_close(hf_cache *cache)
{
    if (!cache)
        return;
    close(cache->folder);
    pthread_mutex_destroy(&cache->mutex);
    free(cache);
}

static bool read_all(int file, uint8_t *to, size_t size)
{
    while (size > 0) {
        const ssize_t count = read(file, to, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        to += count;
        size -= (size_t)count;
    }
    return true;
}

static bool write_all(int file, const void *from, size_t size)
{
    for (const char *at = from; size > 0;) {
        const ssize_t count = write(file, at, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        at += count;
        size -= (size_t)count;
    }
    return true;
}

/* The whole file. @return NULL if it cannot be read; otherwise the caller's to free() */
static uint8_t *load(int file, size_t *size)
{
    struct stat about;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size <= 0 ||
        (uint64_t)about.st_size > HF_CACHE_MAX_ENTRY_BYTES + HF_CACHE_HEADER_MAX_SIZE)
        return NULL;
    uint8_t *bytes = malloc((size_t)about.st_size);
    if (bytes && !read_all(file, bytes, (size_t)about.st_size)) {
        free(bytes);
        bytes = NULL;
    }
    *size = (size_t)about.st_size;
    return bytes;
}

bool hf_cache_read(hf_cache *cache, const char *key, uint8_t **data, size_t *size_bytes)
{
    const int file = hf_cache_key_is_valid(key)
                         ? openat(cache->folder, key, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
                         : -1;
    if (file < 0)
        return false;
    size_t size = 0, offset = 0;
    uint8_t *bytes = load(file, &size);
    const bool valid = bytes && hf_cache_file_check(key, bytes, size, &offset);
    if (valid)
        (void)futimens(file, NULL); /* the time of its last use */
    close(file);
    if (!valid) {
        free(bytes);
        hf_cache_remove(cache, key);
        return false;
    }
    memmove(bytes, bytes + offset, size - offset);
    *data = bytes;
    *size_bytes = size - offset;
    return true;
}

bool hf_cache_has(const hf_cache *cache, const char *key)
{
    return hf_cache_key_is_valid(key) && faccessat(cache->folder, key, R_OK, 0) == 0;
}

/* Counts a new entry, and from time to time makes room: other processes write too, and this one does not know how
 * much. */
static void count_entry(hf_cache *cache, size_t bytes)
{
    const uint64_t tenth = cache->limit_bytes / 10;
    pthread_mutex_lock(&cache->mutex);
    cache->new_bytes += bytes;
    if (cache->new_bytes > tenth || cache->bytes + cache->new_bytes > cache->limit_bytes) {
        cache->bytes = hf_cache_evict(cache->folder, cache->limit_bytes - tenth);
        cache->new_bytes = 0;
    }
    pthread_mutex_unlock(&cache->mutex);
}

bool hf_cache_write(hf_cache *cache, const char *key, const void *data, size_t size_bytes)
{
    char header[HF_CACHE_HEADER_MAX_SIZE], name[NAME_SIZE];
    if (!hf_cache_key_is_valid(key) || size_bytes > HF_CACHE_MAX_ENTRY_BYTES ||
        size_bytes > cache->limit_bytes)
        return false;
    const size_t length = hf_cache_header_write(key, data, size_bytes, header);
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return false;
    snprintf(name, sizeof name, HF_CACHE_TEMPORARY_PREFIX "%016llx", (unsigned long long)random);
    const int file = openat(cache->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    /* Not synced: after a power cut the file may be damaged, which the next reader notices. */
    bool written = write_all(file, header, length) && write_all(file, data, size_bytes);
    written = close(file) == 0 && written;
    if (!written || renameat(cache->folder, name, cache->folder, key) != 0) {
        unlinkat(cache->folder, name, 0);
        return false;
    }
    count_entry(cache, length + size_bytes);
    return true;
}

void hf_cache_remove(hf_cache *cache, const char *key)
{
    if (hf_cache_key_is_valid(key))
        unlinkat(cache->folder, key, 0);
}
