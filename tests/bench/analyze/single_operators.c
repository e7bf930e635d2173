/* SPDX-License-Identifier: Apache-2.0 */
#include "single_operators.h"

#include <stdio.h>

#include "compile/compile.h"
#include "direct_board.h"
#include "random_graph.h"

/* Operators of graphs that are compiled to kernels measured alone. */
static const hf_op measured[] = {
    HF_OP_DENSE,    HF_OP_MEAN,           HF_OP_SOFTMAX,         HF_OP_RELU,   HF_OP_CONCAT,
    HF_OP_SLICE,    HF_OP_JOIN,           HF_OP_CHANNEL_SHUFFLE, HF_OP_PAD,    HF_OP_TRANSPOSE,
    HF_OP_TAKE,     HF_OP_BINARY,         HF_OP_BINARY_CONST,    HF_OP_REDUCE, HF_OP_LSTM,
    HF_OP_SVDF,     HF_OP_LOG_SOFTMAX,    HF_OP_RESIZE_BILINEAR, HF_OP_ARG,    HF_OP_CONV_GENERAL,
    HF_OP_BINARY16, HF_OP_BINARY16_CONST, HF_OP_FUNCTION16,      HF_OP_POOL16, HF_OP_SOFTMAX16,
    HF_OP_REDUCE16,
};

bool hf_measured_alone(hf_kernel kernel)
{
    switch (kernel) {
    case HF_KERNEL_ADD: /* whole models have enough of these */
    case HF_KERNEL_MUL:
    case HF_KERNEL_AVERAGE_POOL:
    case HF_KERNEL_MAX_POOL:
    case HF_KERNEL_RARE:
        return false;
    default:
        return kernel >= HF_KERNEL_DENSE;
    }
}

static bool measure(const hf_chip *chip, const char *firmware, const hf_graph *graph, hf_operator_fn *each,
                    void *user)
{
    const hf_compile_options options = {.objective = HF_OBJECTIVE_TIME};
    hf_image image = {0};
    hf_work work = {0};
    hf_error err = {0};
    hf_direct_result result;
    bool good = hf_compile_for(graph, &options, &image, &err) == HF_OK &&
                hf_image_work(graph, &image, &work, &err) == HF_OK &&
                hf_direct_run(chip, firmware, image.bytes, image.size, 1, false, &result);
    for (uint32_t i = 0; good && i < work.count && i < result.layers; i++)
        if (hf_measured_alone(work.ops[i].kernel))
            each(user, &work.ops[i], (double)result.layer_cycles[i]);
    hf_work_free(&work);
    hf_image_free(&image);
    return good;
}

void hf_measure_operators(const hf_chip *chip, const char *firmware, uint32_t seed, int count,
                          hf_operator_fn *each, void *user)
{
    for (size_t k = 0; k < sizeof measured / sizeof *measured; k++) {
        random_source r = {.state = (seed * 1000U + (uint32_t)k) * 2654435761U};
        int refused = 0; /* graphs that cannot be compiled are rare */
        for (int i = 0; i < count && refused < count; i++) {
            hf_graph *graph = random_single(&r, measured[k], RANDOM_USUAL);
            if (!measure(chip, firmware, graph, each, user)) {
                refused++;
                i--;
            }
            hf_graph_free(graph);
        }
        if (refused >= count)
            fprintf(stderr, "%s: hardly any graph of %s can be measured\n", chip->name,
                    hf_op_name(measured[k]));
    }
}
