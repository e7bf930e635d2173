/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"
#include "datasets/dataset.h"

/* A data set that was read. `state` is a digest of the names, sizes and times of its files. */
typedef struct known_dataset {
    struct known_dataset *next;
    char state[HF_SHA256_HEX_SIZE], digest[HF_SHA256_HEX_SIZE];
} known_dataset;

/* Of this process; never freed, as a process uses few data sets. Variations of a run share one. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static known_dataset *known;

static void put_description(hf_buffer *text, const hf_dataset *dataset)
{
    hf_buffer_printf(text, "kind %d classes %u samples %u\n", (int)dataset->kind, dataset->class_count,
                     dataset->sample_count);
    for (uint32_t c = 0; c < dataset->class_count; c++)
        hf_buffer_printf(text, "%zu %s\n", strlen(dataset->classes[c]), dataset->classes[c]);
}

static void put_sample(hf_buffer *text, const hf_dataset_sample *sample)
{
    hf_buffer_printf(text, "label %u window %u stride %u ", sample->label, sample->window_bytes,
                     sample->stride_bytes);
}

/* Appends what identifies a file: its name and times, or its content. */
typedef hf_status put_file(hf_buffer *text, const char *path, hf_error *err);

static hf_status put_state(hf_buffer *text, const char *path, hf_error *err)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EIO, "%s: %s", path, strerror(errno));
    hf_buffer_printf(text, "%s %llu %llu %lld %lld.%09ld %lld.%09ld\n", path,
                     (unsigned long long)about.st_dev, (unsigned long long)about.st_ino,
                     (long long)about.st_size, (long long)about.st_mtim.tv_sec, about.st_mtim.tv_nsec,
                     (long long)about.st_ctim.tv_sec, about.st_ctim.tv_nsec);
    return HF_OK;
}

static hf_status put_content(hf_buffer *text, const char *path, hf_error *err)
{
    char digest[HF_SHA256_HEX_SIZE];
    uint64_t size_bytes = 0;
    hf_status status = hf_sha256_file(path, digest, &size_bytes, err);
    if (status == HF_OK)
        hf_buffer_printf(text, "%s\n", digest);
    return status;
}

static hf_status put_dataset(hf_buffer *text, put_file *put, const hf_dataset *dataset, hf_error *err)
{
    put_description(text, dataset);
    hf_status status = HF_OK;
    if (dataset->kind == HF_DATASET_ARRAY) {
        for (int i = 0; i < 2 && status == HF_OK; i++)
            status = put(text, dataset->array.files[i], err);
        return status;
    }
    for (uint32_t i = 0; i < dataset->sample_count && status == HF_OK; i++) {
        hf_error error = {0};
        put_sample(text, &dataset->samples[i]);
        status = put(text, dataset->samples[i].path, &error);
        if (status == HF_ENOMEM)
            return hf_error_pass(err, &error);
        if (status != HF_OK) /* such as a link to nowhere: who reads it leaves it out, or says so */
            hf_buffer_puts(text, "unreadable\n");
        status = HF_OK;
    }
    return status;
}

static hf_status digest_of(put_file *put, const hf_dataset *dataset, char digest[HF_SHA256_HEX_SIZE],
                           hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_status status = put_dataset(&text, put, dataset, err);
    if (status == HF_OK && text.failed)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to list a data set");
    if (status == HF_OK)
        hf_sha256_hex(text.data, text.size, digest);
    hf_buffer_free(&text);
    return status;
}

/* With the mutex held, so that variations that begin together read a data set once. */
static hf_status look_up(const hf_dataset *dataset, const char state[HF_SHA256_HEX_SIZE],
                         char digest[HF_SHA256_HEX_SIZE], hf_error *err)
{
    for (const known_dataset *k = known; k; k = k->next)
        if (strcmp(k->state, state) == 0) {
            memcpy(digest, k->digest, sizeof k->digest);
            return HF_OK;
        }
    hf_status status = digest_of(put_content, dataset, digest, err);
    known_dataset *added = status == HF_OK ? calloc(1, sizeof *added) : NULL;
    if (added) {
        memcpy(added->state, state, sizeof added->state);
        memcpy(added->digest, digest, sizeof added->digest);
        added->next = known;
        known = added;
    }
    return status;
}

hf_status hf_dataset_digest(const char *path, char digest[HF_SHA256_HEX_SIZE], hf_error *err)
{
    hf_dataset dataset = {0};
    char state[HF_SHA256_HEX_SIZE];
    hf_status status = hf_dataset_open(path, &dataset, err);
    if (status == HF_OK)
        status = digest_of(put_state, &dataset, state, err);
    if (status == HF_OK) {
        pthread_mutex_lock(&mutex);
        status = look_up(&dataset, state, digest, err);
        pthread_mutex_unlock(&mutex);
    }
    hf_dataset_free(&dataset);
    return status;
}
