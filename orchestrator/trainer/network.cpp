// SPDX-License-Identifier: Apache-2.0
#include "network.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "files.h"
#include "samples.h"

namespace trainer
{

namespace
{

constexpr double batch_norm_epsilon = 1e-3;

bool is_weighted(Op op)
{
    return op == Op::conv || op == Op::depthwise || op == Op::dense;
}

// Operators that move values, whose outputs have the quantisation of their inputs.
bool moves_values(Op op)
{
    return op == Op::average_pool || op == Op::max_pool || op == Op::concat || op == Op::slice ||
           op == Op::shuffle;
}

int64_t size_of(const Shape &tensor)
{
    return tensor.height * tensor.width * tensor.channels;
}

// The shape of a node's weights in torch: output channels, input channels of a group, rows, columns.
std::vector<int64_t> weight_shape(const Graph &graph, const Node &node)
{
    const Shape &in = graph.tensors[static_cast<size_t>(node.inputs[0])],
                &out = graph.tensors[static_cast<size_t>(node.output)];
    if (node.op == Op::dense)
        return {out.channels, size_of(in)};
    const int64_t groups = node.op == Op::depthwise ? in.channels : node.groups;
    return {out.channels, in.channels / groups, node.kernel[0], node.kernel[1]};
}

int64_t product(const std::vector<int64_t> &shape)
{
    int64_t count = 1;
    for (const int64_t size : shape)
        count *= size;
    return count;
}

// A part of a flat tensor, for kernels with channels last.
at::Tensor view_of(const at::Tensor &flat, int64_t offset, const std::vector<int64_t> &shape)
{
    if (shape.size() != 4)
        return flat.narrow(0, offset, product(shape)).view(shape);
    const int64_t in = shape[1], rows = shape[2], columns = shape[3];
    return flat.as_strided(shape, {rows * columns * in, 1, columns * in, in}, offset);
}

at::Tensor activate(at::Tensor value, Activation activation)
{
    if (activation == Activation::relu)
        return at::relu_(value);
    if (activation == Activation::relu6)
        return at::hardtanh_(value, 0, 6);
    return value;
}

at::Tensor padded(const at::Tensor &input, const Node &node, double fill)
{
    const auto &p = node.padding;
    if (p[0] + p[1] + p[2] + p[3] == 0)
        return input;
    return at::constant_pad_nd(input, {p[2], p[3], p[0], p[1]}, fill);
}

at::Tensor shuffled(const at::Tensor &input, int64_t groups)
{
    const at::Tensor last = input.permute({0, 2, 3, 1});
    const int64_t n = last.size(0), h = last.size(1), w = last.size(2), c = last.size(3);
    return last.reshape({n, h, w, groups, c / groups})
        .transpose(3, 4)
        .reshape({n, h, w, c})
        .permute({0, 3, 1, 2});
}

} // namespace

Quantisation quantisation_of(Range range)
{
    const double min = std::fmin(range.min, 0), max = std::fmax(range.max, 0);
    const double scale = std::fmax((max - min) / 255, 1e-6);
    return {static_cast<double>(static_cast<float>(scale)), std::llround(-128 - min / scale)};
}

Network::Network(const Graph &of, uint64_t seed, at::Device on)
    : ranges(of.tensors.size()), graph(of), device(on), pool_counts(of.nodes.size())
{
    make_layers(false);
    initialise(seed);
}

// Allocates the flat tensors, and the layers as views of them.
void Network::make_layers(bool folded)
{
    int64_t count = 0, statistic_count = 0;
    for (const Node &node : graph.nodes) {
        if (!is_weighted(node.op))
            continue;
        const int64_t channels = graph.tensors[static_cast<size_t>(node.output)].channels;
        count += product(weight_shape(graph, node));
        count += folded ? channels : node.batch_norm ? 2 * channels : node.bias ? channels : 0;
        statistic_count += !folded && node.batch_norm ? 2 * channels : 0;
    }
    const auto options = at::TensorOptions().dtype(at::kFloat).device(device);
    parameters = at::zeros({count}, options);
    gradients = at::zeros({count}, options);
    decay = at::zeros({count}, options);
    statistics = at::zeros({statistic_count}, options);
    layers.assign(graph.nodes.size(), Layer{});
    int64_t at = 0, statistic_at = 0;
    const auto take = [&](const std::vector<int64_t> &shape, bool decays) {
        at::Tensor part = view_of(parameters, at, shape).detach().set_requires_grad(true);
        part.mutable_grad() = view_of(gradients, at, shape);
        if (decays)
            decay.narrow(0, at, product(shape)).fill_(1);
        at += product(shape);
        return part;
    };
    const auto take_statistic = [&](int64_t channels, double value) {
        at::Tensor part = statistics.narrow(0, statistic_at, channels).fill_(value);
        statistic_at += channels;
        return part;
    };
    for (size_t i = 0; i < graph.nodes.size(); i++) {
        const Node &node = graph.nodes[i];
        if (!is_weighted(node.op))
            continue;
        Layer &layer = layers[i];
        const int64_t channels = graph.tensors[static_cast<size_t>(node.output)].channels;
        layer.weight = take(weight_shape(graph, node), true);
        if (folded || (node.bias && !node.batch_norm))
            layer.bias = take({channels}, false);
        if (folded || !node.batch_norm)
            continue; // a bias before batch norm would be subtracted again
        layer.gamma = take({channels}, false);
        layer.beta = take({channels}, false);
        layer.mean = take_statistic(channels, 0);
        layer.variance = take_statistic(channels, 1);
    }
}

// He et al. (2015): deviation sqrt(2 / inputs of an output); dense layers without activation sqrt(1 / inputs).
void Network::initialise(uint64_t seed)
{
    const c10::AutoGradMode no_gradient(false);
    Random random(seed ^ UINT64_C(0x77656967687473));
    for (size_t i = 0; i < layers.size(); i++) {
        Layer &layer = layers[i];
        if (!layer.weight.defined())
            continue;
        const auto shape = weight_shape(graph, graph.nodes[i]);
        const int64_t inputs = product(shape) / shape[0];
        const double deviation =
            std::sqrt((graph.nodes[i].op == Op::dense ? 1.0 : 2.0) / static_cast<double>(inputs));
        std::vector<float> values(static_cast<size_t>(product(shape)));
        for (float &value : values)
            value = static_cast<float>(deviation * random.normal());
        layer.weight.copy_(at::from_blob(values.data(), shape, at::kFloat));
        if (layer.gamma.defined())
            layer.gamma.fill_(1);
    }
    // A residual block begins as the identity (Goyal et al. 2017, section 5.1), so that deep networks can be trained at once.
    for (const Node &node : graph.nodes) {
        if (node.op != Op::add)
            continue;
        for (size_t i = 0; i < graph.nodes.size(); i++)
            if (graph.nodes[i].output == node.inputs[0] && layers[i].gamma.defined() &&
                graph.nodes[i].activation == Activation::none)
                layers[i].gamma.fill_(0);
    }
}

// Symmetric int8 weights: a scale per output channel, one for all channels of a dense layer.
at::Tensor Network::quantised_weight(size_t index) const
{
    const at::Tensor &weight = layers[index].weight;
    const at::Tensor magnitude = weight.detach().abs();
    if (graph.nodes[index].op == Op::dense)
        return at::fake_quantize_per_tensor_affine(
            weight, std::fmax(magnitude.max().item<double>() / 127, 1e-12), 0, -127, 127);
    const at::Tensor scale = magnitude.amax({1, 2, 3}).div(127).clamp_min(1e-12);
    return at::fake_quantize_per_channel_affine(weight, scale, at::zeros_like(scale, at::kInt), 0, -127, 127);
}

at::Tensor Network::weighted(size_t index, const at::Tensor &input, Mode mode)
{
    const Node &node = graph.nodes[index];
    Layer &layer = layers[index];
    const at::Tensor weight = mode == Mode::quantise ? quantised_weight(index) : layer.weight;
    at::Tensor value;
    if (node.op == Op::dense) {
        value = at::linear(input.permute({0, 2, 3, 1}).reshape({input.size(0), -1}), weight, layer.bias);
        value = value.reshape({value.size(0), value.size(1), 1, 1});
    } else {
        const auto &p = node.padding;
        const bool even = p[0] == p[1] && p[2] == p[3];
        value = at::conv2d(even ? input : padded(input, node, 0), weight, layer.bias,
                           {node.stride[0], node.stride[1]},
                           even ? std::vector<int64_t>{p[0], p[2]} : std::vector<int64_t>{0, 0}, {1, 1},
                           node.op == Op::depthwise ? input.size(1) : node.groups);
    }
    if (mode == Mode::adopt && layer.adopted_bias.defined())
        keep_what_is_computed(layer, value);
    if (layer.gamma.defined())
        value = at::batch_norm(value, layer.gamma, layer.beta, layer.mean, layer.variance,
                               mode == Mode::train || mode == Mode::adopt, statistics_momentum,
                               batch_norm_epsilon, false);
    return activate(value, node.activation);
}

at::Tensor Network::pooled(size_t index, const at::Tensor &input)
{
    const Node &node = graph.nodes[index];
    if (node.op == Op::max_pool)
        return at::max_pool2d(padded(input, node, -std::numeric_limits<double>::infinity()),
                              {node.kernel[0], node.kernel[1]}, {node.stride[0], node.stride[1]});
    if (node.kernel[0] == input.size(2) && node.kernel[1] == input.size(3))
        return input.mean(at::IntArrayRef{2, 3}, true);
    // TensorFlow divides by the number of values that are not padding.
    const auto sums = [&](const at::Tensor &of) {
        return at::avg_pool2d(padded(of, node, 0), {node.kernel[0], node.kernel[1]},
                              {node.stride[0], node.stride[1]}, {0, 0}, false, true, 1);
    };
    if (!pool_counts[index].defined()) {
        const c10::AutoGradMode no_gradient(false);
        pool_counts[index] =
            sums(at::ones({1, 1, input.size(2), input.size(3)}, input.options().requires_grad(false)));
    }
    return sums(input).div(pool_counts[index]);
}

at::Tensor Network::run(size_t index, const std::vector<at::Tensor> &values, Mode mode)
{
    const Node &node = graph.nodes[index];
    const at::Tensor &input = values[static_cast<size_t>(node.inputs[0])];
    const auto second = [&]() -> const at::Tensor & { return values[static_cast<size_t>(node.inputs[1])]; };
    std::vector<at::Tensor> parts;
    switch (node.op) {
    case Op::conv:
    case Op::depthwise:
    case Op::dense:
        return weighted(index, input, mode);
    case Op::average_pool:
    case Op::max_pool:
        return pooled(index, input);
    case Op::hard_swish:
        return at::hardswish(input);
    case Op::add:
        return activate(input + second(), node.activation);
    case Op::mul:
        return input * second();
    case Op::add_const:
        return activate(input + node.constant, node.activation);
    case Op::mul_const:
        return input * node.constant;
    case Op::concat:
        for (const int64_t tensor : node.inputs)
            parts.push_back(values[static_cast<size_t>(tensor)]);
        return at::cat(parts, 1);
    case Op::slice:
        return input.narrow(1, node.slice_begin, node.slice_count);
    case Op::shuffle:
        return shuffled(input, node.groups);
    case Op::softmax:
        break;
    }
    throw std::runtime_error(node.name + ": a softmax that is not the last operator cannot be trained");
}

void Network::observe(size_t tensor, const at::Tensor &value)
{
    const auto [low, high] = at::aminmax(value);
    ranges[tensor].min += std::fmin(low.item<double>(), 0);
    ranges[tensor].max += std::fmax(high.item<double>(), 0);
}

at::Tensor Network::logits(const at::Tensor &input, Mode mode)
{
    std::vector<at::Tensor> values(graph.tensors.size());
    values[static_cast<size_t>(graph.input)] = input;
    for (size_t i = 0; i < graph.nodes.size(); i++) {
        const Node &node = graph.nodes[i];
        if (node.op == Op::softmax && node.output == graph.output) {
            const at::Tensor &scores = values[static_cast<size_t>(node.inputs[0])];
            return scores.reshape({scores.size(0), -1});
        }
        const auto output = static_cast<size_t>(node.output);
        values[output] = run(i, values, mode);
        if (mode == Mode::observe)
            observe(output, values[output]);
        if (mode == Mode::quantise && !moves_values(node.op)) {
            const Quantisation q = quantisation_of(ranges[output]);
            values[output] =
                at::fake_quantize_per_tensor_affine(values[output], q.scale, q.zero_point, -128, 127);
        }
    }
    const at::Tensor &scores = values[static_cast<size_t>(graph.output)];
    return scores.reshape({scores.size(0), -1});
}

void Network::fold()
{
    const c10::AutoGradMode no_gradient(false);
    const std::vector<Layer> before = layers;
    make_layers(true);
    for (size_t i = 0; i < layers.size(); i++) {
        if (!layers[i].weight.defined())
            continue;
        const Layer &from = before[i];
        if (from.gamma.defined()) {
            const at::Tensor factor = from.gamma.div((from.variance + batch_norm_epsilon).sqrt());
            std::vector<int64_t> shape(static_cast<size_t>(from.weight.dim()), 1);
            shape[0] = factor.size(0);
            layers[i].weight.copy_(from.weight * factor.reshape(shape));
            layers[i].bias.copy_(from.beta - from.mean * factor);
        } else {
            layers[i].weight.copy_(from.weight);
            if (from.bias.defined())
                layers[i].bias.copy_(from.bias);
        }
    }
}

void Network::load_folded(const std::string &path)
{
    fold();
    ReadFile file(path);
    if (!file.is_open() || file.text() != "HFWEIGHTS1")
        throw std::runtime_error(path + ": no weights");
    const c10::AutoGradMode no_gradient(false);
    for (const size_t i : weighted_nodes()) {
        auto shape = weight_shape(graph, graph.nodes[i]);
        at::Tensor weight = at::empty({product(shape)}), bias = at::empty({shape[0]});
        if (!file.tensor(weight) || !file.tensor(bias))
            throw std::runtime_error(path + ": does not fit its graph");
        // The order in the file is that of folded_weights().
        if (graph.nodes[i].op == Op::depthwise)
            weight = weight.reshape({shape[2], shape[3], 1, shape[0]}).permute({3, 2, 0, 1});
        else if (shape.size() == 4)
            weight = weight.reshape({shape[0], shape[2], shape[3], shape[1]}).permute({0, 3, 1, 2});
        else
            weight = weight.reshape(shape);
        layers[i].weight.copy_(weight);
        layers[i].bias.copy_(bias);
    }
}

std::vector<size_t> Network::weighted_nodes() const
{
    std::vector<size_t> nodes;
    for (size_t i = 0; i < graph.nodes.size(); i++)
        if (is_weighted(graph.nodes[i].op))
            nodes.push_back(i);
    return nodes;
}

size_t Network::adopt(const Network &from)
{
    const c10::AutoGradMode no_gradient(false);
    const std::vector<size_t> mine = weighted_nodes(), theirs = from.weighted_nodes();
    const size_t shorter = std::min(mine.size(), theirs.size());
    const auto take = [&](size_t a, size_t b) {
        const Node &node = graph.nodes[a], &other = from.graph.nodes[b];
        if (node.op != other.op || node.stride != other.stride || node.groups != other.groups ||
            weight_shape(graph, node) != weight_shape(from.graph, other))
            return false;
        layers[a].weight.copy_(from.layers[b].weight);
        layers[a].adopted_bias = from.layers[b].bias.detach().clone();
        if (layers[a].bias.defined())
            layers[a].bias.copy_(from.layers[b].bias);
        return true;
    };
    size_t first = 0, last = 0;
    while (first < shorter && take(mine[first], theirs[first]))
        first++;
    while (first + last < shorter && take(mine[mine.size() - 1 - last], theirs[theirs.size() - 1 - last]))
        last++;
    return first + last;
}

// Batch norm that subtracts the mean and divides by the deviation, and adds and multiplies them again.
void Network::keep_what_is_computed(Layer &layer, const at::Tensor &value) const
{
    if (!layer.gamma.defined())
        return;
    const c10::AutoGradMode no_gradient(false);
    const at::Tensor mean = value.mean(at::IntArrayRef{0, 2, 3}),
                     variance = value.var(at::IntArrayRef{0, 2, 3}, false);
    layer.gamma.copy_((variance + batch_norm_epsilon).sqrt());
    layer.beta.copy_(mean + layer.adopted_bias);
}

std::vector<float> Network::folded_weights(size_t node) const
{
    const c10::AutoGradMode no_gradient(false);
    at::Tensor weight = layers[node].weight.detach().to(at::kCPU);
    if (weight.dim() == 4 && graph.nodes[node].op == Op::depthwise)
        weight = weight.permute({2, 3, 1, 0}); // rows, columns, 1, channels
    else if (weight.dim() == 4)
        weight = weight.permute({0, 2, 3, 1}); // outputs, rows, columns, inputs
    weight = weight.contiguous();
    return {weight.data_ptr<float>(), weight.data_ptr<float>() + weight.numel()};
}

std::vector<float> Network::folded_biases(size_t node) const
{
    const at::Tensor bias = layers[node].bias.detach().to(at::kCPU).contiguous();
    return {bias.data_ptr<float>(), bias.data_ptr<float>() + bias.numel()};
}

} // namespace trainer
