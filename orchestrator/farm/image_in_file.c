/* SPDX-License-Identifier: Apache-2.0 */
#include "image_in_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define LEAST_BYTES 16384 /* what is smaller fills few pages, and stays in memory */

static bool write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        const ssize_t done = write(fd, bytes, size);
        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0) {
            bytes += done;
            size -= (size_t)done;
        }
    }
    return true;
}

void hf_image_into_file(hf_prepared *prepared, const char *folder)
{
    hf_image *image = &prepared->image;
    if (!folder || !image->bytes || image->size < LEAST_BYTES || prepared->image_mapped)
        return;
    const int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); /* not on every file system */
    if (fd < 0)
        return;
    void *mapped = MAP_FAILED;
    if (write_all(fd, image->bytes, image->size))
        mapped = mmap(NULL, image->size, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED)
        return;
    free(image->bytes);
    image->bytes = mapped;
    prepared->image_mapped = true;
}

void hf_image_unmap(hf_prepared *prepared)
{
    if (!prepared->image_mapped)
        return;
    munmap(prepared->image.bytes, prepared->image.size);
    prepared->image.bytes = NULL;
    prepared->image_mapped = false;
}
