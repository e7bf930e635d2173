/* SPDX-License-Identifier: Apache-2.0 */
/* Submissions: adding, listing, reading and ending them. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "spool_state.h"

#define NUMBER_DIGITS 10

/* ---- Paths ---- */

/* "<spool>/runs/0000000007-KEY", and what is appended. @return false if it is too long */
static bool entry_path(const hf_spool *spool, const spool_entry *entry, const char *rest, char path[PATH_MAX])
{
    const int length = snprintf(path, PATH_MAX, "%s/runs/%0*" PRIu64 "-%s%s", spool->path, NUMBER_DIGITS,
                                entry->number, entry->shown.key, rest);
    return length > 0 && length < PATH_MAX;
}

static bool is_key(const char *text)
{
    const size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '-' && text[i] != '_')
            return false;
    return length > 0 && length <= KEY_LENGTH_MAX;
}

/* The entry of a key; entry_count if there is none. */
static uint32_t find(const hf_spool *spool, const char *key)
{
    uint32_t i = 0;
    while (i < spool->entry_count && strcmp(spool->entries[i].shown.key, key) != 0)
        i++;
    return i;
}

static hf_status append(hf_spool *spool, const spool_entry *entry, hf_error *err)
{
    if (spool->entry_count == spool->entry_capacity) {
        const uint32_t capacity = spool->entry_capacity ? 2 * spool->entry_capacity : 16;
        spool_entry *grown = reallocarray(spool->entries, capacity, sizeof *grown);
        if (!grown)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u submissions", capacity);
        spool->entries = grown;
        spool->entry_capacity = capacity;
    }
    spool->entries[spool->entry_count++] = *entry;
    spool->waiting += !entry->shown.is_over;
    return HF_OK;
}

static int64_t modified_ms(const struct stat *info)
{
    return (int64_t)info->st_mtim.tv_sec * 1000 + info->st_mtim.tv_nsec / 1000000;
}

/* ---- At the start ---- */

static hf_status remove_folder(const hf_spool *spool, const char *path, hf_error *err)
{
    spool_step(spool);
    return hf_remove_tree(path, err);
}

/* Parses "0000000007-KEY". */
static bool parse_name(const char *name, spool_entry *out)
{
    char *end = NULL;
    errno = 0;
    const uint64_t number = strtoull(name, &end, 10);
    if (!isdigit((unsigned char)name[0]) || errno || *end != '-' || !is_key(end + 1))
        return false;
    *out = (spool_entry){.number = number};
    snprintf(out->shown.key, sizeof out->shown.key, "%.64s", end + 1);
    return true;
}

static hf_status load_entry(hf_spool *spool, spool_entry *entry, hf_error *err)
{
    char path[PATH_MAX];
    struct stat info;
    if (!entry_path(spool, entry, "/" OVER_NAME, path))
        return HF_OK;
    entry->shown.is_over = stat(path, &info) == 0;
    entry->shown.over_ms = entry->shown.is_over ? modified_ms(&info) : 0;
    hf_status status = HF_OK;
    if (entry->shown.is_over && entry_path(spool, entry, "/" TREE_NAME, path))
        status = remove_folder(spool, path, err);
    return status == HF_OK ? append(spool, entry, err) : status;
}

static hf_status load_item(hf_spool *spool, const char *name, hf_error *err)
{
    const size_t length = strlen(name), extension = strlen(UNFINISHED);
    char path[PATH_MAX];
    spool_entry entry;
    if (length > extension && strcmp(name + length - extension, UNFINISHED) == 0) {
        const int used = snprintf(path, sizeof path, "%s/runs/%s", spool->path, name);
        return used > 0 && used < (int)sizeof path ? remove_folder(spool, path, err) : HF_OK;
    }
    return parse_name(name, &entry) ? load_entry(spool, &entry, err) : HF_OK;
}

static int by_number(const void *a, const void *b)
{
    const spool_entry *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

hf_status spool_load_entries(hf_spool *spool, hf_error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/runs", spool->path);
    DIR *folder = opendir(path);
    if (!folder)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot read %s: %s", path, strerror(errno));
    hf_status status = HF_OK;
    for (const struct dirent *item; status == HF_OK && (item = readdir(folder));)
        status = load_item(spool, item->d_name, err);
    closedir(folder);
    if (status == HF_OK && spool->entry_count)
        qsort(spool->entries, spool->entry_count, sizeof *spool->entries, by_number);
    return status;
}

/* ---- Adding ---- */

static hf_status check_new(const hf_spool *spool, const char *key, size_t text_bytes, hf_error *err)
{
    if (!is_key(key))
        return HF_FAIL(err, HF_EINVALID, "\"%.80s\" is not a run's key", key);
    if (find(spool, key) < spool->entry_count)
        return HF_FAIL(err, HF_EINVALID, "there is already a submission with the key %s", key);
    if (text_bytes > TEXT_BYTES_MAX)
        return HF_FAIL(err, HF_ELIMIT, "a submission of %zu bytes, more than the %u allowed", text_bytes,
                       TEXT_BYTES_MAX);
    if (spool->waiting >= spool->options.max_waiting)
        return HF_FAIL(err, HF_ELIMIT, "%u runs wait or are in progress, as many as allowed", spool->waiting);
    return HF_OK;
}

/* Writes everything of a submission under its unfinished name, and syncs it. */
static hf_status write_submission(const hf_spool *spool, const char *folder, const void *text,
                                  size_t text_bytes, const hf_spool_file *files, uint32_t file_count,
                                  hf_error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.*s/" TREE_NAME, PATH_MAX - 32, folder);
    hf_status status = spool_link_files(spool, path, files, file_count, err);
    snprintf(path, sizeof path, "%.*s/" SUBMISSION_NAME, PATH_MAX - 32, folder);
    if (status == HF_OK) {
        spool_step(spool);
        status = hf_file_write(path, text, text_bytes, err);
    }
    if (status == HF_OK) {
        spool_step(spool);
        status = spool_sync_folders(folder, err);
    }
    return status;
}

hf_status hf_spool_add(hf_spool *spool, const char *key, const void *text, size_t text_bytes,
                       const hf_spool_file *files, uint32_t file_count, hf_error *err)
{
    hf_status status = check_new(spool, key, text_bytes, err);
    if (status != HF_OK)
        return status;
    spool_entry entry = {.number =
                             spool->entry_count ? spool->entries[spool->entry_count - 1].number + 1 : 1};
    snprintf(entry.shown.key, sizeof entry.shown.key, "%s", key);
    char unfinished[PATH_MAX], path[PATH_MAX], runs[PATH_MAX];
    snprintf(runs, sizeof runs, "%s/runs", spool->path);
    if (!entry_path(spool, &entry, UNFINISHED, unfinished) || !entry_path(spool, &entry, "", path))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT, "the path of the spool is too long");
    status = write_submission(spool, unfinished, text, text_bytes, files, file_count, err);
    if (status == HF_OK) {
        spool_step(spool);
        if (rename(unfinished, path) < 0)
            status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot create %s: %s", path, strerror(errno));
    }
    if (status != HF_OK) {
        (void)hf_remove_tree(unfinished, NULL); /* else it is removed when the spool is opened again */
        return status;
    }
    spool_step(spool);
    status = spool_sync_folder(runs, err);
    if (status == HF_OK)
        status = append(spool, &entry, err);
    if (status != HF_OK)
        (void)hf_remove_tree(path, NULL); /* refused, so it must not come back after a restart */
    return status;
}

/* ---- Reading ---- */

hf_status hf_spool_list(const hf_spool *spool, hf_spool_entry **entries, uint32_t *count, hf_error *err)
{
    hf_spool_entry *list = calloc(spool->entry_count + 1, sizeof *list);
    if (!list)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u submissions", spool->entry_count);
    for (uint32_t i = 0; i < spool->entry_count; i++)
        list[i] = spool->entries[i].shown;
    *entries = list;
    *count = spool->entry_count;
    return HF_OK;
}

static hf_status read_part(const hf_spool *spool, const char *key, const char *name, char **text,
                           size_t *text_bytes, hf_error *err)
{
    const uint32_t index = find(spool, key);
    char path[PATH_MAX];
    if (index == spool->entry_count || !entry_path(spool, &spool->entries[index], name, path))
        return HF_FAIL(err, HF_ENOTFOUND, "there is no submission with the key %.80s", key);
    uint8_t *data = NULL;
    hf_status status = hf_file_read(path, TEXT_BYTES_MAX, &data, text_bytes, err);
    if (status == HF_OK)
        *text = (char *)data;
    return status;
}

hf_status hf_spool_read(const hf_spool *spool, const char *key, char **text, size_t *text_bytes,
                        hf_error *err)
{
    return read_part(spool, key, "/" SUBMISSION_NAME, text, text_bytes, err);
}

hf_status hf_spool_read_over(const hf_spool *spool, const char *key, char **text, size_t *text_bytes,
                             hf_error *err)
{
    return read_part(spool, key, "/" OVER_NAME, text, text_bytes, err);
}

char *hf_spool_tree(const hf_spool *spool, const char *key)
{
    const uint32_t index = find(spool, key);
    char path[PATH_MAX];
    if (index == spool->entry_count || !entry_path(spool, &spool->entries[index], "/" TREE_NAME, path))
        return NULL;
    return strdup(path);
}

/* ---- Ending ---- */

hf_status hf_spool_set_over(hf_spool *spool, const char *key, const void *text, size_t text_bytes,
                            hf_error *err)
{
    const uint32_t index = find(spool, key);
    char path[PATH_MAX], tree[PATH_MAX], folder[PATH_MAX];
    if (index == spool->entry_count)
        return HF_FAIL(err, HF_ENOTFOUND, "there is no submission with the key %.80s", key);
    spool_entry *entry = &spool->entries[index];
    if (entry->shown.is_over)
        return HF_OK;
    if (!entry_path(spool, entry, "/" OVER_NAME, path) || !entry_path(spool, entry, "/" TREE_NAME, tree) ||
        !entry_path(spool, entry, "", folder))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT, "the path of the spool is too long");
    spool_step(spool);
    hf_status status = hf_file_write(path, text, text_bytes, err);
    if (status == HF_OK)
        status = spool_sync_folder(folder, err);
    if (status != HF_OK)
        return status;
    struct stat info;
    entry->shown.is_over = true;
    entry->shown.over_ms = stat(path, &info) == 0 ? modified_ms(&info) : 0;
    spool->waiting--;
    return remove_folder(spool, tree, err);
}

hf_status spool_remove_entry(hf_spool *spool, uint32_t index, hf_error *err)
{
    const spool_entry *entry = &spool->entries[index];
    char path[PATH_MAX], unfinished[PATH_MAX];
    if (!entry_path(spool, entry, UNFINISHED, unfinished) || !entry_path(spool, entry, "", path))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT, "the path of the spool is too long");
    /* Renamed first: a part of it must not be taken for a submission after a crash. */
    spool_step(spool);
    if (rename(path, unfinished) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot remove %s: %s", path, strerror(errno));
    spool->waiting -= !entry->shown.is_over;
    memmove(&spool->entries[index], &spool->entries[index + 1],
            (spool->entry_count - index - 1) * sizeof *entry);
    spool->entry_count--;
    return remove_folder(spool, unfinished, err);
}
