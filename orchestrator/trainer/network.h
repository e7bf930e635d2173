// SPDX-License-Identifier: Apache-2.0
#ifndef HF_TRAINER_NETWORK_H
#define HF_TRAINER_NETWORK_H

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "job.h"

/**
 * @file network.h
 * A graph as tensors of torch. All parameters lie in one flat tensor and all statistics of batch norm in another, so that an
 * optimiser step and a checkpoint are operations on whole tensors.
 */

namespace trainer
{

/** The range of a tensor's values. */
struct Range {
    double min = 0, max = 0;
};

class Network
{
  public:
    /** @param of borrowed @param seed of the initial weights @param on where tensors are */
    Network(const Graph &of, uint64_t seed, at::Device on);

    enum class Mode {
        train,    ///< batch norm by the statistics of the batch, which it also collects
        evaluate, ///< batch norm by the collected statistics
        observe,  ///< folded: adds the range of each tensor to `ranges`
        quantise, ///< folded: weights and activations are rounded as int8 will be
        adopt, ///< as train, but batch norm behind adopted weights is set so that it passes on what they compute
    };

    /** The values before the softmax. @param input [batch][channels][height][width], channels last */
    at::Tensor logits(const at::Tensor &input, Mode mode);

    /** Replaces batch norm by weights and biases that do the same as with its collected statistics. Afterwards the network is
     * folded: parameters are its weights and a bias for each node. */
    void fold();

    /** Folds, and reads weights and biases from a file (FORMAT.md). */
    void load_folded(const std::string &path);
    /** Takes the weights of a folded network: those of the first and of the last layers, as long as their shapes are equal. Their batch
     * norm is set by running a batch in Mode::adopt. @return the number of layers */
    size_t adopt(const Network &from);

    at::Tensor parameters, gradients, decay; ///< flat; decay is 1 where weight decay applies
    at::Tensor statistics;                   ///< flat; empty once folded
    double statistics_momentum = 0.1;        ///< share of a batch in the collected statistics
    std::vector<Range> ranges;               ///< per tensor, from Mode::observe

    /** Weights of a node in the order of FORMAT.md, then its biases. Once folded. */
    std::vector<float> folded_weights(size_t node) const;
    std::vector<float> folded_biases(size_t node) const;

  private:
    struct Layer { // views of the flat tensors; undefined where a node has none
        at::Tensor weight, bias, gamma, beta, mean, variance;
        at::Tensor adopted_bias; // of a layer whose weights come from another network
    };

    const Graph &graph;
    at::Device device;
    std::vector<Layer> layers;
    std::vector<at::Tensor> pool_counts;

    void make_layers(bool folded);
    void initialise(uint64_t seed);
    at::Tensor run(size_t index, const std::vector<at::Tensor> &values, Mode mode);
    at::Tensor weighted(size_t index, const at::Tensor &input, Mode mode);
    void keep_what_is_computed(Layer &layer, const at::Tensor &value) const;
    std::vector<size_t> weighted_nodes() const;
    at::Tensor pooled(size_t index, const at::Tensor &input);
    at::Tensor quantised_weight(size_t index) const;
    void observe(size_t tensor, const at::Tensor &value);
};

/** The scale and zero point of int8 values that cover a range; the same rule as hf_trained_quantise(). */
struct Quantisation {
    double scale;
    int64_t zero_point;
};
Quantisation quantisation_of(Range range);

} // namespace trainer

#endif
