// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <jansson.h>

#include <cstdio>
#include <cstdlib>

namespace trainer
{

namespace
{

void print(json_t *object)
{
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(7)) : nullptr;
    if (text) {
        puts(text);
        fflush(stdout);
    }
    free(text);
    json_decref(object);
}

json_t *percent(double value)
{
    return value < 0 ? json_null() : json_real(value);
}

} // namespace

void Progress::started(int64_t epochs, int64_t first_epoch, int64_t parameters, int64_t training_samples,
                       int64_t validation_samples, const std::string &device, const std::string &torch)
{
    print(json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:s}", "event", "started", "epochs",
                    static_cast<json_int_t>(epochs), "first_epoch", static_cast<json_int_t>(first_epoch),
                    "parameters", static_cast<json_int_t>(parameters), "training_samples",
                    static_cast<json_int_t>(training_samples), "validation_samples",
                    static_cast<json_int_t>(validation_samples), "device", device.c_str(), "torch",
                    torch.c_str()));
}

void Progress::batch(int64_t epoch, int64_t epochs, double loss, double training_percent, double seconds_left)
{
    print(json_pack("{s:s, s:I, s:I, s:f, s:f, s:f}", "event", "batch", "epoch",
                    static_cast<json_int_t>(epoch), "epochs", static_cast<json_int_t>(epochs), "loss", loss,
                    "training_percent", training_percent, "seconds_left", seconds_left));
}

void Progress::epoch(const EpochFigures &f)
{
    print(json_pack("{s:s, s:I, s:I, s:f, s:f, s:o, s:f, s:f}", "event", "epoch", "epoch",
                    static_cast<json_int_t>(f.epoch), "epochs", static_cast<json_int_t>(f.epochs), "loss",
                    f.loss, "training_percent", f.training_percent, "validation_percent",
                    percent(f.validation_percent), "seconds", f.seconds, "cpu_seconds", f.cpu_seconds));
}

void Progress::done(bool stopped, bool paused, double validation_percent, double test_percent, double seconds)
{
    print(json_pack("{s:s, s:b, s:b, s:o, s:o, s:f}", "event", "done", "stopped", static_cast<int>(stopped),
                    "paused", static_cast<int>(paused), "validation_percent", percent(validation_percent),
                    "test_percent", percent(test_percent), "seconds", seconds));
}

void Progress::failed(const std::string &message)
{
    print(json_pack("{s:s, s:s}", "event", "failed", "message", message.c_str()));
}

} // namespace trainer
