// SPDX-License-Identifier: Apache-2.0
// What hilfarm-train is compared with: mobilenetv1_0.25 on images of 32x32x1, trained by a loop as it would be written by hand with torch's
// C++ modules. One thread, channels last, batch norm in place of biases, in-place activations, images converted once, no augmentation.
// usage: torch_loop IMAGES.idx LABELS.idx EPOCHS BATCH     (uncompressed IDX files)
// Prints the CPU seconds of each epoch and the last loss.
#include <ATen/Parallel.h>
#include <malloc.h>
#include <torch/torch.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{

constexpr int64_t side = 32;

std::vector<uint8_t> read_idx(const char *path, size_t header_bytes)
{
    std::ifstream file(path, std::ios::binary);
    std::vector<uint8_t> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (bytes.size() < header_bytes)
        throw std::runtime_error(std::string(path) + ": not an IDX file");
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header_bytes));
    return bytes;
}

torch::nn::Sequential block(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t groups)
{
    return torch::nn::Sequential(torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel)
                                                       .stride(stride)
                                                       .padding(kernel / 2)
                                                       .groups(groups)
                                                       .bias(false)),
                                 torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(out).eps(1e-3)),
                                 torch::nn::ReLU6(torch::nn::ReLU6Options(true)));
}

torch::nn::Sequential mobilenet_v1()
{
    struct Step {
        int64_t channels, stride;
    };
    const Step steps[] = {{16, 1},  {32, 2},  {32, 1},  {64, 2},  {64, 1},  {128, 2}, {128, 1},
                          {128, 1}, {128, 1}, {128, 1}, {128, 1}, {256, 2}, {256, 1}};
    torch::nn::Sequential net;
    net->extend(*block(1, 8, 3, 2, 1));
    int64_t channels = 8;
    for (const Step &step : steps) {
        net->extend(*block(channels, channels, 3, step.stride, channels));
        net->extend(*block(channels, step.channels, 1, 1, 1));
        channels = step.channels;
    }
    net->push_back(torch::nn::AdaptiveAvgPool2d(1));
    net->push_back(torch::nn::Flatten());
    net->push_back(torch::nn::Linear(channels, 10));
    return net;
}

double cpu_seconds()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void train(const char *images_path, const char *labels_path, int epochs, int64_t batch)
{
    mallopt(M_MMAP_THRESHOLD, 1 << 30); // as hilfarm-train does
    mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
    at::set_num_threads(1);
    torch::manual_seed(1);
    const std::vector<uint8_t> pixels = read_idx(images_path, 16), bytes = read_idx(labels_path, 8);
    const auto count = static_cast<int64_t>(bytes.size());
    at::Tensor images =
        torch::from_blob(const_cast<uint8_t *>(pixels.data()), {count, 1, 28, 28}, torch::kByte)
            .to(torch::kFloat)
            .div_(255);
    images = at::upsample_bilinear2d(images, {side, side}, false).to(at::MemoryFormat::ChannelsLast);
    const at::Tensor labels =
        torch::from_blob(const_cast<uint8_t *>(bytes.data()), {count}, torch::kByte).to(torch::kLong);
    torch::nn::Sequential net = mobilenet_v1();
    for (at::Tensor &parameter : net->parameters())
        if (parameter.dim() == 4)
            parameter.set_data(parameter.to(at::MemoryFormat::ChannelsLast));
    torch::optim::SGD optimiser(
        net->parameters(), torch::optim::SGDOptions(0.1).momentum(0.9).nesterov(true).weight_decay(1e-4));
    const int64_t batches = count / batch;
    for (int epoch = 1; epoch <= epochs; epoch++) {
        const double before = cpu_seconds();
        const at::Tensor order = torch::randperm(count);
        double loss_sum = 0;
        for (int64_t b = 0; b < batches; b++) {
            const at::Tensor which = order.narrow(0, b * batch, batch);
            const at::Tensor input = images.index_select(0, which).to(at::MemoryFormat::ChannelsLast);
            optimiser.zero_grad();
            const at::Tensor loss =
                torch::nn::functional::cross_entropy(net->forward(input), labels.index_select(0, which));
            loss.backward();
            optimiser.step();
            loss_sum += loss.item<double>();
        }
        printf("epoch %d: %.2f CPU s, loss %.4f\n", epoch, cpu_seconds() - before,
               loss_sum / static_cast<double>(batches));
        fflush(stdout);
    }
}

int whole_number(const char *text)
{
    char *end = nullptr;
    const long value = strtol(text, &end, 10);
    if (end == text || *end || value < 1 || value > 1'000'000)
        throw std::runtime_error(std::string(text) + ": expected a whole number from 1 to 1000000");
    return static_cast<int>(value);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: torch_loop IMAGES.idx LABELS.idx EPOCHS BATCH\n");
        return 2;
    }
    try {
        train(argv[1], argv[2], whole_number(argv[3]), whole_number(argv[4]));
    } catch (const std::exception &error) {
        fprintf(stderr, "torch_loop: %s\n", error.what());
        return 1;
    }
    return 0;
}
