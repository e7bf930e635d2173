// SPDX-License-Identifier: Apache-2.0
#include "job.h"

#include <jansson.h>

#include <memory>
#include <stdexcept>

namespace trainer
{

namespace
{

using Json = std::unique_ptr<json_t, decltype(&json_decref)>;

[[noreturn]] void fail(const std::string &what)
{
    throw std::runtime_error("job.json: " + what);
}

const json_t *member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (!value)
        fail(std::string("no \"") + name + "\"");
    return value;
}

int64_t integer(const json_t *object, const char *name, int64_t min, int64_t max)
{
    const json_t *value = member(object, name);
    const int64_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < min || number > max)
        fail(std::string(name) + ": expected an integer from " + std::to_string(min) + " to " +
             std::to_string(max));
    return number;
}

double number(const json_t *object, const char *name, double min, double max)
{
    const json_t *value = member(object, name);
    const double real = json_number_value(value);
    if (!json_is_number(value) || !(real >= min && real <= max))
        fail(std::string(name) + ": expected a number from " + std::to_string(min) + " to " +
             std::to_string(max));
    return real;
}

bool boolean(const json_t *object, const char *name)
{
    return json_is_true(member(object, name));
}

std::string text(const json_t *object, const char *name)
{
    const char *value = json_string_value(member(object, name));
    if (!value)
        fail(std::string(name) + ": expected a text");
    return value;
}

template <size_t count> std::array<int64_t, count> integers(const json_t *object, const char *name)
{
    std::array<int64_t, count> values{};
    const json_t *list = member(object, name);
    if (json_array_size(list) != count)
        fail(std::string(name) + ": expected " + std::to_string(count) + " numbers");
    for (size_t i = 0; i < count; i++) {
        values[i] = json_integer_value(json_array_get(list, i));
        if (values[i] < 0 || values[i] > 65535)
            fail(std::string(name) + ": expected numbers from 0 to 65535");
    }
    return values;
}

Op op_of(const std::string &name)
{
    static const struct {
        const char *name;
        Op op;
    } ops[] = {{"conv2d", Op::conv},           {"depthwise_conv2d", Op::depthwise},
               {"dense", Op::dense},           {"average_pool2d", Op::average_pool},
               {"max_pool2d", Op::max_pool},   {"softmax", Op::softmax},
               {"hard_swish", Op::hard_swish}, {"add", Op::add},
               {"add_const", Op::add_const},   {"mul", Op::mul},
               {"mul_const", Op::mul_const},   {"concat", Op::concat},
               {"slice", Op::slice},           {"channel_shuffle", Op::shuffle}};
    for (const auto &known : ops)
        if (name == known.name)
            return known.op;
    fail("operator " + name + " cannot be trained");
}

Activation activation_of(const std::string &name)
{
    if (name == "none")
        return Activation::none;
    if (name == "relu")
        return Activation::relu;
    if (name == "relu6")
        return Activation::relu6;
    fail("activation " + name + " cannot be trained");
}

Node read_node(const json_t *from, int64_t tensors)
{
    Node node{};
    node.op = op_of(text(from, "op"));
    node.name = text(from, "name");
    node.output = integer(from, "output", 0, tensors - 1);
    const json_t *inputs = member(from, "inputs");
    for (size_t i = 0; i < json_array_size(inputs); i++) {
        node.inputs.push_back(json_integer_value(json_array_get(inputs, i)));
        if (node.inputs.back() < 0 || node.inputs.back() >= node.output)
            fail(node.name + ": reads a tensor that is not there yet");
    }
    if (node.inputs.empty() || ((node.op == Op::add || node.op == Op::mul) && node.inputs.size() != 2))
        fail(node.name + ": wrong number of inputs");
    node.kernel = integers<2>(from, "kernel");
    node.stride = integers<2>(from, "stride");
    node.padding = integers<4>(from, "padding");
    node.activation = activation_of(text(from, "activation"));
    node.groups = integer(from, "groups", 1, 65535);
    node.bias = boolean(from, "bias");
    node.batch_norm = boolean(from, "batch_norm");
    node.slice_begin = integer(from, "slice_begin", 0, 65535);
    node.slice_count = integer(from, "slice_count", 0, 65535);
    node.constant = number(from, "constant", -1e6, 1e6);
    return node;
}

Graph read_graph(const json_t *from)
{
    Graph graph;
    const json_t *tensors = member(from, "tensors"), *nodes = member(from, "nodes");
    for (size_t i = 0; i < json_array_size(tensors); i++) {
        const json_t *tensor = json_array_get(tensors, i);
        graph.tensors.push_back(
            {integer(tensor, "height", 1, 65535), integer(tensor, "width", 1, 65535),
             integer(tensor, "channels", 1, 65535),
             integer(tensor, "group", 0, static_cast<int64_t>(json_array_size(tensors)) - 1)});
    }
    const auto count = static_cast<int64_t>(graph.tensors.size());
    if (count < 2)
        fail("a graph without tensors");
    for (size_t i = 0; i < json_array_size(nodes); i++)
        graph.nodes.push_back(read_node(json_array_get(nodes, i), count));
    graph.input = integer(from, "input", 0, count - 1);
    graph.output = integer(from, "output", 0, count - 1);
    return graph;
}

Recipe read_recipe(const json_t *from)
{
    Recipe recipe{};
    recipe.epochs = integer(from, "epochs", 0, 100000);
    recipe.budget_seconds = number(from, "budget_seconds", 0, 1e9);
    if (recipe.epochs == 0 && recipe.budget_seconds <= 0)
        fail("neither epochs nor a budget");
    recipe.batch = integer(from, "batch", 1, 65536);
    recipe.learning_rate = number(from, "learning_rate", 1e-9, 100);
    recipe.momentum = number(from, "momentum", 0, 0.9999);
    recipe.weight_decay = number(from, "weight_decay", 0, 1);
    recipe.label_smoothing = number(from, "label_smoothing", 0, 0.99);
    recipe.schedule = text(from, "schedule");
    if (recipe.schedule != "cosine" && recipe.schedule != "linear" && recipe.schedule != "constant")
        fail("schedule: expected cosine, linear or constant");
    recipe.cycle_epochs = integer(from, "cycle_epochs", 0, 100000);
    recipe.cycle_growth = integer(from, "cycle_growth", recipe.cycle_epochs > 0 ? 2 : 0, 100);
    recipe.seed = static_cast<uint64_t>(integer(from, "seed", 0, UINT32_MAX));
    recipe.flip = boolean(from, "flip");
    recipe.crop = integer(from, "crop", 0, 1024);
    recipe.validation_share = number(from, "validation_share", 0, 0.5);
    recipe.class_weights = boolean(from, "class_weights");
    recipe.qat_epochs = integer(from, "qat_epochs", 0, 100000);
    recipe.teacher_share = number(from, "teacher_share", 0, 1);
    recipe.temperature = number(from, "temperature", 1, 100);
    return recipe;
}

} // namespace

Job read_job(const std::string &folder)
{
    json_error_t error;
    const Json root(json_load_file((folder + "/job.json").c_str(), JSON_REJECT_DUPLICATES, &error),
                    json_decref);
    if (!root)
        throw std::runtime_error(folder + "/job.json: " + error.text);
    if (integer(root.get(), "version", 1, 1) != 1)
        fail("unknown version");
    Job job;
    job.graph = read_graph(member(root.get(), "graph"));
    job.recipe = read_recipe(member(root.get(), "recipe"));
    job.input_scale = number(root.get(), "input_scale", 1e-9, 1e6);
    job.input_zero_point = integer(root.get(), "input_zero_point", -128, 127);
    job.until = integer(root.get(), "until", 0, 100000);
    job.key = text(root.get(), "key");
    job.folder = folder;
    return job;
}

bool read_lesson(const std::string &folder, const std::string &name, Graph &out)
{
    const std::string path = folder + "/" + name + ".json";
    json_error_t error;
    if (FILE *file = fopen(path.c_str(), "rbe"))
        fclose(file);
    else
        return false;
    const Json root(json_load_file(path.c_str(), JSON_REJECT_DUPLICATES, &error), json_decref);
    if (!root)
        throw std::runtime_error(path + ": " + error.text);
    out = read_graph(root.get());
    return true;
}

} // namespace trainer
