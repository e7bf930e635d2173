/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware_shared.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

typedef struct image {
    LIST_ENTRY(image) link;
    uint8_t *bytes;
    size_t size;
    unsigned users;
} image;

/* A few: one for each chip and flavour. */
static LIST_HEAD(, image) images = LIST_HEAD_INITIALIZER(images);
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static image *find_equal(const uint8_t *bytes, size_t size)
{
    image *found;
    LIST_FOREACH(found, &images, link)
    {
        if (found->size == size && memcmp(found->bytes, bytes, size) == 0)
            return found;
    }
    return NULL;
}

static image *add(uint8_t *bytes, size_t size)
{
    image *added = calloc(1, sizeof *added);
    if (!added)
        return NULL;
    *added = (image){.bytes = bytes, .size = size};
    LIST_INSERT_HEAD(&images, added, link);
    return added;
}

const uint8_t *hf_firmware_share(uint8_t *bytes, size_t size)
{
    pthread_mutex_lock(&mutex);
    image *shared = find_equal(bytes, size);
    if (!shared)
        shared = add(bytes, size);
    if (shared)
        shared->users++;
    const uint8_t *result = shared ? shared->bytes : NULL;
    if (result != bytes)
        free(bytes);
    pthread_mutex_unlock(&mutex);
    return result;
}

void hf_firmware_unshare(const uint8_t *bytes)
{
    image *shared;
    if (!bytes)
        return;
    pthread_mutex_lock(&mutex);
    LIST_FOREACH(shared, &images, link)
    {
        if (shared->bytes == bytes)
            break;
    }
    if (shared && --shared->users == 0) {
        LIST_REMOVE(shared, link);
        free(shared->bytes);
        free(shared);
    }
    pthread_mutex_unlock(&mutex);
}
