// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace trainer
{

namespace
{

constexpr int64_t max_text_bytes = 1 << 16;

} // namespace

WriteFile::WriteFile(const std::string &to) : path(to), file(fopen((to + ".new").c_str(), "wbe"))
{
    if (!file)
        throw std::runtime_error(path + ".new: " + strerror(errno));
}

WriteFile::~WriteFile()
{
    if (!file)
        return;
    fclose(file);
    unlink((path + ".new").c_str());
}

void WriteFile::bytes(const void *from, size_t size)
{
    if (size && fwrite(from, 1, size, file) != size)
        throw std::runtime_error(path + ".new: " + strerror(errno));
}

void WriteFile::text(const std::string &value)
{
    integer(static_cast<int64_t>(value.size()));
    bytes(value.data(), value.size());
}

void WriteFile::integer(int64_t value)
{
    bytes(&value, sizeof value);
}

void WriteFile::real(double value)
{
    bytes(&value, sizeof value);
}

void WriteFile::floats(const std::vector<float> &values)
{
    integer(static_cast<int64_t>(values.size()));
    bytes(values.data(), values.size() * sizeof(float));
}

void WriteFile::tensor(const at::Tensor &values)
{
    const at::Tensor flat = values.detach().to(at::kCPU).contiguous();
    integer(flat.numel());
    bytes(flat.data_ptr<float>(), static_cast<size_t>(flat.numel()) * sizeof(float));
}

void WriteFile::commit()
{
    if (fflush(file) != 0 || fsync(fileno(file)) != 0 || rename((path + ".new").c_str(), path.c_str()) != 0)
        throw std::runtime_error(path + ": " + strerror(errno));
    fclose(file);
    file = nullptr;
}

ReadFile::~ReadFile()
{
    if (file)
        fclose(file);
}

std::string ReadFile::text()
{
    const int64_t size = integer();
    if (size < 0 || size > max_text_bytes)
        return "";
    std::string value(static_cast<size_t>(size), '\0');
    return fread(value.data(), 1, value.size(), file) == value.size() ? value : "";
}

int64_t ReadFile::integer()
{
    int64_t value = 0;
    return fread(&value, 1, sizeof value, file) == sizeof value ? value : 0;
}

double ReadFile::real()
{
    double value = 0;
    return fread(&value, 1, sizeof value, file) == sizeof value ? value : 0;
}

bool ReadFile::tensor(at::Tensor &values)
{
    std::vector<float> read(static_cast<size_t>(values.numel()));
    if (integer() != values.numel() || fread(read.data(), sizeof(float), read.size(), file) != read.size())
        return false;
    values.copy_(at::from_blob(read.data(), {values.numel()}, at::kFloat));
    return true;
}

} // namespace trainer
