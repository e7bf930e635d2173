// SPDX-License-Identifier: Apache-2.0
#ifndef HF_TRAINER_PROGRESS_H
#define HF_TRAINER_PROGRESS_H

#include <cstdint>
#include <string>

/**
 * @file progress.h
 * What a training says: one JSON object a line on standard output (orchestrator/train/FORMAT.md). A reader that has gone does not
 * end the training.
 */

namespace trainer
{

struct EpochFigures {
    int64_t epoch, epochs;
    double loss, training_percent, validation_percent; ///< validation: negative if there is none
    double seconds;                                    ///< of training so far
    double cpu_seconds;                                ///< of this epoch, without validation
};

class Progress
{
  public:
    void started(int64_t epochs, int64_t first_epoch, int64_t parameters, int64_t training_samples,
                 int64_t validation_samples, const std::string &device, const std::string &torch);
    void batch(int64_t epoch, int64_t epochs, double loss, double training_percent, double seconds_left);
    void epoch(const EpochFigures &figures);
    void done(bool stopped, bool paused, double validation_percent, double test_percent, double seconds);
    void failed(const std::string &message);
};

} // namespace trainer

#endif
