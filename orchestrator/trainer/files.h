// SPDX-License-Identifier: Apache-2.0
#ifndef HF_TRAINER_FILES_H
#define HF_TRAINER_FILES_H

#include <ATen/ATen.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

/**
 * @file files.h
 * Binary files of a training: texts, integers, real numbers and arrays of floats in the byte order of this host
 * (orchestrator/train/FORMAT.md).
 */

namespace trainer
{

/** A file that replaces another only when it is complete. Throws std::runtime_error if it cannot be written. */
class WriteFile
{
  public:
    explicit WriteFile(const std::string &to);
    ~WriteFile();
    WriteFile(const WriteFile &) = delete;
    WriteFile &operator=(const WriteFile &) = delete;
    void text(const std::string &value);
    void integer(int64_t value);
    void real(double value);
    void floats(const std::vector<float> &values);
    void tensor(const at::Tensor &values);
    void commit();

  private:
    std::string path;
    FILE *file;
    void bytes(const void *from, size_t size);
};

/** Values that are missing read as zero. */
class ReadFile
{
  public:
    explicit ReadFile(const std::string &path) : file(fopen(path.c_str(), "rbe"))
    {
    }
    ~ReadFile();
    ReadFile(const ReadFile &) = delete;
    ReadFile &operator=(const ReadFile &) = delete;
    bool is_open() const
    {
        return file != nullptr;
    }
    std::string text();
    int64_t integer();
    double real();
    /** @return false if the file has other than its number of values */
    bool tensor(at::Tensor &values);

  private:
    FILE *file;
};

} // namespace trainer

#endif
