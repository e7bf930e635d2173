/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "evaluate/evaluate.h"
#include "evaluate/verify_on_board.h"
#include "farm/work_dir.h"
#include "signals.h"
#include "source/source.h"
#include "spec/farm_file.h"

static const char usage[] =
    "usage: hilfarm evaluate NAME|FILE.tflite --data DIR|FILE.csv [options]\n"
    "Scores a labelled data set with the int8 engine: top-1 and AUC with 95 % confidence intervals.\n"
    "  --data DIR|FILE.csv  a folder per class of images (PNG, JPEG, PGM, PPM), or y_labels.csv and .bin "
    "files\n"
    "                       as MLPerf Tiny lays them out\n"
    "  --limit N            at most N samples, spread evenly over the data set\n"
    "  --top K              also top-K\n"
    "  --pixels RANGE       what the model was trained to see pixels as: 0..1 (default), -1..1 or 0..255\n"
    "  --bin TYPE           what .bin files hold: u8 image bytes, i8 tensors or f32 numbers (default: f32 "
    "where\n"
    "                       the .csv gives windows, u8 where the input's zero point is -128, else i8)\n"
    "  --on-board N         send N of the samples to a board: its outputs must equal the host's\n"
    "  --farm FILE          where to look for that board (default: a virtual board)\n"
    "  --board TAG          the first board with this tag or id; default: the first the model fits on\n"
    "  --weights-seed S     for a variation's name, whose weights are generated (default: 1)\n"
    "  --json               for programs\n"
    "  -o, --output FILE    where the text or JSON goes (default: standard output)\n"
    "  --wait TIME          waits for the board while another run uses it (\"30 min\"; default: says who has "
    "it)\n"
    "  --firmware-dir DIR, --openocd PROGRAM, --vboard PROGRAM   as for `hilfarm run`\n"
    "exit status: 0 all done; 1 a board's output differed or did not come; 2 bad input, files that cannot "
    "be\n"
    "read among it; 3 the board cannot be used\n";

enum {
    LONG_DATA = 256,
    LONG_LIMIT,
    LONG_TOP,
    LONG_PIXELS,
    LONG_BIN,
    LONG_ON_BOARD,
    LONG_FARM,
    LONG_BOARD,
    LONG_SEED,
    LONG_JSON,
    LONG_FIRMWARE_DIR,
    LONG_OPENOCD,
    LONG_VBOARD,
    LONG_WAIT,
};

static const struct option long_options[] = {
    {"data", required_argument, NULL, LONG_DATA},
    {"limit", required_argument, NULL, LONG_LIMIT},
    {"top", required_argument, NULL, LONG_TOP},
    {"pixels", required_argument, NULL, LONG_PIXELS},
    {"bin", required_argument, NULL, LONG_BIN},
    {"on-board", required_argument, NULL, LONG_ON_BOARD},
    {"farm", required_argument, NULL, LONG_FARM},
    {"board", required_argument, NULL, LONG_BOARD},
    {"weights-seed", required_argument, NULL, LONG_SEED},
    {"json", no_argument, NULL, LONG_JSON},
    {"output", required_argument, NULL, 'o'},
    {"firmware-dir", required_argument, NULL, LONG_FIRMWARE_DIR},
    {"openocd", required_argument, NULL, LONG_OPENOCD},
    {"vboard", required_argument, NULL, LONG_VBOARD},
    {"wait", required_argument, NULL, LONG_WAIT},
    {"help", no_argument, NULL, 'h'},
    {0},
};

typedef struct options {
    hf_cli_options common;
    hf_evaluate_options evaluate;
    const char *model, *data, *board_tag;
    uint32_t on_board, weights_seed;
    bool json;
} options;

static bool read_count(const char *option, const char *text, uint32_t min, uint32_t max, uint32_t *value)
{
    char *end = NULL;
    unsigned long long number = strtoull(text, &end, 10); /* too large saturates, beyond max */
    if (*text >= '0' && *text <= '9' && !*end && number >= min && number <= max) {
        *value = (uint32_t)number;
        return true;
    }
    fprintf(stderr, "hilfarm evaluate: --%s '%s': expected a number from %u to %u\n", option, text,
            (unsigned)min, (unsigned)max);
    return false;
}

static bool read_pixels(const char *text, hf_pixel_range *range)
{
    static const struct {
        const char *name;
        hf_pixel_range range;
    } ranges[] = {
        {"0..1", {.factor = 1.0 / 255}},
        {"-1..1", {.factor = 2.0 / 255, .offset = -1}},
        {"0..255", {.factor = 1}},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (strcmp(text, ranges[i].name) == 0) {
            *range = ranges[i].range;
            return true;
        }
    fprintf(stderr, "hilfarm evaluate: --pixels '%s': expected 0..1, -1..1 or 0..255\n", text);
    return false;
}

static bool read_bin(const char *text, hf_bin_type *type)
{
    for (hf_bin_type t = HF_BIN_U8; t <= HF_BIN_F32; t++)
        if (strcmp(text, hf_bin_type_name(t)) == 0) {
            *type = t;
            return true;
        }
    fprintf(stderr, "hilfarm evaluate: --bin '%s': expected u8, i8 or f32\n", text);
    return false;
}

static bool take_option(void *user, int which, const char *value)
{
    options *o = user;
    switch (which) {
    case LONG_DATA:
        o->data = value;
        return true;
    case LONG_LIMIT:
        return read_count("limit", value, 1, HF_DATASET_MAX_SAMPLES, &o->evaluate.limit);
    case LONG_TOP:
        return read_count("top", value, 2, HF_DATASET_MAX_CLASSES, &o->evaluate.top_k);
    case LONG_PIXELS:
        return read_pixels(value, &o->evaluate.reading.pixels);
    case LONG_BIN:
        return read_bin(value, &o->evaluate.reading.bin);
    case LONG_ON_BOARD:
        return read_count("on-board", value, 1, HF_DATASET_MAX_SAMPLES, &o->on_board);
    case LONG_FARM:
        o->common.farm = value;
        return true;
    case LONG_BOARD:
        o->board_tag = value;
        return true;
    case LONG_SEED:
        return read_count("weights-seed", value, 0, UINT32_MAX, &o->weights_seed);
    case LONG_JSON:
        o->json = true;
        return true;
    case 'o':
        o->common.output = value;
        return true;
    case LONG_FIRMWARE_DIR:
        o->common.firmware_dir = value;
        return true;
    case LONG_OPENOCD:
        o->common.openocd = value;
        return true;
    case LONG_VBOARD:
        o->common.vboard = value;
        return true;
    case LONG_WAIT:
        return hf_cli_wait("evaluate", value, &o->common.wait_ms);
    default:
        return true;
    }
}

/* @return true to go on; false: return *exit_status */
static bool parse(int argc, char **argv, options *o, hf_exit *exit_status)
{
    *o = (options){.weights_seed = HF_WEIGHTS_SEED_DEFAULT};
    o->evaluate.reading.pixels.factor = 1.0 / 255;
    if (!hf_cli_walk(argc, argv, ":o:h", long_options, usage, take_option, o, exit_status))
        return false;
    *exit_status = HF_EXIT_BAD_INPUT;
    if (argc - optind != 1 || !o->data) {
        fprintf(stderr, "hilfarm evaluate: expected one model and --data\n%s", usage);
        return false;
    }
    o->model = argv[optind];
    return true;
}

/* A count on standard error while somebody watches it. */
static void show_progress(void *user, uint32_t done, uint32_t of)
{
    const char *what = user;
    fprintf(stderr, "\r%s %u of %u%s", what, (unsigned)done, (unsigned)of, done == of ? "\n" : "");
}

/* What a person gave is wrong wherever it shows, but for memory and the board. */
static hf_exit fail_input(const hf_error *err)
{
    fprintf(stderr, "hilfarm evaluate: %s\n", err->message);
    return err->status == HF_ENOMEM ? HF_EXIT_FARM : HF_EXIT_BAD_INPUT;
}

static hf_exit load_farm(const char *path, hf_farm **farm)
{
    hf_error err = {0};
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    if (!diagnostics)
        return HF_EXIT_FARM;
    hf_status status = path ? hf_farm_load(path, farm, diagnostics, &err) : hf_farm_default(farm, &err);
    hf_exit exit_status = HF_EXIT_OK;
    if (hf_diagnostics_total(diagnostics)) {
        char *text = hf_diagnostics_render(diagnostics);
        fputs(text ? text : "hilfarm: mistakes in the farm file\n", stderr);
        free(text);
        exit_status = HF_EXIT_BAD_INPUT;
    } else if (status != HF_OK) {
        exit_status = fail_input(&err);
    }
    hf_diagnostics_free(diagnostics);
    return exit_status;
}

static void print_unknown_tag(const hf_farm *farm, const char *tag)
{
    hf_buffer tags = HF_BUFFER_INIT;
    hf_farm_list_tags(farm, &tags);
    fprintf(stderr, "hilfarm evaluate: no board of %s has the tag '%s', expected one of: %s%s\n",
            farm->path ? farm->path : "the default farm", tag, hf_buffer_text(&tags),
            farm->path ? "" : "; a farm file of your own is named with --farm FILE");
    hf_buffer_free(&tags);
}

/* The first board with the tag that has flash and RAM enough. */
static const hf_farm_board *choose_board(const hf_farm *farm, const char *tag, const hf_image *image)
{
    bool tagged = false;
    for (uint32_t i = 0; i < farm->board_count; i++) {
        const hf_farm_board *board = &farm->boards[i];
        if (tag && !hf_farm_board_has_tag(board, tag))
            continue;
        tagged = true;
        if (image->size <= board->chip->model_bytes && image->arena_bytes < board->chip->ram_bytes)
            return board;
    }
    if (tagged)
        fprintf(stderr,
                "hilfarm evaluate: the model takes %zu bytes of flash and %u of RAM, too much for any "
                "board%s%s\n",
                image->size, (unsigned)image->arena_bytes, tag ? " tagged " : "", tag ? tag : "");
    else
        print_unknown_tag(farm, tag);
    return NULL;
}

static hf_exit run_on_board(const options *o, const hf_farm_board *board, const hf_evaluated_model *model,
                            const hf_dataset *dataset, const hf_evaluation *evaluation,
                            hf_on_board_result *result)
{
    char work_dir[HF_WORK_DIR_SIZE];
    hf_error err = {0};
    if (hf_work_dir_make(work_dir, &err) != HF_OK)
        return hf_cli_fail(&err);
    hf_cli_signals signals;
    hf_cli_signals_catch(&signals);
    const hf_board_options board_options = {
        .openocd_path = o->common.openocd,
        .vboard_path = o->common.vboard,
        .firmware_dir = hf_cli_firmware_dir(&o->common),
        .work_dir = work_dir,
        .cpu = -1,
        .cancel_fd = signals.fd,
        .deadlines = board->deadlines,
    };
    const hf_on_board_request request = {
        .model = model,
        .dataset = dataset,
        .reading = o->evaluate.reading,
        .samples = evaluation->scored,
        .sample_count = evaluation->scored_count,
        .wanted = o->on_board,
        .board = &board->config,
        .options = &board_options,
        .wait_ms = o->common.wait_ms,
        .waiting = hf_cli_waiting,
        .waiting_user = (void *)board->config.id,
        .progress = hf_cli_is_terminal(STDERR_FILENO) ? show_progress : NULL,
        .progress_user = "on the board:",
    };
    hf_status status = hf_on_board(&request, result, &err);
    hf_work_dir_remove(work_dir);
    bool signalled = hf_cli_signals_release(&signals);
    if (signalled && status == HF_ECANCELLED) {
        fputs("hilfarm evaluate: interrupted\n", stderr);
        return HF_EXIT_INTERRUPTED;
    }
    if (status == HF_OK)
        return result->equal == result->asked ? HF_EXIT_OK : HF_EXIT_SOME_FAILED;
    fprintf(stderr, "hilfarm evaluate: %s\n", err.message);
    return err.fault == HF_FAULT_JOB || status == HF_EMISMATCH ? HF_EXIT_SOME_FAILED : HF_EXIT_FARM;
}

static hf_exit emit(const options *o, const hf_evaluated_model *model, const hf_dataset *dataset,
                    const hf_evaluation *evaluation, const hf_on_board_result *board)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_error err = {0};
    hf_status status = HF_OK;
    if (o->json)
        status = hf_evaluation_json(model, dataset, o->data, evaluation, board, &text, &err);
    else
        hf_evaluation_text(model, dataset, o->data, evaluation, board, &text);
    hf_exit exit_status = status == HF_OK ? hf_cli_emit(&text, o->common.output) : fail_input(&err);
    hf_buffer_free(&text);
    return exit_status;
}

static hf_exit score(const options *o, const hf_farm_board *board, const hf_evaluated_model *model,
                     const hf_dataset *dataset)
{
    hf_error err = {0};
    hf_evaluation evaluation = {0};
    if (hf_evaluate(model, dataset, &o->evaluate, &evaluation, &err) != HF_OK)
        return fail_input(&err);
    for (int i = 0; i < HF_EVALUATION_MESSAGES && evaluation.messages[i][0]; i++)
        fprintf(stderr, "hilfarm evaluate: %s\n", evaluation.messages[i]);
    if (evaluation.unreadable > HF_EVALUATION_MESSAGES)
        fprintf(stderr, "hilfarm evaluate: ... and %u more files that cannot be read\n",
                (unsigned)(evaluation.unreadable - HF_EVALUATION_MESSAGES));
    hf_exit exit_status = evaluation.unreadable ? HF_EXIT_BAD_INPUT : HF_EXIT_OK;
    hf_on_board_result on_board = {0};
    if (board) {
        hf_exit ran = run_on_board(o, board, model, dataset, &evaluation, &on_board);
        exit_status = exit_status == HF_EXIT_OK ? ran : exit_status;
    }
    hf_exit emitted = emit(o, model, dataset, &evaluation, on_board.asked ? &on_board : NULL);
    hf_evaluation_free(&evaluation);
    return exit_status == HF_EXIT_OK ? emitted : exit_status;
}

int hf_command_evaluate(int argc, char **argv)
{
    options o;
    hf_exit exit_status;
    if (!parse(argc, argv, &o, &exit_status))
        return exit_status;
    if (hf_cli_is_terminal(STDERR_FILENO)) {
        o.evaluate.progress = show_progress;
        o.evaluate.progress_user = "scored:";
    }
    hf_error err = {0};
    hf_evaluated_model model = {0};
    hf_dataset dataset = {0};
    hf_farm *farm = NULL;
    const hf_farm_board *board = NULL;
    if (hf_evaluated_model_load(o.model, o.weights_seed, &model, &err) != HF_OK) {
        hf_error_context(&err, HF_FAULT_NONE, "%s", o.model);
        exit_status = fail_input(&err);
    } else if (hf_dataset_open(o.data, &dataset, &err) != HF_OK) {
        exit_status = fail_input(&err);
    } else {
        exit_status = o.on_board ? load_farm(o.common.farm, &farm) : HF_EXIT_OK;
        /* Before the long part, so that a mistake in the farm is told at once. */
        if (farm && !(board = choose_board(farm, o.board_tag, &model.image)))
            exit_status = HF_EXIT_BAD_INPUT;
        if (exit_status == HF_EXIT_OK)
            exit_status = score(&o, board, &model, &dataset);
    }
    hf_farm_free(farm);
    hf_dataset_free(&dataset);
    hf_evaluated_model_free(&model);
    return exit_status;
}
