// SPDX-License-Identifier: Apache-2.0
#ifndef HF_TRAINER_TRAINING_H
#define HF_TRAINER_TRAINING_H

#include <ATen/ATen.h>

#include <atomic>
#include <chrono>
#include <memory>

#include "job.h"
#include "network.h"
#include "progress.h"
#include "samples.h"

/**
 * @file training.h
 * Trains a network: stochastic gradient descent with momentum, validation after each epoch, the best epoch's parameters, checkpoints,
 * and calibration for int8.
 */

namespace trainer
{

/** Set by a signal: the training ends after the current batch. */
extern std::atomic<bool> stop_requested;

class Training
{
  public:
    Training(const Job &of, const Samples &training_samples, const Samples *test_samples, Progress &to);

    /** Trains until the last epoch, the one to pause after, the end of the budget or a signal. Continues from the checkpoint if there is one.
     * @return false if it was stopped before the first epoch ended, so that there is nothing to keep */
    bool run();
    /** Folds the best parameters, calibrates them, trains on with rounded values if the recipe says so, and writes `result`. */
    void finish();

  private:
    const Job &job;
    const Samples &samples;
    const Samples *test;
    Progress &progress;
    at::Device device;
    Network network;
    Graph teacher_graph;
    std::unique_ptr<Network> teacher; ///< none without one
    Split split;
    at::Tensor momentum, best_parameters, best_statistics, class_weights;
    double best_accuracy = -1;
    int64_t epoch = 0, epochs = 0; ///< completed, and in total
    double seconds_before = 0;     ///< of training, before this process
    bool paused = false;
    double batch_seconds = 0;
    std::chrono::steady_clock::time_point begun;

    double seconds() const;
    at::Tensor batch_of(const std::vector<uint32_t> &order, size_t from, size_t count, bool augment,
                        uint64_t salt, at::Tensor *labels) const;
    std::vector<uint32_t> shuffled(uint64_t salt) const;
    void learn_from_others();
    at::Tensor loss_of(const at::Tensor &input, const at::Tensor &scores, const at::Tensor &labels,
                       Network::Mode mode);
    void measure_speed();
    int64_t epochs_in_budget() const;
    bool train_epoch(Network::Mode mode, int64_t number, int64_t of, double peak_rate);
    void step(double rate);
    double accuracy_on(const Samples &set, const std::vector<uint32_t> &which, Network::Mode mode);
    void keep_if_best(double accuracy);
    bool load_checkpoint();
    void save_checkpoint() const;
    void calibrate();
    void train_quantised();
    void write_result(double float_accuracy) const;
};

} // namespace trainer

#endif
