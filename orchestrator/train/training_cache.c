/* SPDX-License-Identifier: Apache-2.0 */
/* An entry is the size of the file, the file, and the text of its record. */
#include "training_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "record.h"

/* Other things are kept in the same cache. */
static void entry_key(const char *key, char entry[HF_SHA256_HEX_SIZE])
{
    char text[96];
    const int length = snprintf(text, sizeof text, "trained 1 %.64s", key);
    hf_sha256_hex(text, (size_t)length, entry);
}

void hf_training_cache_keep(hf_cache *cache, const char *key, const char *tflite_path)
{
    char entry[HF_SHA256_HEX_SIZE], *record_path = hf_training_record_path(tflite_path);
    uint8_t *tflite = NULL, *record = NULL;
    size_t size = 0, record_size = 0;
    hf_buffer all = HF_BUFFER_INIT;
    if (cache && record_path &&
        hf_file_read(tflite_path, HF_CACHE_MAX_ENTRY_BYTES, &tflite, &size, NULL) == HF_OK &&
        hf_file_read(record_path, HF_CACHE_MAX_ENTRY_BYTES, &record, &record_size, NULL) == HF_OK) {
        const uint64_t size_64 = size;
        hf_buffer_append(&all, &size_64, sizeof size_64);
        hf_buffer_append(&all, tflite, size);
        hf_buffer_append(&all, record, record_size);
        entry_key(key, entry);
        if (!all.failed)
            (void)hf_cache_write(cache, entry, all.data, all.size);
    }
    hf_buffer_free(&all);
    free(tflite);
    free(record);
    free(record_path);
}

bool hf_training_cache_restore(hf_cache *cache, const char *key, const char *tflite_path)
{
    char entry[HF_SHA256_HEX_SIZE], *record_path = NULL;
    uint8_t *data = NULL;
    uint64_t tflite_size = 0;
    size_t size = 0;
    bool restored = false;
    entry_key(key, entry);
    if (!cache || !hf_cache_read(cache, entry, &data, &size))
        return false;
    if (size >= sizeof tflite_size)
        memcpy(&tflite_size, data, sizeof tflite_size);
    record_path = hf_training_record_path(tflite_path);
    if (record_path && size > sizeof tflite_size && tflite_size <= size - sizeof tflite_size) {
        const uint8_t *tflite = data + sizeof tflite_size, *record = tflite + tflite_size;
        (void)unlink(record_path); /* it describes another file */
        restored = hf_file_write(tflite_path, tflite, tflite_size, NULL) == HF_OK &&
                   hf_file_write(record_path, record, size - sizeof tflite_size - tflite_size, NULL) == HF_OK;
    }
    free(record_path);
    free(data);
    return restored;
}
