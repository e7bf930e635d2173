/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_prepare: rows metric,value,unit,goal,better. How long a core takes to prepare models, and to find them in a
 * cache when they are prepared again.
 * bench_prepare --digests MODEL...: what preparing them gives, to compare two builds: a line for each model with the
 * SHA-256 of its image and the CRC-32 of input, output and layers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/file.h"
#include "checksum/crc.h"
#include "farm/prepare.h"

#define REPEATS 7

static const struct {
    const char *metric, *model;
} models[] = {
    {"mobilenetv1_96", "mobilenetv1_0.25_96_c3_o2"},
    {"mobilenetv2_96", "mobilenetv2_0.25_96_c3_o2_t5l256"},
    {"mobilenetv3_96", "mobilenetv3smallNSQ_0.3_96_c3_o2_l32pl128"},
    {"mobilenetv3_squeeze_96", "mobilenetv3smallSQ_0.3_96_c3_o2_l32pl128"},
    {"shufflenetv1_96", "shufflenetv1_0.25_96_c3_o2_g1"},
    {"shufflenetv2_96", "shufflenetv2_0.1_96_c3_o2_l128"},
    {"mobilenetv1_224", "mobilenetv1_0.5_224_c3_o2"},
    {"mobilenetv2_224", "mobilenetv2_0.35_224_c3_o2"},
    {"shufflenetv1_224", "shufflenetv1_0.5_224_c3_o2_g3"},
};
#define MODEL_COUNT (sizeof models / sizeof *models)

static double user_ms(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec * 1e3 + (double)usage.ru_utime.tv_usec / 1e3;
}

static void fail(const char *what, const hf_error *err)
{
    fprintf(stderr, "bench_prepare: %s: %s\n", what, err->message);
    exit(1);
}

static void prepare(const char *name, hf_prepare_cache *cache, hf_prepared *out)
{
    hf_error err = {0};
    hf_prepare_request request = {.input_seed = 1, .cache = cache};
    if (hf_source_parse(name, &request.source, &err) != HF_OK || hf_prepare(&request, out, &err) != HF_OK)
        fail(name, &err);
}

static void put_digests(const char *name)
{
    hf_prepared made;
    prepare(name, NULL, &made);
    const uint32_t layers = hf_crc32(0, made.layer_crc32, made.image.op_count * sizeof *made.layer_crc32);
    printf("%s %s input %08x output %08x layers %08x\n", name, made.image_sha256, made.input_crc32,
           made.output_crc32, layers);
    hf_prepared_free(&made);
}

/* The quickest of some repetitions: others use the machine too. */
static double least_ms(const char *name, hf_prepare_cache *cache)
{
    double least = 1e9;
    for (int i = 0; i < REPEATS; i++) {
        hf_prepared made;
        const double start = user_ms();
        prepare(name, cache, &made);
        const double ms = user_ms() - start;
        hf_prepared_free(&made);
        least = ms < least ? ms : least;
    }
    return least;
}

/* All models are prepared and then looked up. */
static void bench_cache(const char *folder)
{
    hf_error err = {0};
    hf_prepare_cache *cache = NULL;
    if (hf_prepare_cache_open(folder, 0, &cache, &err) != HF_OK)
        fail(folder, &err);
    for (size_t i = 0; i < MODEL_COUNT; i++) {
        hf_prepared made;
        prepare(models[i].model, cache, &made);
        hf_prepared_free(&made);
    }
    const uint32_t first = hf_prepare_cache_count(cache).misses;
    for (size_t i = 0; i < MODEL_COUNT; i++)
        printf("recall_%s,%.1f,ms of user CPU,,lower\n", models[i].metric, least_ms(models[i].model, cache));
    printf("rerun_preparations,%u,of %zu models,0,lower\n", hf_prepare_cache_count(cache).misses - first,
           MODEL_COUNT);
    hf_prepare_cache_close(cache);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--digests") == 0) {
        for (int i = 2; i < argc; i++)
            put_digests(argv[i]);
        return 0;
    }
    for (size_t i = 0; i < MODEL_COUNT; i++)
        printf("prepare_%s,%.1f,ms of user CPU,,lower\n", models[i].metric, least_ms(models[i].model, NULL));
    char folder[] = "/tmp/hilfarm-bench-XXXXXX";
    if (!mkdtemp(folder)) {
        perror("bench_prepare: /tmp");
        return 1;
    }
    bench_cache(folder);
    return hf_remove_tree(folder, NULL) != HF_OK;
}
