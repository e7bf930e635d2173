/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "base/file.h"
#include "compile/compile.h"
#include "random_graph.h"

/* Writes the seed corpus: engine_write_corpus FOLDER. The files are kept in the source tree; run it again
 * when the image format changes. */

#define MAX_SEED_BYTES 1600 /* small seeds make a fast fuzzer */

static const char *folder;

/* @return whether a file was written: extreme numbers may not compile, large images are no use */
static bool write_image(const char *name, int number, hf_graph *graph)
{
    hf_image image;
    hf_error err = {0};
    bool fits = false;
    if (hf_compile(graph, &image, &err) == HF_OK) {
        char path[1024];
        fits = image.size <= MAX_SEED_BYTES;
        snprintf(path, sizeof path, "%s/valid_%s_%d", folder, name, number);
        if (fits && hf_file_write(path, image.bytes, image.size, &err))
            fail_msg("%s", err.message);
        hf_image_free(&image);
    }
    hf_graph_free(graph);
    return fits;
}

static void write_all(void **state)
{
    (void)state;
    random_source r = {2026};
    for (hf_op op = HF_OP_CONV2D; op < HF_OP_COUNT; op++)
        for (int i = 0; i < 2 && op != HF_OP_RESHAPE; i++)
            /* The tables of a softmax16 make too large a seed. */
            for (int tries = 0; tries < 1000; tries++)
                if (write_image(hf_op_name(op), i, random_single(&r, op, i ? RANDOM_EXTREME : RANDOM_USUAL)))
                    break;
    for (int i = 0; i < 2; i++)
        while (!write_image("grouped", i, random_grouped(&r, i ? RANDOM_EXTREME : RANDOM_USUAL)))
            continue;
    for (int i = 0; i < 6; i++)
        while (!write_image("network", i, random_network(&r, 8)))
            continue;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: engine_write_corpus FOLDER\n");
        return 2;
    }
    folder = argv[1];
    const struct CMUnitTest tests[] = {cmocka_unit_test(write_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
