/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "commands.h"
#include "input_files.h"
#include "options.h"
#include "train_models.h"

static const hf_cli_option options[] = {
    {.name = "only",
     .placeholder = "PATTERNS",
     .help = "train only models whose name matches, such as 'mobilenetv2_*'; several with commas between",
     .read = hf_cli_read_text,
     .offset = offsetof(hf_cli_training, only)},
    HF_CLI_OPTIONS_TRAINING(offsetof(hf_cli_training, jobs), offsetof(hf_cli_training, trainer)),
    {.name = "quiet",
     .help = "print failures only",
     .read = hf_cli_read_flag,
     .offset = offsetof(hf_cli_training, quiet)},
    {.name = "no-cache",
     .help = "train also what another spec has trained, and do not keep it for other specs",
     .read = hf_cli_read_flag,
     .offset = offsetof(hf_cli_training, no_cache)},
    HF_CLI_OPTION_PLAIN(offsetof(hf_cli_training, plain),
                        "no live display, as when the output is not a terminal"),
};

static const hf_cli_command command = {
    .synopsis = "train SPEC.yaml [options]",
    .description = "Trains the models of a job spec as its `train` section says, with Debian's torch, and "
                   "keeps each as an int8 "
                   ".tflite file with a record of how it was trained. What was trained before from the same "
                   "graph, data and recipe is "
                   "kept. `run` does the same before it measures.\n"
                   "Ctrl-C keeps the best of each training; the same command continues where it was stopped.",
    .argument = "a spec",
    .min_arguments = 1,
    .max_arguments = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Training needs the program hilfarm-train, which is built where Debian's libtorch-dev is "
             "installed. Models that were "
             "trained before can be measured without it.\n"
             "Exit status: 0 all are trained, 1 some failed, 2 bad input, 3 a file cannot be written, 4 "
             "interrupted.\n"
             "Example:\n"
             "  hilfarm train configs/train_quick.yaml --only 'mobilenetv1_*'",
};

int hf_command_train(int argc, char **argv)
{
    hf_cli_training how = {.trainer = NULL};
    char **arguments;
    int count;
    hf_exit exit_status;
    hf_spec *spec = NULL;
    if (!hf_cli_parse(&command, argc, argv, &how, &arguments, &count, &exit_status))
        return exit_status;
    exit_status = hf_cli_load_spec(arguments[0], &spec);
    if (exit_status == HF_EXIT_OK && !hf_cli_is_trained(spec)) {
        fprintf(stderr,
                "hilfarm train: %s trains no model: expected a \"train\" section, or \"train\" in an item of "
                "\"models\"\n",
                arguments[0]);
        exit_status = HF_EXIT_BAD_INPUT;
    }
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_train(spec, &how);
    hf_spec_free(spec);
    return exit_status;
}
