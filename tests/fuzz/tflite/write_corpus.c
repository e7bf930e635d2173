/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the seed corpus, which is part of the source tree. Run it again after extending the writer.
 * usage: write_corpus FOLDER */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "graph/graph.h"
#include "random_graph.h"
#include "random_stateful.h"
#include "tflite/tflite.h"
#include "tflite_writer.h"

static const char *folder;

static void write_file(const char *name, const tiny_options *options, size_t cut)
{
    char path[1024];
    size_t size;
    uint8_t *bytes = tiny_write(options, &size);
    hf_error err;
    hf_error_clear(&err);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (hf_file_write(path, bytes, cut && cut < size ? cut : size, &err))
        fprintf(stderr, "%s\n", err.message);
    free(bytes);
}

#define WRITE_WITH(name, field, value)                                                                       \
    do {                                                                                                     \
        tiny_options options = tiny_defaults();                                                              \
        options.field = (value);                                                                             \
        write_file(name, &options, 0);                                                                       \
    } while (0)

/* A small graph for every operator, as hilfarm writes it. */
static void write_operators(void)
{
    random_source r = {1};
    for (int op = 0; op <= HF_OP_COUNT; op++) /* the last: variables */
        for (int tries = 0; tries < 1000; tries++) {
            char path[1024];
            uint8_t *bytes = NULL;
            size_t size;
            hf_graph *graph = random_model(&r, (hf_op)op);
            const hf_status status = hf_tflite_write(graph, &bytes, &size, NULL);
            hf_graph_free(graph);
            const bool small = status == HF_OK && size < 4000;
            snprintf(path, sizeof path, "%s/op_%s", folder,
                     op < HF_OP_COUNT ? hf_op_name((hf_op)op) : "variables");
            if (small && hf_file_write(path, bytes, size, NULL))
                fprintf(stderr, "%s: cannot be written\n", path);
            free(bytes);
            if (small)
                break;
        }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: write_corpus FOLDER\n");
        return 2;
    }
    folder = argv[1];
    tiny_options plain = tiny_defaults();
    write_file("plain", &plain, 0);
    write_file("truncated", &plain, 1500);
    WRITE_WITH("old_codes", codes_deprecated_only, true);
    WRITE_WITH("new_codes", codes_new_only, true);
    WRITE_WITH("no_bias", bias_absent, true);
    WRITE_WITH("per_tensor", conv_scales, 1);
    WRITE_WITH("valid_padding", conv_padding, 1);
    WRITE_WITH("custom_operator", replace_reshape_builtin, 32);
    WRITE_WITH("zero_point", weight_zero_point, 3);
    WRITE_WITH("sparse", sparse_weights, true);
    write_operators();
    return 0;
}
