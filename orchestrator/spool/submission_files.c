/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a submission's files: hard links to stored files, at the places of their names. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "spool_state.h"

/* Creates the folder that will hold a file. */
static hf_status make_parent(const hf_spool *spool, const char *path, hf_error *err)
{
    char parent[PATH_MAX];
    const size_t length = (size_t)(strrchr(path, '/') - path);
    memcpy(parent, path, length);
    parent[length] = '\0';
    spool_step(spool);
    return hf_make_dirs(parent, err);
}

static hf_status link_file(const hf_spool *spool, const char *tree, const hf_spool_file *file, hf_error *err)
{
    char content[PATH_MAX], place[PATH_MAX];
    if (!hf_spool_has(spool, file->sha256) || !spool_file_path(spool, file->sha256, content))
        return HF_FAIL(err, HF_ENOTFOUND, "the content of %.200s (SHA-256 %.64s) was not uploaded",
                       file->path, file->sha256 ? file->sha256 : "");
    hf_status status = hf_path_in_tree(tree, file->path, place, sizeof place, err);
    if (status == HF_OK)
        status = make_parent(spool, place, err);
    if (status != HF_OK)
        return status;
    spool_step(spool);
    if (link(content, place) == 0)
        return HF_OK;
    if (errno == EEXIST || errno == ENOTDIR)
        return HF_FAIL(err, HF_EINVALID, "%.200s is named twice", file->path);
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot create %s: %s", place, strerror(errno));
}

hf_status spool_link_files(const hf_spool *spool, const char *tree, const hf_spool_file *files,
                           uint32_t file_count, hf_error *err)
{
    spool_step(spool);
    hf_status status = hf_make_dirs(tree, err);
    for (uint32_t i = 0; status == HF_OK && i < file_count; i++)
        status = link_file(spool, tree, &files[i], err);
    return status;
}
