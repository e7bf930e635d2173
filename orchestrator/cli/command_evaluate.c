/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "daemon_access.h"
#include "evaluate/evaluate.h"
#include "evaluate_on_board.h"
#include "input_files.h"
#include "locations.h"
#include "options.h"
#include "output.h"
#include "source/source.h"

typedef struct values {
    hf_evaluate_options evaluate;
    hf_cli_on_board on_board;
    const char *data, *farm, *board_tag, *output, *predictions, *against;
    const char *store; /* what is known of the boards; NULL = the default one */
    hf_client *daemon; /* whose farm file is used; NULL = none */
    uint32_t weights_seed;
    bool json, local;
} values;

/* ---- Readers ---- */

static hf_status read_pixels(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    return hf_pixels_parse(value, target, err);
}

static hf_status read_bin(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    for (hf_bin_type type = HF_BIN_U8; type <= HF_BIN_F32; type++)
        if (strcmp(value, hf_bin_type_name(type)) == 0) {
            *(hf_bin_type *)target = type;
            return HF_OK;
        }
    return HF_FAIL(err, HF_EINVALID, "expected u8, i8 or f32");
}

/* ---- The command ---- */

static const hf_cli_option options[] = {
    {.name = "data",
     .placeholder = "PATH",
     .help = "data set: a folder with a folder of images per class (PNG, JPEG, PGM, PPM), a .csv of images "
             "and labels, "
             "MNIST's IDX files, NumPy's .npy, or a y_labels.csv with .bin files as in MLPerf Tiny",
     .read = hf_cli_read_text,
     .offset = offsetof(values, data)},
    {.name = "limit",
     .placeholder = "N",
     .help = "at most N samples, spread evenly over the data set",
     .read = hf_cli_read_count,
     .offset = offsetof(values, evaluate.limit),
     .min = 1,
     .max = HF_DATASET_MAX_SAMPLES},
    {.name = "top",
     .placeholder = "K",
     .help = "also print top-K",
     .read = hf_cli_read_count,
     .offset = offsetof(values, evaluate.top_k),
     .min = 2,
     .max = HF_DATASET_MAX_CLASSES},
    {.name = "pixels",
     .placeholder = "RANGE",
     .help =
         "real values of pixels that the model was trained with: 0..1 (default), -1..1, 0..255 or \"mean M "
         "deviation D\" with one number or three for M and D",
     .read = read_pixels,
     .offset = offsetof(values, evaluate.reading.pixels)},
    {.name = "bin",
     .placeholder = "TYPE",
     .help =
         "content of .bin files: u8 image bytes, i8 tensors or f32 numbers (default: f32 if the .csv gives "
         "windows, u8 if the input's zero point is -128, else i8)",
     .read = read_bin,
     .offset = offsetof(values, evaluate.reading.bin)},
    {.name = "predictions",
     .placeholder = "FILE.csv",
     .help = "also write a line per sample: its label, the predicted class and all scores",
     .read = hf_cli_read_output_path,
     .offset = offsetof(values, predictions)},
    {.name = "against",
     .placeholder = "MODEL",
     .help = "also score a second model, and say how often both predict the same class",
     .read = hf_cli_read_text,
     .offset = offsetof(values, against)},
    {.name = "on-board",
     .placeholder = "N",
     .help = "send N of the samples to a board: its outputs must equal the host's",
     .read = hf_cli_read_count,
     .offset = offsetof(values, on_board.samples),
     .min = 1,
     .max = HF_DATASET_MAX_SAMPLES},
    {.name = "board",
     .placeholder = "TAG",
     .help = "use the first board with this tag or id (default: the first that the model fits)",
     .read = hf_cli_read_text,
     .offset = offsetof(values, board_tag)},
    HF_CLI_OPTION_FARM(offsetof(values, farm)),
    HF_CLI_OPTION_LOCAL(offsetof(values, local), "without --farm: use virtual boards even if a daemon is up"),
    HF_CLI_OPTION_WAIT(offsetof(values, on_board.wait_ms),
                       "wait this long (\"30 min\") for the board if others use it (default: report who uses "
                       "it)"),
    {.name = "weights-seed",
     .placeholder = "S",
     .help = "for a variation's name, whose weights are generated (default: 1)",
     .read = hf_cli_read_count,
     .offset = offsetof(values, weights_seed),
     .max = UINT32_MAX},
    {.name = "json", .help = "print JSON", .read = hf_cli_read_flag, .offset = offsetof(values, json)},
    HF_CLI_OPTION_OUTPUT(offsetof(values, output)),
    HF_CLI_OPTIONS_PROGRAMS(offsetof(values, on_board.programs)),
};

static const hf_cli_command command = {
    .synopsis = "evaluate NAME|FILE.tflite --data PATH [options]",
    .description =
        "Scores a model on a labelled data set, with the int8 engine that runs on the boards: top-1 "
        "and AUC with 95 % confidence intervals.\n"
        "A board is used in this process, also one of another host. If a daemon (hilfarmd) is up, its farm "
        "file is used unless "
        "--farm or --local is given: a board that the daemon has in use at that moment is waited for with "
        "--wait.",
    .argument = "a model",
    .min_arguments = 1,
    .max_arguments = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0 all done; 1 an output of the board was wrong or missing; 2 bad input, or files "
             "that cannot be read; 3 the board cannot be used; 4 interrupted.\n"
             "Example:\n"
             "  hilfarm evaluate model.tflite --data images/ --on-board 5",
};

/* A counter on stderr, for a terminal. @param user what is counted */
static void show_progress(void *user, uint32_t done, uint32_t of)
{
    const char *what = user;
    fprintf(stderr, "\r%s %u of %u%s", what, (unsigned)done, (unsigned)of, done == of ? "\n" : "");
}

/* Any failure here is caused by the input, except a lack of memory. */
static hf_exit fail_input(const hf_error *err)
{
    fprintf(stderr, "hilfarm evaluate: %s\n", err->message);
    return err->status == HF_ENOMEM ? HF_EXIT_FARM : HF_EXIT_BAD_INPUT;
}

static hf_exit print(const values *v, const hf_evaluated_model *model, const hf_dataset *dataset,
                     const hf_evaluation *evaluation, const hf_evaluation_extras *extras)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_error err = {0};
    hf_status status = HF_OK;
    if (v->json)
        status = hf_evaluation_json(model, dataset, v->data, evaluation, extras, &text, &err);
    else
        hf_evaluation_text(model, dataset, v->data, evaluation, extras, &text);
    hf_exit exit_status = status == HF_OK ? hf_cli_write(&text, v->output) : fail_input(&err);
    hf_buffer_free(&text);
    return exit_status;
}

static hf_exit write_predictions(const values *v, const hf_evaluated_model *model, const hf_dataset *dataset,
                                 const hf_evaluation *evaluation)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_error err = {0};
    hf_status status = hf_predictions_csv(model, dataset, evaluation, &text, &err);
    hf_exit exit_status = status == HF_OK ? hf_cli_write(&text, v->predictions) : fail_input(&err);
    hf_buffer_free(&text);
    return exit_status;
}

static hf_exit compare(const values *v, const hf_dataset *dataset, const hf_evaluation *evaluation,
                       hf_agreement *out)
{
    hf_error err = {0};
    hf_evaluated_model other = {0};
    hf_evaluation of_other = {0};
    hf_status status = hf_evaluated_model_load(v->against, v->weights_seed, &other, &err);
    if (status == HF_OK)
        status = hf_evaluate(&other, dataset, &v->evaluate, &of_other, &err);
    if (status == HF_OK)
        status = hf_agreement_compute(dataset, evaluation, &of_other, other.name, out, &err);
    hf_evaluation_free(&of_other);
    hf_evaluated_model_free(&other);
    return status == HF_OK ? HF_EXIT_OK : fail_input(&err);
}

static void report_unreadable(const hf_evaluation *evaluation)
{
    for (int i = 0; i < HF_EVALUATION_MESSAGES && evaluation->messages[i][0]; i++)
        fprintf(stderr, "hilfarm evaluate: %s\n", evaluation->messages[i]);
    if (evaluation->unreadable > HF_EVALUATION_MESSAGES)
        fprintf(stderr, "hilfarm evaluate: ... and %u more files that cannot be read\n",
                (unsigned)(evaluation->unreadable - HF_EVALUATION_MESSAGES));
}

static hf_exit score(const values *v, const hf_evaluated_model *model, const hf_dataset *dataset)
{
    hf_error err = {0};
    hf_evaluation evaluation = {0};
    if (hf_evaluate(model, dataset, &v->evaluate, &evaluation, &err) != HF_OK)
        return fail_input(&err);
    report_unreadable(&evaluation);
    hf_exit exit_status = evaluation.unreadable ? HF_EXIT_BAD_INPUT : HF_EXIT_OK;
    hf_on_board_result on_board = {0};
    hf_agreement agreement = {0};
    if (v->predictions) {
        hf_exit written = write_predictions(v, model, dataset, &evaluation);
        exit_status = exit_status == HF_EXIT_OK ? written : exit_status;
    }
    if (v->against) {
        hf_exit compared = compare(v, dataset, &evaluation, &agreement);
        exit_status = exit_status == HF_EXIT_OK ? compared : exit_status;
    }
    if (v->on_board.board) {
        hf_exit ran = hf_cli_evaluate_on_board(&v->on_board, model, dataset, &v->evaluate.reading,
                                               &evaluation, &on_board);
        exit_status = exit_status == HF_EXIT_OK ? ran : exit_status;
    }
    const hf_evaluation_extras extras = {.board = on_board.asked ? &on_board : NULL,
                                         .agreement = agreement.compared ? &agreement : NULL};
    hf_exit printed = print(v, model, dataset, &evaluation, &extras);
    hf_evaluation_free(&evaluation);
    return exit_status == HF_EXIT_OK ? printed : exit_status;
}

/* The boards of a daemon are those of its farm file. Both lock a board while they use it, so that they do not disturb each other. */
static hf_exit use_daemons_farm(values *v)
{
    const hf_exit exit_status = hf_cli_find_daemon("--local", &v->daemon);
    if (exit_status != HF_EXIT_OK || !v->daemon)
        return exit_status;
    const char *const where = hf_client_where(v->daemon), *const farm = hf_client_daemon(v->daemon)->farm;
    if (hf_client_is_local(v->daemon) && (!farm || access(farm, R_OK) == 0)) {
        fprintf(stderr, "hilfarm evaluate: on a board of the daemon at %s, in this process\n", where);
        v->farm = farm;
        v->store = hf_cli_daemon_store(v->daemon);
        return HF_EXIT_OK;
    }
    fprintf(
        stderr,
        "hilfarm evaluate: the daemon at %s owns the boards, and this process cannot read its farm file%s%s: "
        "expected --farm with a farm file, or --local for virtual boards\n",
        where, farm ? " " : "", farm ? farm : "");
    return HF_EXIT_FARM;
}

static hf_exit find_board(values *v, const hf_image *image, hf_farm **farm)
{
    hf_exit exit_status = v->farm || v->local ? HF_EXIT_OK : use_daemons_farm(v);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_load_farm(v->farm, farm);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_choose_board(*farm, v->store ? v->store : hf_cli_default_store(), v->board_tag,
                                          image, &v->on_board.board);
    return exit_status;
}

int hf_command_evaluate(int argc, char **argv)
{
    values v = {.weights_seed = HF_WEIGHTS_SEED_DEFAULT, .evaluate.reading.pixels = hf_pixels_default()};
    char **arguments;
    int count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    if (!v.data) {
        fputs("hilfarm evaluate: --data is missing\nsee `hilfarm evaluate --help`\n", stderr);
        return HF_EXIT_BAD_INPUT;
    }
    if (hf_cli_is_terminal(STDERR_FILENO)) {
        v.evaluate.progress = show_progress;
        v.evaluate.progress_user = "scored:";
        v.on_board.progress = show_progress;
    }
    hf_error err = {0};
    hf_evaluated_model model = {0};
    hf_dataset dataset = {0};
    hf_farm *farm = NULL;
    if (hf_evaluated_model_load(arguments[0], v.weights_seed, &model, &err) != HF_OK) {
        if (!strstr(err.message, arguments[0]))
            hf_error_context(&err, HF_FAULT_NONE, "%s", arguments[0]);
        exit_status = fail_input(&err);
    } else if (hf_dataset_open(v.data, &dataset, &err) != HF_OK) {
        exit_status = fail_input(&err);
    } else {
        /* Before the long part, so that a mistake in the farm file is reported immediately. */
        exit_status = v.on_board.samples ? find_board(&v, &model.image, &farm) : HF_EXIT_OK;
        if (exit_status == HF_EXIT_OK)
            exit_status = score(&v, &model, &dataset);
    }
    hf_farm_free(farm);
    hf_client_free(v.daemon);
    hf_dataset_free(&dataset);
    hf_evaluated_model_free(&model);
    return exit_status;
}
