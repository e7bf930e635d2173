// SPDX-License-Identifier: Apache-2.0
#ifndef HF_TRAINER_SAMPLES_H
#define HF_TRAINER_SAMPLES_H

#include <cstdint>
#include <string>
#include <vector>

/**
 * @file samples.h
 * Labelled samples as int8 tensors, mapped from a file (orchestrator/train/FORMAT.md), and the random numbers of a training, which
 * depend on nothing but its seed.
 */

namespace trainer
{

/** A sequence of random numbers (SplitMix64). */
class Random
{
  public:
    explicit Random(uint64_t seed) : state(seed)
    {
    }
    uint64_t next();
    /** 0 .. 1, without 1. */
    double unit()
    {
        return static_cast<double>(next() >> 11) * 0x1p-53;
    }
    /** 0 .. limit - 1. */
    uint64_t below(uint64_t limit)
    {
        return next() % limit;
    }
    /** With mean 0 and deviation 1. */
    double normal();

  private:
    uint64_t state;
};

class Samples
{
  public:
    explicit Samples(const std::string &path);
    ~Samples();
    Samples(const Samples &) = delete;
    Samples &operator=(const Samples &) = delete;

    uint32_t count() const
    {
        return size;
    }
    uint32_t classes() const
    {
        return class_count;
    }
    int64_t height() const
    {
        return rows;
    }
    int64_t width() const
    {
        return columns;
    }
    int64_t channels() const
    {
        return depth;
    }
    uint32_t label(uint32_t sample) const
    {
        return labels[sample];
    }
    /** Copies a sample, [height][width][channels]. */
    void copy(uint32_t sample, int8_t *to) const;
    /** Copies it mirrored and moved; what comes in from outside is `fill`. */
    void copy_changed(uint32_t sample, bool mirrored, int64_t down, int64_t right, int8_t fill,
                      int8_t *to) const;

  private:
    const uint8_t *mapping = nullptr;
    size_t mapped_bytes = 0;
    const uint32_t *labels = nullptr;
    const int8_t *values = nullptr;
    uint32_t size = 0, class_count = 0;
    int64_t rows = 0, columns = 0, depth = 0;
};

/** Parts of a training set. */
struct Split {
    std::vector<uint32_t> training, validation;
};

/** Puts a share of each class aside for validation, evenly spread. */
Split split_samples(const Samples &samples, double validation_share);

} // namespace trainer

#endif
