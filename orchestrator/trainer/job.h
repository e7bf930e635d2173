// SPDX-License-Identifier: Apache-2.0
#ifndef HF_TRAINER_JOB_H
#define HF_TRAINER_JOB_H

#include <array>
#include <cstdint>
#include <string>
#include <vector>

/**
 * @file job.h
 * A training, as job.json describes it (orchestrator/train/FORMAT.md). Functions that fail throw std::runtime_error with what was
 * expected.
 */

namespace trainer
{

/** Operators of a network. */
enum class Op {
    conv,
    depthwise,
    dense,
    average_pool,
    max_pool,
    softmax,
    hard_swish,
    add,
    add_const,
    mul,
    mul_const,
    concat,
    slice,
    shuffle
};

enum class Activation { none, relu, relu6 };

/** An activation tensor. */
struct Shape {
    int64_t height, width, channels;
    int64_t group; ///< tensors of one group have one quantisation
};

struct Node {
    Op op;
    std::string name;
    std::vector<int64_t> inputs;
    int64_t output;
    std::array<int64_t, 2> kernel, stride;
    std::array<int64_t, 4> padding; ///< top, bottom, left, right
    Activation activation;
    int64_t groups;
    bool bias, batch_norm;
    int64_t slice_begin, slice_count;
    double constant;
};

struct Graph {
    std::vector<Shape> tensors;
    std::vector<Node> nodes;
    int64_t input, output;
};

struct Recipe {
    int64_t epochs;        ///< 0: as many as fit into the budget
    double budget_seconds; ///< 0: no limit
    int64_t batch;
    double learning_rate, momentum, weight_decay, label_smoothing;
    std::string schedule; ///< "cosine", "linear", "constant"
    int64_t cycle_epochs; ///< the schedule begins again after so many epochs; 0: once
    int64_t cycle_growth; ///< all epochs at the end of a cycle, divided by those at the end of the one before
    uint64_t seed;
    bool flip;
    int64_t crop; ///< pixels, in each direction
    double validation_share;
    bool class_weights;
    int64_t qat_epochs;                ///< 0: quantised after training only
    double teacher_share, temperature; ///< share 0: no teacher
};

struct Job {
    Graph graph;
    Recipe recipe;
    double input_scale;
    int64_t input_zero_point;
    int64_t until;   ///< pause after so many epochs; 0: train to the end
    std::string key; ///< of what the training depends on; a checkpoint of another is ignored
    std::string folder;
};

/** Reads job.json in a folder, and checks it. */
Job read_job(const std::string &folder);
/** Reads the graph of a model to learn from. @param out written if there is one @return whether there is one */
bool read_lesson(const std::string &folder, const std::string &name, Graph &out);

} // namespace trainer

#endif
