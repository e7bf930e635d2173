// SPDX-License-Identifier: Apache-2.0
#include "training.h"

#include <ATen/Context.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/api/include/torch/version.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <numeric>

#include "files.h"

namespace trainer
{

std::atomic<bool> stop_requested{false};

namespace
{

constexpr int64_t evaluation_batch = 250;
constexpr int64_t calibration_samples = 1024;
constexpr size_t calibration_batch = 64;
constexpr size_t adoption_samples = 512;  // that set batch norm behind weights of another network
constexpr double warm_up_share = 0.05;    // of all batches: the rate rises from 0
constexpr double max_gradient_norm = 2.0; // longer gradients are shortened
constexpr double progress_interval_seconds = 0.5;
constexpr double quantised_rate_share = 0.02; // of the learning rate, for training with rounded values
constexpr double budget_reserve = 0.92;       // the rest is for validation of the last epoch and calibration

// The seeds of an epoch's order and changes.
uint64_t salt_of(uint64_t seed, int64_t epoch)
{
    return Random(seed * UINT64_C(0x100000001b3) + static_cast<uint64_t>(epoch)).next();
}

double cpu_seconds()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double rate_at(const Recipe &recipe, double peak, double share_done)
{
    if (share_done < warm_up_share)
        return peak * (share_done + 0.002) / (warm_up_share + 0.002);
    const double share = (share_done - warm_up_share) / (1 - warm_up_share);
    if (recipe.schedule == "cosine")
        return peak * 0.5 * (1 + std::cos(M_PI * share));
    return recipe.schedule == "linear" ? peak * (1 - share) : peak;
}

// Where in its cycle of the schedule a training is, 0 .. 1, after `epoch` of `epochs` epochs.
double share_of_cycle(const Recipe &recipe, double epoch, double epochs)
{
    double begin = 0, end = recipe.cycle_epochs > 0 ? static_cast<double>(recipe.cycle_epochs) : epochs;
    while (epoch >= end && end < epochs) {
        begin = end;
        end *= static_cast<double>(recipe.cycle_growth);
    }
    return (epoch - begin) / (std::min(end, epochs) - begin);
}

// The first batches count alike, so that the statistics do not remember their initial values.
double momentum_at(int64_t batch)
{
    return std::max(0.05, 1.0 / static_cast<double>(batch + 1));
}

at::Device choose_device()
{
    return at::hasCUDA() ? at::Device(at::kCUDA) : at::Device(at::kCPU);
}

} // namespace

Training::Training(const Job &of, const Samples &training_samples, const Samples *test_samples, Progress &to)
    : job(of), samples(training_samples), test(test_samples), progress(to), device(choose_device()),
      network(of.graph, of.recipe.seed, device),
      split(split_samples(training_samples, of.recipe.validation_share)),
      momentum(at::zeros_like(network.parameters)), begun(std::chrono::steady_clock::now())
{
    if (split.training.empty())
        throw std::runtime_error("no samples are left for training");
    const Shape &in = job.graph.tensors[static_cast<size_t>(job.graph.input)];
    const Shape &out = job.graph.tensors[static_cast<size_t>(job.graph.output)];
    for (const Samples *set : {&samples, test})
        if (set &&
            (set->height() != in.height || set->width() != in.width || set->channels() != in.channels ||
             static_cast<int64_t>(set->classes()) != out.height * out.width * out.channels))
            throw std::runtime_error("samples and graph differ in shape or classes");
    learn_from_others();
    if (!job.recipe.class_weights)
        return;
    std::vector<double> counts(samples.classes(), 0);
    for (const uint32_t sample : split.training)
        counts[samples.label(sample)] += 1;
    for (double &count : counts) // n / (classes x n of the class); a class without samples does not matter
        count = count > 0 ? static_cast<double>(split.training.size()) /
                                (static_cast<double>(samples.classes()) * count)
                          : 0;
    class_weights = at::from_blob(counts.data(), {static_cast<int64_t>(counts.size())}, at::kDouble)
                        .to(at::kFloat)
                        .to(device);
}

double Training::seconds() const
{
    return seconds_before + std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

// Samples as real numbers, with channels last in memory.
at::Tensor Training::batch_of(const std::vector<uint32_t> &order, size_t from, size_t count, bool augment,
                              uint64_t salt, at::Tensor *labels) const
{
    const Samples &set = samples;
    const auto bytes = static_cast<size_t>(set.height() * set.width() * set.channels());
    const auto n = static_cast<int64_t>(count);
    at::Tensor raw = at::empty({n, set.height(), set.width(), set.channels()}, at::kChar);
    *labels = at::empty({n}, at::kLong);
    for (size_t i = 0; i < count; i++) {
        const uint32_t sample = order[from + i];
        int8_t *to = raw.data_ptr<int8_t>() + i * bytes;
        labels->data_ptr<int64_t>()[i] = set.label(sample);
        if (!augment || (!job.recipe.flip && !job.recipe.crop)) {
            set.copy(sample, to);
            continue;
        }
        Random random(salt ^ (sample * UINT64_C(0x9e3779b97f4a7c15)));
        const auto shift = [&]() {
            return static_cast<int64_t>(random.below(static_cast<uint64_t>(2 * job.recipe.crop + 1))) -
                   job.recipe.crop;
        };
        const bool mirrored = job.recipe.flip && random.below(2) == 1;
        const int64_t down = shift(), right = shift();
        set.copy_changed(sample, mirrored, down, right, static_cast<int8_t>(job.input_zero_point), to);
    }
    *labels = labels->to(device);
    return raw.to(device)
        .to(at::kFloat)
        .sub_(static_cast<double>(job.input_zero_point))
        .mul_(job.input_scale)
        .permute({0, 3, 1, 2});
}

std::vector<uint32_t> Training::shuffled(uint64_t salt) const
{
    std::vector<uint32_t> order = split.training;
    Random random(salt);
    for (size_t i = order.size(); i > 1; i--)
        std::swap(order[i - 1], order[random.below(i)]);
    return order;
}

// Nesterov's momentum in the form of Sutskever et al. (2013), as torch.optim.SGD has it.
void Training::step(double rate)
{
    const c10::AutoGradMode no_gradient(false);
    const double norm = network.gradients.norm().item<double>();
    if (norm > max_gradient_norm)
        network.gradients.mul_(max_gradient_norm / norm);
    network.gradients.addcmul_(network.parameters, network.decay, job.recipe.weight_decay);
    momentum.mul_(job.recipe.momentum).add_(network.gradients);
    network.parameters.add_(network.gradients, -rate).add_(momentum, -rate * job.recipe.momentum);
}

// Labels, and the scores of a teacher as in Hinton et al. (2015), section 2.
at::Tensor Training::loss_of(const at::Tensor &input, const at::Tensor &scores, const at::Tensor &labels,
                             Network::Mode mode)
{
    at::Tensor loss = at::cross_entropy_loss(scores, labels, class_weights, at::Reduction::Mean, -100,
                                             job.recipe.label_smoothing);
    if (!teacher || mode != Network::Mode::train)
        return loss;
    const double temperature = job.recipe.temperature, share = job.recipe.teacher_share;
    at::Tensor taught; // logarithms of probabilities
    {
        const c10::AutoGradMode no_gradient(false);
        taught = at::log_softmax(teacher->logits(input, Network::Mode::evaluate) / temperature, 1);
    }
    const at::Tensor distance =
        (taught.exp() * (taught - at::log_softmax(scores / temperature, 1))).sum(1).mean();
    return loss * (1 - share) + distance * (share * temperature * temperature);
}

// Reads the teacher, and takes first weights from another network.
void Training::learn_from_others()
{
    const auto classes = static_cast<int64_t>(samples.classes());
    if (read_lesson(job.folder, "teacher", teacher_graph)) {
        const Shape &in = teacher_graph.tensors[static_cast<size_t>(teacher_graph.input)],
                    &own = job.graph.tensors[static_cast<size_t>(job.graph.input)],
                    &out = teacher_graph.tensors[static_cast<size_t>(teacher_graph.output)];
        if (in.height != own.height || in.width != own.width || in.channels != own.channels ||
            out.height * out.width * out.channels != classes)
            throw std::runtime_error("the teacher has another input or other classes");
        teacher = std::make_unique<Network>(teacher_graph, 0, device);
        teacher->load_folded(job.folder + "/teacher.weights");
    }
    Graph graph;
    if (!read_lesson(job.folder, "from", graph))
        return;
    Network other(graph, 0, device);
    other.load_folded(job.folder + "/from.weights");
    if (network.adopt(other) == 0)
        throw std::runtime_error("no layer of the model in \"from\" has the shape of one of this model");
    const c10::AutoGradMode no_gradient(false);
    const auto count = std::min<size_t>(adoption_samples, split.training.size());
    at::Tensor labels;
    network.statistics_momentum = 1;
    network.logits(batch_of(shuffled(0), 0, count, false, 0, &labels), Network::Mode::adopt);
}

bool Training::train_epoch(Network::Mode mode, int64_t number, int64_t of, double peak_rate)
{
    const uint64_t salt = salt_of(job.recipe.seed, number);
    const std::vector<uint32_t> order = shuffled(salt);
    const auto batch = static_cast<size_t>(job.recipe.batch);
    const size_t batches =
        std::max<size_t>(1, order.size() / batch); // the rest of the samples waits for another order
    const double cpu_before = cpu_seconds();
    double loss_sum = 0, reported = seconds();
    int64_t right = 0, seen = 0;
    for (size_t b = 0; b < batches; b++) {
        if (stop_requested)
            return false;
        at::Tensor labels;
        const size_t count = std::min(batch, order.size());
        const at::Tensor input = batch_of(order, b * batch, count, true, salt, &labels);
        network.gradients.zero_();
        network.statistics_momentum =
            momentum_at(number * static_cast<int64_t>(batches) + static_cast<int64_t>(b));
        const at::Tensor scores = network.logits(input, mode);
        const at::Tensor loss = loss_of(input, scores, labels, mode);
        loss.backward();
        const double done =
            static_cast<double>(number) + static_cast<double>(b) / static_cast<double>(batches);
        const double share = mode == Network::Mode::train
                                 ? share_of_cycle(job.recipe, done, static_cast<double>(of))
                                 : done / static_cast<double>(of);
        step(rate_at(job.recipe, peak_rate, share));
        loss_sum += loss.item<double>();
        right += scores.detach().argmax(1).eq(labels).sum().item<int64_t>();
        seen += static_cast<int64_t>(count);
        if (!std::isfinite(loss_sum))
            throw std::runtime_error("the loss is not finite any more: expected a smaller learning_rate");
        if (seconds() - reported > progress_interval_seconds) {
            reported = seconds();
            const double left =
                static_cast<double>(of - number) - static_cast<double>(b + 1) / static_cast<double>(batches);
            progress.batch(number + 1, of, loss_sum / static_cast<double>(b + 1),
                           100.0 * static_cast<double>(right) / static_cast<double>(seen),
                           left * batch_seconds * static_cast<double>(batches));
        }
    }
    EpochFigures figures{number + 1,
                         of,
                         loss_sum / static_cast<double>(batches),
                         100.0 * static_cast<double>(right) / static_cast<double>(seen),
                         -1,
                         0,
                         cpu_seconds() - cpu_before};
    if (!split.validation.empty())
        figures.validation_percent = accuracy_on(
            samples, split.validation, mode == Network::Mode::train ? Network::Mode::evaluate : mode);
    figures.seconds = seconds();
    progress.epoch(figures);
    keep_if_best(split.validation.empty() ? static_cast<double>(number) : figures.validation_percent);
    return true;
}

double Training::accuracy_on(const Samples &set, const std::vector<uint32_t> &which, Network::Mode mode)
{
    const c10::AutoGradMode no_gradient(false);
    int64_t right = 0;
    const auto bytes = static_cast<size_t>(set.height() * set.width() * set.channels());
    for (size_t from = 0; from < which.size(); from += evaluation_batch) {
        const size_t count = std::min<size_t>(evaluation_batch, which.size() - from);
        at::Tensor raw =
            at::empty({static_cast<int64_t>(count), set.height(), set.width(), set.channels()}, at::kChar);
        at::Tensor labels = at::empty({static_cast<int64_t>(count)}, at::kLong);
        for (size_t i = 0; i < count; i++) {
            set.copy(which[from + i], raw.data_ptr<int8_t>() + i * bytes);
            labels.data_ptr<int64_t>()[i] = set.label(which[from + i]);
        }
        const at::Tensor input = raw.to(device)
                                     .to(at::kFloat)
                                     .sub_(static_cast<double>(job.input_zero_point))
                                     .mul_(job.input_scale)
                                     .permute({0, 3, 1, 2});
        right += network.logits(input, mode).argmax(1).eq(labels.to(device)).sum().item<int64_t>();
    }
    return 100.0 * static_cast<double>(right) / static_cast<double>(which.size());
}

// Later epochs win ties.
void Training::keep_if_best(double accuracy)
{
    if (accuracy < best_accuracy)
        return;
    best_accuracy = accuracy;
    best_parameters = network.parameters.clone();
    best_statistics = network.statistics.clone();
}

// On a copy of the network, so that the training does not depend on it.
void Training::measure_speed()
{
    const at::Tensor parameters = network.parameters.clone(), statistics = network.statistics.clone(),
                     momentum_before = momentum.clone();
    const auto batch = std::min(static_cast<size_t>(job.recipe.batch), split.training.size());
    constexpr int warm_up = 2, measured = 8;
    std::vector<double> times;
    for (int i = 0; i < warm_up + measured; i++) {
        const double start = seconds();
        at::Tensor labels;
        const at::Tensor input = batch_of(split.training, 0, batch, true, 0, &labels);
        network.gradients.zero_();
        at::cross_entropy_loss(network.logits(input, Network::Mode::train), labels).backward();
        step(0);
        if (i >= warm_up)
            times.push_back(seconds() - start);
    }
    std::sort(times.begin(), times.end());
    batch_seconds = times[times.size() / 2];
    const c10::AutoGradMode no_gradient(false);
    network.parameters.copy_(parameters);
    network.statistics.copy_(statistics);
    momentum.copy_(momentum_before);
}

int64_t Training::epochs_in_budget() const
{
    const double batches = std::max(
        1.0, std::floor(static_cast<double>(split.training.size()) / static_cast<double>(job.recipe.batch)));
    // A batch without gradients takes about a third of one with them.
    const double validation = static_cast<double>(split.validation.size()) /
                              static_cast<double>(job.recipe.batch) * batch_seconds / 3;
    const double fits = job.recipe.budget_seconds * budget_reserve / (batches * batch_seconds + validation);
    const auto count = static_cast<int64_t>(fits) - job.recipe.qat_epochs;
    return std::max<int64_t>(1, job.recipe.epochs > 0 ? std::min(job.recipe.epochs, count) : count);
}

bool Training::run()
{
    const bool resumed = load_checkpoint();
    if (epoch < epochs || !resumed)
        measure_speed();
    if (!resumed)
        epochs = job.recipe.budget_seconds > 0 ? epochs_in_budget() : job.recipe.epochs;
    progress.started(epochs, epoch, network.parameters.numel(), static_cast<int64_t>(split.training.size()),
                     static_cast<int64_t>(split.validation.size()), device.str(), TORCH_VERSION);
    while (epoch < epochs) {
        paused = job.until > 0 && epoch >= job.until;
        if (paused)
            break;
        if (!train_epoch(Network::Mode::train, epoch, epochs, job.recipe.learning_rate))
            break;
        epoch++;
        save_checkpoint();
        if (job.recipe.budget_seconds > 0 && seconds() > job.recipe.budget_seconds)
            break;
    }
    return epoch > 0;
}

void Training::calibrate()
{
    const c10::AutoGradMode no_gradient(false);
    const auto wanted = std::min<size_t>(calibration_samples, split.training.size());
    std::vector<uint32_t> which;
    for (size_t i = 0; i < wanted; i++)
        which.push_back(split.training[i * split.training.size() / wanted]);
    std::fill(network.ranges.begin(), network.ranges.end(), Range{});
    // The mean of the batches' extremes: single outliers would widen the steps of all other values.
    const size_t batch = std::min(calibration_batch, wanted), batches = wanted / batch;
    for (size_t b = 0; b < batches; b++) {
        at::Tensor labels;
        network.logits(batch_of(which, b * batch, batch, false, 0, &labels), Network::Mode::observe);
    }
    for (Range &range : network.ranges)
        range = {range.min / static_cast<double>(batches), range.max / static_cast<double>(batches)};
    // Tensors of a group share the widest range.
    const auto &tensors = job.graph.tensors;
    std::vector<Range> groups(tensors.size());
    for (size_t t = 0; t < tensors.size(); t++) {
        Range &group = groups[static_cast<size_t>(tensors[t].group)];
        group.min = std::fmin(group.min, network.ranges[t].min);
        group.max = std::fmax(group.max, network.ranges[t].max);
    }
    for (size_t t = 0; t < tensors.size(); t++)
        network.ranges[t] = groups[static_cast<size_t>(tensors[t].group)];
}

// Quantisation-aware training of the folded network: weights and activations are rounded in the forward pass, and gradients pass
// the rounding unchanged. Ranges stay as calibrated.
void Training::train_quantised()
{
    momentum = at::zeros_like(network.parameters);
    best_accuracy = -1;
    for (int64_t i = 0; i < job.recipe.qat_epochs; i++)
        if (!train_epoch(Network::Mode::quantise, i, job.recipe.qat_epochs,
                         job.recipe.learning_rate * quantised_rate_share))
            break;
    if (best_accuracy < 0)
        return;
    const c10::AutoGradMode no_gradient(false);
    network.parameters.copy_(best_parameters);
}

void Training::finish()
{
    {
        const c10::AutoGradMode no_gradient(false);
        network.parameters.copy_(best_parameters);
        network.statistics.copy_(best_statistics);
    }
    const double validation = split.validation.empty() ? -1 : best_accuracy;
    const bool stopped = stop_requested;
    network.fold();
    calibrate();
    const bool tested = test && !paused; // a pause is short
    std::vector<uint32_t> all(tested ? test->count() : 0);
    std::iota(all.begin(), all.end(), 0);
    const double float_accuracy = tested ? accuracy_on(*test, all, Network::Mode::evaluate) : -1;
    if (job.recipe.qat_epochs > 0 && !stopped && !paused)
        train_quantised();
    write_result(float_accuracy);
    progress.done(stopped, paused, validation, float_accuracy, seconds());
}

bool Training::load_checkpoint()
{
    ReadFile file(job.folder + "/checkpoint");
    if (!file.is_open() || file.text() != "HFCKPT1" || file.text() != job.key)
        return false;
    const int64_t epoch_then = file.integer(), epochs_then = file.integer();
    const double best_then = file.real(), seconds_then = file.real();
    at::Tensor best = at::empty_like(network.parameters),
               best_of_statistics = at::empty_like(network.statistics);
    const c10::AutoGradMode no_gradient(false);
    if (!file.tensor(network.parameters) || !file.tensor(network.statistics) || !file.tensor(momentum) ||
        !file.tensor(best) || !file.tensor(best_of_statistics))
        throw std::runtime_error(job.folder + "/checkpoint: damaged; remove it to begin again");
    epoch = epoch_then;
    epochs = epochs_then;
    best_accuracy = best_then;
    seconds_before = seconds_then;
    begun = std::chrono::steady_clock::now();
    best_parameters = best;
    best_statistics = best_of_statistics;
    return true;
}

void Training::save_checkpoint() const
{
    WriteFile file(job.folder + "/checkpoint");
    file.text("HFCKPT1");
    file.text(job.key);
    file.integer(epoch);
    file.integer(epochs);
    file.real(best_accuracy);
    file.real(seconds());
    for (const at::Tensor *tensor :
         {&network.parameters, &network.statistics, &momentum, &best_parameters, &best_statistics})
        file.tensor(*tensor);
    file.commit();
}

void Training::write_result(double float_accuracy) const
{
    WriteFile file(job.folder + "/result");
    file.text("HFRESULT1");
    file.text(job.key);
    file.integer(epoch);
    file.real(float_accuracy);
    file.integer(static_cast<int64_t>(job.graph.tensors.size()));
    for (const Range &range : network.ranges) {
        file.real(range.min);
        file.real(range.max);
    }
    for (size_t i = 0; i < job.graph.nodes.size(); i++) {
        const Op op = job.graph.nodes[i].op;
        if (op != Op::conv && op != Op::depthwise && op != Op::dense)
            continue;
        file.floats(network.folded_weights(i));
        file.floats(network.folded_biases(i));
    }
    file.commit();
}

} // namespace trainer
