/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_prepare: rows metric,value,unit,goal,better. How long one core takes to prepare models.
 * bench_prepare --digests MODEL...: what preparing them gives, to compare two builds: a line for each model with
 * the SHA-256 of its image and the CRC-32 of input, output and layers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "checksum/crc.h"
#include "farm/prepare.h"

#define REPEATS 7

static double user_ms(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec * 1e3 + (double)usage.ru_utime.tv_usec / 1e3;
}

static void prepare(const char *name, hf_prepared *out)
{
    hf_error err = {0};
    hf_prepare_request request = {.input_seed = 1};
    if (hf_source_parse(name, &request.source, &err) != HF_OK || hf_prepare(&request, out, &err) != HF_OK) {
        fprintf(stderr, "bench_prepare: %s: %s\n", name, err.message);
        exit(1);
    }
}

static void put_digests(const char *name)
{
    hf_prepared made;
    prepare(name, &made);
    const uint32_t layers = hf_crc32(0, made.layer_crc32, made.image.op_count * sizeof *made.layer_crc32);
    printf("%s %s input %08x output %08x layers %08x\n", name, made.image_sha256, made.input_crc32,
           made.output_crc32, layers);
    hf_prepared_free(&made);
}

/* The quickest of some repetitions: others use the machine too. */
static double least_ms(const char *name)
{
    double least = 1e9;
    for (int i = 0; i < REPEATS; i++) {
        hf_prepared made;
        const double start = user_ms();
        prepare(name, &made);
        const double ms = user_ms() - start;
        hf_prepared_free(&made);
        least = ms < least ? ms : least;
    }
    return least;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *metric, *model;
    } models[] = {
        {"prepare_mobilenetv1_96", "mobilenetv1_0.25_96_c3_o2"},
        {"prepare_mobilenetv2_96", "mobilenetv2_0.25_96_c3_o2_t5l256"},
        {"prepare_mobilenetv3_96", "mobilenetv3smallNSQ_0.3_96_c3_o2_l32pl128"},
        {"prepare_mobilenetv3_squeeze_96", "mobilenetv3smallSQ_0.3_96_c3_o2_l32pl128"},
        {"prepare_shufflenetv1_96", "shufflenetv1_0.25_96_c3_o2_g1"},
        {"prepare_shufflenetv2_96", "shufflenetv2_0.1_96_c3_o2_l128"},
        {"prepare_mobilenetv1_224", "mobilenetv1_0.5_224_c3_o2"},
        {"prepare_mobilenetv2_224", "mobilenetv2_0.35_224_c3_o2"},
        {"prepare_shufflenetv1_224", "shufflenetv1_0.5_224_c3_o2_g3"},
    };
    if (argc > 1 && strcmp(argv[1], "--digests") == 0) {
        for (int i = 2; i < argc; i++)
            put_digests(argv[i]);
        return 0;
    }
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        printf("%s,%.1f,ms of user CPU,,lower\n", models[i].metric, least_ms(models[i].model));
    return 0;
}
