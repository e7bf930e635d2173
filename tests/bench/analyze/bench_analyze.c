/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_analyze: rows metric,value,unit,goal,better. How long a core takes to score variations: names parsed,
 * graphs built, counted, their memory planned and their latency estimated. No weights.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "families/families.h"
#include "scorecard/scorecard.h"

#define COUNT 10000

static double user_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

static double score_family(const char *family)
{
    const hf_chip *chips[] = {hf_chip_at(0), hf_chip_at(1)};
    const hf_scorecard_options options = {.chips = chips, .chip_count = 2, .quick = true};
    int64_t macs = 0;
    double start = user_seconds();
    for (int i = 0; i < COUNT; i++) {
        char name[HF_VARIATION_NAME_SIZE];
        hf_variation variation;
        hf_graph *graph = NULL;
        hf_scorecard card;
        hf_error err = {0};
        /* 10,000 different ones: width 0.15 to 0.99, resolution 96 to 192. */
        snprintf(name, sizeof name, "%s_0.%02d_%d_c3_o%d", family, 15 + i % 85, 96 + (i / 85 % 97),
                 2 + i / (85 * 97));
        if (hf_variation_parse(name, &variation, &err) != HF_OK ||
            hf_variation_build(&variation, &graph, &err) != HF_OK ||
            hf_scorecard_make(graph, variation.family, &options, &card, &err) != HF_OK) {
            fprintf(stderr, "bench_analyze: %s: %s\n", name, err.message);
            exit(1);
        }
        macs += card.macs;
        hf_scorecard_free(&card);
        hf_graph_free(graph);
    }
    double seconds = user_seconds() - start;
    fprintf(stderr, "%s: %d variations, %.1f G MACs in all\n", family, COUNT, (double)macs / 1e9);
    return seconds;
}

int main(void)
{
    static const char *const families[] = {"mobilenetv1", "mobilenetv2", "mobilenetv3smallNSQ"};
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        printf("analyze_10000_%s,%.2f,s of user CPU,2,lower\n", families[i], score_family(families[i]));
    return 0;
}
