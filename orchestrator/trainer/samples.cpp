// SPDX-License-Identifier: Apache-2.0
#include "samples.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <stdexcept>

namespace trainer
{

namespace
{

constexpr char magic[] = "HFSAMPL1";
constexpr size_t header_bytes = 8 + 5 * 4;

} // namespace

uint64_t Random::next()
{
    uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double Random::normal()
{
    const double radius = std::sqrt(-2 * std::log(1 - unit())); // Box and Muller (1958)
    return radius * std::cos(2 * M_PI * unit());
}

Samples::Samples(const std::string &path)
{
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {
    };
    if (file < 0 || fstat(file, &about) != 0) {
        const std::string why = strerror(errno);
        if (file >= 0)
            close(file);
        throw std::runtime_error(path + ": " + why);
    }
    mapped_bytes = static_cast<size_t>(about.st_size);
    void *mapped = mapped_bytes < header_bytes ? MAP_FAILED
                                               : mmap(nullptr, mapped_bytes, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (mapped == MAP_FAILED)
        throw std::runtime_error(path + ": cannot be mapped");
    mapping = static_cast<const uint8_t *>(mapped);
    uint32_t header[5];
    memcpy(header, mapping + 8, sizeof header);
    size = header[0];
    rows = header[1];
    columns = header[2];
    depth = header[3];
    class_count = header[4];
    const uint64_t sample_bytes =
        static_cast<uint64_t>(rows) * static_cast<uint64_t>(columns) * static_cast<uint64_t>(depth);
    if (memcmp(mapping, magic, 8) != 0 || size == 0 || rows > 65535 || columns > 65535 || depth > 65535 ||
        mapped_bytes != header_bytes + size * (4 + sample_bytes)) {
        munmap(mapped, mapped_bytes);
        throw std::runtime_error(path + ": not a file of samples, or damaged");
    }
    labels = reinterpret_cast<const uint32_t *>(mapping + header_bytes);
    values = reinterpret_cast<const int8_t *>(labels + size);
    for (uint32_t i = 0; i < size; i++)
        if (labels[i] >= class_count) {
            munmap(mapped, mapped_bytes);
            throw std::runtime_error(path + ": a label above the number of classes");
        }
}

Samples::~Samples()
{
    munmap(const_cast<uint8_t *>(mapping), mapped_bytes);
}

void Samples::copy(uint32_t sample, int8_t *to) const
{
    const auto bytes = static_cast<size_t>(rows * columns * depth);
    memcpy(to, values + sample * bytes, bytes);
}

void Samples::copy_changed(uint32_t sample, bool mirrored, int64_t down, int64_t right, int8_t fill,
                           int8_t *to) const
{
    const int8_t *from = values + static_cast<size_t>(sample) * static_cast<size_t>(rows * columns * depth);
    for (int64_t y = 0; y < rows; y++)
        for (int64_t x = 0; x < columns; x++, to += depth) {
            const int64_t row = y - down, moved = x - right, column = mirrored ? columns - 1 - moved : moved;
            if (row < 0 || row >= rows || column < 0 || column >= columns)
                memset(to, fill, static_cast<size_t>(depth));
            else
                memcpy(to, from + (row * columns + column) * depth, static_cast<size_t>(depth));
        }
}

Split split_samples(const Samples &samples, double validation_share)
{
    Split split;
    std::vector<double> owed(samples.classes(), 0.5);
    for (uint32_t i = 0; i < samples.count(); i++) {
        double &due = owed[samples.label(i)];
        due += validation_share;
        if (due >= 1) {
            due -= 1;
            split.validation.push_back(i);
        } else {
            split.training.push_back(i);
        }
    }
    return split;
}

} // namespace trainer
