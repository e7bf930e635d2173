/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPOOL_FIXTURE_H
#define SPOOL_FIXTURE_H

#include "hf_test.h"

#include <ftw.h>

#include "base/file.h"
#include "spool/spool.h"

/* A spool in a temporary folder. */

static char spool_folder[64];

static inline int make_folder(void **state)
{
    (void)state;
    snprintf(spool_folder, sizeof spool_folder, "/tmp/hilfarm-spool-XXXXXX");
    return mkdtemp(spool_folder) ? 0 : -1;
}

static inline int remove_folder(void **state)
{
    (void)state;
    return hf_remove_tree(spool_folder, NULL) == HF_OK ? 0 : -1;
}

static inline hf_spool *open_spool(const hf_spool_options *options)
{
    hf_error err = {0};
    hf_spool *spool = NULL;
    if (hf_spool_open(spool_folder, options, &spool, &err) != HF_OK)
        fail_msg("%s", err.message);
    return spool;
}

/* Uploads a text. @param sha256 set to that of the text */
static inline hf_status upload(hf_spool *spool, const char *text, char sha256[HF_SHA256_HEX_SIZE],
                               hf_error *err)
{
    hf_spool_upload *file = NULL;
    hf_sha256_hex(text, strlen(text), sha256);
    hf_status status = hf_spool_upload_begin(spool, sha256, strlen(text), &file, err);
    if (status != HF_OK)
        return status;
    const size_t half = strlen(text) / 2; /* in two pieces, as from a network */
    status = hf_spool_upload_write(file, text, half, err);
    if (status == HF_OK)
        status = hf_spool_upload_write(file, text + half, strlen(text) - half, err);
    if (status == HF_OK)
        return hf_spool_upload_end(file, err);
    hf_spool_upload_discard(file);
    return status;
}

static uint32_t counted_files;

static inline int count_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)path;
    (void)info;
    (void)place;
    counted_files += type == FTW_F;
    return 0;
}

/* Regular files in a folder of the spool and below. */
static inline uint32_t count_files(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", spool_folder, name);
    counted_files = 0;
    assert_int_equal(nftw(path, count_one, 8, FTW_PHYS), 0);
    return counted_files;
}

static inline void expect_content(const char *tree, const char *place, const char *expected)
{
    char path[256];
    uint8_t *data = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", tree, place);
    assert_int_equal(hf_file_read(path, 1000, &data, &size, NULL), HF_OK);
    assert_string_equal((char *)data, expected);
    free(data);
}

#endif
