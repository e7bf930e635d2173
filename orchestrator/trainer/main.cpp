// SPDX-License-Identifier: Apache-2.0
// hilfarm-train FOLDER: trains what job.json in the folder describes (orchestrator/train/FORMAT.md). hilfarm starts it; people use
// `hilfarm train`.
#include <ATen/Parallel.h>
#include <malloc.h>
#include <torch/csrc/api/include/torch/version.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>

#include "training.h"

namespace
{

enum ExitStatus { exit_done = 0, exit_failed = 1, exit_bad_input = 2, exit_nothing_to_keep = 4 };

void request_stop(int)
{
    trainer::stop_requested = true;
}

int train(const std::string &folder, trainer::Progress &progress)
{
    const trainer::Job job = trainer::read_job(folder);
    const trainer::Samples samples(folder + "/train.samples");
    std::unique_ptr<trainer::Samples> test;
    if (FILE *file = fopen((folder + "/test.samples").c_str(), "rbe")) {
        fclose(file);
        test = std::make_unique<trainer::Samples>(folder + "/test.samples");
    }
    trainer::Training training(job, samples, test.get(), progress);
    if (!training.run()) {
        progress.failed("stopped before the first epoch ended");
        return exit_nothing_to_keep;
    }
    training.finish();
    return exit_done;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("hilfarm-train, torch %s\n", TORCH_VERSION);
        return exit_done;
    }
    if (argc != 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: hilfarm-train FOLDER | --version\nTrains what job.json in the folder "
                        "describes; `hilfarm train` uses it.\n");
        return exit_bad_input;
    }
    // Memory of tensors is used again, not given back: clearing new pages would take a fifth of the time.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
    mallopt(M_TOP_PAD, 64 << 20);
    // One thread a training: several run side by side, and sums do not depend on the number of processors.
    at::set_num_threads(1);
    at::globalContext().setDeterministicAlgorithms(true, false);
    struct sigaction action {
    };
    action.sa_handler = request_stop;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    signal(SIGPIPE, SIG_IGN);
    trainer::Progress progress;
    try {
        return train(argv[1], progress);
    } catch (const std::exception &error) {
        progress.failed(error.what());
        return exit_failed;
    }
}
