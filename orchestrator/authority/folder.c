/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "authority_state.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/secret_file.h"

#define LOCK_MS 10000

hf_status hf_authority_path(const hf_authority *authority, const char *file, char path[PATH_MAX],
                            hf_error *err)
{
    if ((size_t)snprintf(path, PATH_MAX, "%s/%s", authority->folder, file) >= PATH_MAX)
        return HF_FAIL(err, HF_ELIMIT, "the path of %s is too long", file);
    return HF_OK;
}

hf_status hf_authority_save(const hf_authority *authority, const char *file, const hf_buffer *bytes,
                            hf_error *err)
{
    char path[PATH_MAX];
    if (bytes->failed)
        return HF_FAIL(err, HF_ENOMEM, "no memory for %s", file);
    hf_status status = hf_authority_path(authority, file, path, err);
    return status == HF_OK ? hf_secret_write(path, bytes->data, bytes->size, err) : status;
}

/* flock(2) cannot wait with a deadline, so it is tried again. */
int hf_authority_lock(const hf_authority *authority, hf_error *err)
{
    const hf_deadline deadline = hf_deadline_in_ms(LOCK_MS);
    const struct timespec pause = {.tv_nsec = 20000000};
    const int fd = open(authority->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        (void)HF_FAIL(err, HF_EIO, "cannot open %s: %s", authority->folder, strerror(errno));
        return -1;
    }
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || hf_deadline_passed(deadline)) {
            (void)HF_FAIL(err, HF_EBUSY, "%s is in use by another program: %s", authority->folder,
                          strerror(errno));
            close(fd);
            return -1;
        }
        nanosleep(&pause, NULL);
    }
    return fd;
}

/* ---- Opening ---- */

static hf_status check_folder(const hf_authority *authority, hf_error *err)
{
    static const char *const keys[] = {"ca.key", "server.key", HF_AUTHORITY_KEY};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        hf_status status = hf_authority_path(authority, keys[i], path, err);
        if (status == HF_OK)
            status = hf_secret_check(path, err);
        if (status != HF_OK)
            return status;
    }
    return HF_OK;
}

hf_status hf_authority_open(const char *folder, hf_authority **out, hf_error *err)
{
    char path[PATH_MAX];
    hf_authority *authority = calloc(1, sizeof *authority);
    if (!authority)
        return HF_FAIL(err, HF_ENOMEM, "no memory for the farm's authority");
    hf_status status = HF_OK;
    if ((size_t)snprintf(authority->folder, sizeof authority->folder, "%s", folder) >=
        sizeof authority->folder)
        status = HF_FAIL(err, HF_ELIMIT, "the path is too long: %s", folder);
    if (status == HF_OK)
        status = hf_authority_path(authority, HF_REGISTRY_FILE, path, err);
    if (status == HF_OK && access(path, F_OK) != 0)
        status = HF_FAIL(err, HF_ENOTFOUND, "no authority in %s (%s): make one with `hilfarm agent init`",
                         folder, strerror(errno));
    if (status == HF_OK)
        status = check_folder(authority, err);
    if (status == HF_OK)
        *out = authority;
    else
        free(authority);
    return status;
}

void hf_authority_close(hf_authority *authority)
{
    free(authority);
}

/* ---- The authority's own key ---- */

static hf_status load(const hf_authority *authority, const char *file, uint8_t **bytes, size_t *size,
                      hf_error *err)
{
    char path[PATH_MAX];
    hf_status status = hf_authority_path(authority, file, path, err);
    return status == HF_OK ? hf_file_read(path, HF_CREDENTIAL_LIMIT, bytes, size, err) : status;
}

hf_status hf_authority_load_ca(const hf_authority *authority, hf_certificate **certificate, hf_key **key,
                               hf_error *err)
{
    uint8_t *pem = NULL, *secret = NULL;
    size_t size = 0, secret_size = 0;
    *certificate = NULL;
    *key = NULL;
    hf_status status = load(authority, HF_AUTHORITY_CA, &pem, &size, err);
    if (status == HF_OK)
        status = load(authority, "ca.key", &secret, &secret_size, err);
    if (status == HF_OK)
        status = hf_certificate_parse((char *)pem, size, certificate, err);
    if (status == HF_OK)
        status = hf_key_parse((char *)secret, secret_size, key, err);
    if (status == HF_OK && !hf_certificate_is_for(*certificate, *key))
        status =
            HF_FAIL(err, HF_EFORMAT, "ca.pem and ca.key in %s do not belong together", authority->folder);
    if (secret)
        explicit_bzero(secret, secret_size);
    free(secret);
    free(pem);
    if (status != HF_OK) {
        hf_certificate_free(*certificate);
        hf_key_free(*key);
    }
    return status;
}
