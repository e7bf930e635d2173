/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/prepare_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cache/cache.h"
#include "prepare_cache_use.h"
#include "prepare_entry.h"
#include "prepare_key.h"
#include "prepare_steps.h"

struct hf_prepare_cache {
    hf_cache *files; /* owned */
    pthread_mutex_t mutex;
    hf_prepare_cache_counts counts; /* guarded by mutex */
};

hf_status hf_prepare_cache_open(const char *folder, uint64_t limit_bytes, hf_prepare_cache **out,
                                hf_error *err)
{
    hf_prepare_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a cache");
    hf_status status = hf_cache_open(folder, limit_bytes, &cache->files, err);
    if (status != HF_OK) {
        free(cache);
        return status;
    }
    pthread_mutex_init(&cache->mutex, NULL);
    *out = cache;
    return HF_OK;
}

void hf_prepare_cache_close(hf_prepare_cache *cache)
{
    if (!cache)
        return;
    hf_cache_close(cache->files);
    pthread_mutex_destroy(&cache->mutex);
    free(cache);
}

hf_prepare_cache_counts hf_prepare_cache_count(hf_prepare_cache *cache)
{
    hf_prepare_cache_counts counts = {0};
    if (cache) {
        pthread_mutex_lock(&cache->mutex);
        counts = cache->counts;
        pthread_mutex_unlock(&cache->mutex);
    }
    return counts;
}

/* @param counter one of cache->counts */
static void count(hf_prepare_cache *cache, uint32_t *counter)
{
    pthread_mutex_lock(&cache->mutex);
    (*counter)++;
    pthread_mutex_unlock(&cache->mutex);
}

static bool depends_on_files(const hf_prepare_request *request)
{
    return hf_source_file(&request->source) || request->input_count || request->data_path;
}

/* Whether the files are still those of a place. */
static bool is_unchanged(const hf_prepare_request *request, const hf_prepare_place *place)
{
    char contents[HF_SHA256_HEX_SIZE];
    return !depends_on_files(request) ||
           (hf_prepare_contents(request, contents, NULL) == HF_OK && strcmp(contents, place->contents) == 0);
}

/* Builds the graph and finds the place. @return false: hf_prepare() will find out why */
static bool find_place(const hf_prepare_request *request, hf_prepare_place *place, hf_graph **graph)
{
    if (hf_prepare_contents(request, place->contents, NULL) != HF_OK ||
        hf_source_build(&request->source, graph, NULL) != HF_OK)
        return false;
    const hf_compile_options options = hf_prepare_compile_options(request, *graph);
    return hf_prepare_key(request, &options, place->contents, place->key, NULL) == HF_OK;
}

/* Drops what hf_prepare() does not give for a variation that cannot fit. */
static void drop_expected(hf_prepared *p)
{
    free(p->layer_crc32);
    p->layer_crc32 = NULL;
    p->output_crc32 = 0;
    for (uint32_t i = 0; i < p->further_count; i++) {
        p->further[i].output_crc32 = 0;
        if (p->further[i].continues)
            p->further[i].input_crc32 = 0;
    }
    p->has_accuracy = false;
}

/* Makes the inputs again, and takes over what the entry says of them. @return false if it does not fit them */
static bool make_inputs(const hf_prepare_request *request, hf_prepared *p)
{
    const hf_prepared entry = *p;
    p->further = NULL;
    p->further_count = 0;
    bool same = hf_prepare_inputs(request, p, NULL) == HF_OK && p->input_bytes == entry.input_bytes &&
                p->input_crc32 == entry.input_crc32 && p->further_count == entry.further_count;
    for (uint32_t i = 0; same && i < p->further_count; i++) {
        hf_attempt_step *step = &p->further[i];
        same = step->continues || step->input_crc32 == entry.further[i].input_crc32;
        step->input_crc32 = entry.further[i].input_crc32;
        step->output_crc32 = entry.further[i].output_crc32;
    }
    free(entry.further);
    return same;
}

/* Decides as hf_prepare() does whether it can fit. Limits may have changed since the entry was made. @return false if
 * the entry does not have what is needed now */
static bool complete(const hf_prepare_request *request, hf_prepared *p)
{
    p->image_bytes = p->image_bytes_min;
    p->pruned = hf_prepare_fits_nowhere(request, p);
    if (p->pruned) {
        drop_expected(p);
        hf_image_free(&p->image);
        p->image_sha256[0] = '\0';
        hf_prepared_drop_inputs(p);
        return true;
    }
    if (!p->image.bytes)
        return false;
    if (!make_inputs(request, p))
        return false;
    p->image_bytes = p->image.size;
    p->pruned = hf_prepare_fits_nowhere(request, p);
    if (p->pruned)
        drop_expected(p);
    return p->pruned || p->layer_crc32 != NULL;
}

static bool read_entry(const hf_prepare_request *request, const hf_prepare_place *place, hf_prepared *out)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (!hf_cache_read(request->cache->files, place->key, &bytes, &size))
        return false;
    const bool valid = hf_prepare_analyze(request, out, NULL) == HF_OK &&
                       hf_prepare_entry_decode(bytes, size, out) && complete(request, out) &&
                       is_unchanged(request, place);
    free(bytes);
    return valid;
}

hf_prepare_place hf_prepare_recall(const hf_prepare_request *request, hf_prepared *out)
{
    hf_prepare_place place = {0};
    if (!find_place(request, &place, &out->graph))
        place.key[0] = '\0';
    out->from_cache = place.key[0] && read_entry(request, &place, out);
    count(request->cache, out->from_cache ? &request->cache->counts.hits : &request->cache->counts.misses);
    if (!out->from_cache)
        hf_prepared_free(out);
    return place;
}

void hf_prepare_keep(const hf_prepare_request *request, const hf_prepare_place *place,
                     const hf_prepared *prepared)
{
    hf_prepare_cache *cache = request->cache;
    hf_buffer entry = HF_BUFFER_INIT;
    hf_prepare_entry_encode(prepared, &entry);
    if (!place->key[0] || entry.failed || !is_unchanged(request, place) ||
        !hf_cache_write(cache->files, place->key, entry.data, entry.size))
        count(cache, &cache->counts.unwritten);
    hf_buffer_free(&entry);
}

bool hf_prepare_is_cached(const hf_prepare_request *request)
{
    hf_prepare_place place = {0};
    hf_graph *graph = NULL;
    const bool found = request->cache && find_place(request, &place, &graph) &&
                       hf_cache_has(request->cache->files, place.key);
    hf_graph_free(graph);
    return found;
}
