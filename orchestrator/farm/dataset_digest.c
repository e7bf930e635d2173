/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset_digest.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "evaluate/dataset.h"

#define SAMPLE_MAX_BYTES ((size_t)256 << 20)

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

static hf_status put_states(hf_buffer *text, const hf_dataset *dataset, hf_error *err)
{
    put_description(text, dataset);
    for (uint32_t i = 0; i < dataset->sample_count; i++) {
        const hf_dataset_sample *sample = &dataset->samples[i];
        struct stat about;
        if (stat(sample->path, &about) != 0)
            return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EIO, "%s: %s", sample->path, strerror(errno));
        put_sample(text, sample);
        hf_buffer_printf(text, "%s %llu %llu %lld %lld.%09ld %lld.%09ld\n", sample->path,
                         (unsigned long long)about.st_dev, (unsigned long long)about.st_ino,
                         (long long)about.st_size, (long long)about.st_mtim.tv_sec, about.st_mtim.tv_nsec,
                         (long long)about.st_ctim.tv_sec, about.st_ctim.tv_nsec);
    }
    return HF_OK;
}

static hf_status put_contents(hf_buffer *text, const hf_dataset *dataset, hf_error *err)
{
    put_description(text, dataset);
    hf_status status = HF_OK;
    for (uint32_t i = 0; i < dataset->sample_count && status == HF_OK; i++) {
        const hf_dataset_sample *sample = &dataset->samples[i];
        uint8_t *bytes = NULL;
        size_t size = 0;
        char digest[HF_SHA256_HEX_SIZE];
        status = hf_file_read(sample->path, SAMPLE_MAX_BYTES, &bytes, &size, err);
        if (status == HF_OK) {
            hf_sha256_hex(bytes, size, digest);
            put_sample(text, sample);
            hf_buffer_printf(text, "%s\n", digest);
        }
        free(bytes);
    }
    return status;
}

static hf_status digest_of(hf_status (*put)(hf_buffer *, const hf_dataset *, hf_error *),
                           const hf_dataset *dataset, char digest[HF_SHA256_HEX_SIZE], hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_status status = put(&text, dataset, err);
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
    hf_status status = digest_of(put_contents, dataset, digest, err);
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
        status = digest_of(put_states, &dataset, state, err);
    if (status == HF_OK) {
        pthread_mutex_lock(&mutex);
        status = look_up(&dataset, state, digest, err);
        pthread_mutex_unlock(&mutex);
    }
    hf_dataset_free(&dataset);
    return status;
}
