/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KB          INT64_C(1024)
#define STARTED     1763829000000 /* 2025-11-22 16:30:00 UTC */
#define BLOCKS      13
#define LAYERS_MOST (1 + 2 * BLOCKS + 2)
#define SAMPLES     5

/* MobileNet v1: output channels and strides of its depthwise separable blocks. */
static const int block_channels[BLOCKS] = {64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024};
static const int block_strides[BLOCKS] = {1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1};

static void *make(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

static char *text(const char *value)
{
    char *copy = strdup(value);
    if (!copy)
        abort();
    return copy;
}

static int scaled(int channels, double alpha)
{
    return (int)fmax(1, floor(channels * alpha));
}

static void add_layer(hf_result_row *row, const char *name, const char *op, const int shape[3], int64_t macs,
                      int64_t parameters, int64_t alive)
{
    hf_layer *layer = &row->layers[row->layer_count++];
    *layer = (hf_layer){.height = shape[0],
                        .width = shape[1],
                        .channels = shape[2],
                        .macs = macs,
                        .parameter_bytes = parameters,
                        .live_bytes = alive};
    snprintf(layer->name, sizeof layer->name, "%s", name);
    snprintf(layer->op, sizeof layer->op, "%s", op);
    row->macs += macs;
    row->params += parameters;
    row->peak_memory_bytes = alive > row->peak_memory_bytes ? alive : row->peak_memory_bytes;
}

static void add_layers(hf_result_row *row, double alpha, int resolution, int blocks)
{
    row->layers = make(LAYERS_MOST, sizeof *row->layers);
    int side = resolution / 2, channels = scaled(32, alpha);
    add_layer(row, "conv", "conv2d", (int[]){side, side, channels}, (int64_t)side * side * channels * 27,
              (int64_t)channels * 31, (int64_t)resolution * resolution * 3 + (int64_t)side * side * channels);
    for (int b = 0; b < blocks; b++) {
        char name[32];
        int before = side;
        side = (side + block_strides[b] - 1) / block_strides[b];
        snprintf(name, sizeof name, "block%d/depthwise", b + 1);
        add_layer(row, name, "depthwise_conv2d", (int[]){side, side, channels},
                  (int64_t)side * side * channels * 9, (int64_t)channels * 13,
                  ((int64_t)before * before + (int64_t)side * side) * channels);
        int next = scaled(block_channels[b], alpha);
        snprintf(name, sizeof name, "block%d/pointwise", b + 1);
        add_layer(row, name, "conv2d", (int[]){side, side, next}, (int64_t)side * side * channels * next,
                  (int64_t)next * (channels + 4), (int64_t)side * side * (channels + next));
        channels = next;
    }
    add_layer(row, "pool", "average_pool2d", (int[]){1, 1, channels}, 0, 0,
              (int64_t)side * side * channels + channels);
    add_layer(row, "dense", "fully_connected", (int[]){1, 1, 2}, (int64_t)channels * 2,
              (int64_t)channels * 2 + 8, channels + 2);
}

static void add_measurement(hf_result_row *row, const char *board, bool modelled, int64_t clock_hz)
{
    bool m7 = clock_hz > 200000000;
    row->outcome = HF_RESULT_MEASURED;
    row->board_id = text(board);
    row->modelled = modelled;
    row->clock_hz = clock_hz;
    row->arena_bytes = row->planned_arena_bytes;
    row->static_bytes = 6172;
    row->stack_bytes = 1408;
    row->firmware_bytes = 41 * KB + 220;
    row->firmware_id = text(m7 ? "bench-f7-0.1.0-3f9a12cc" : "bench-l4-0.1.0-9b01d2e4");
    row->output_crc32 = 0x1234abcd + (uint32_t)row->macs;
    int64_t cycles = 0;
    for (size_t i = 0; i < row->layer_count; i++) {
        hf_layer *layer = &row->layers[i];
        double each = strcmp(layer->op, "depthwise_conv2d") == 0 ? 4.6 : 1.35;
        layer->cycles = (int64_t)((double)layer->macs * each * (m7 ? 0.58 : 1)) + 900;
        layer->instructions = modelled ? (int64_t)((double)layer->cycles * (m7 ? 1.31 : 0.79)) : 0;
        cycles += layer->cycles;
    }
    row->inferences = 1;
    row->sample_count = SAMPLES;
    row->samples = make(SAMPLES, sizeof *row->samples);
    for (int i = 0; i < SAMPLES; i++) {
        /* Interrupts and bus contention of a real chip; a virtual board is deterministic. */
        int64_t jitter = modelled ? 0 : cycles / 60 * ((i * 7) % SAMPLES) / SAMPLES;
        row->samples[i].cycles = cycles + 4100 + jitter;
        row->samples[i].instructions = modelled ? (int64_t)((double)cycles * (m7 ? 1.31 : 0.79)) : 0;
    }
}

static void add_factor(hf_result_row *row, const char *name, double value)
{
    if (!row->factors)
        row->factors = make(8, sizeof *row->factors);
    row->factors[row->factor_count].name = text(name);
    row->factors[row->factor_count++].value = value;
}

static hf_result_row *add_result(hf_report *report, const char *name, const char *chip)
{
    hf_result_row *row = &report->results[report->result_count++];
    row->name = text(name);
    row->family = text("mobilenetv1");
    row->chip = text(chip);
    row->outcome = HF_RESULT_NOT_RUN;
    return row;
}

static hf_port_row make_port(const char *kind, const char *type, int32_t size, int32_t channels)
{
    return (hf_port_row){.kind = text(kind),
                         .type = text(type),
                         .height = size,
                         .width = size,
                         .channels = channels,
                         .scale = 0.5,
                         .zero_point = 128};
}

static void add_ports(hf_result_row *row)
{
    row->port_count = 2;
    row->ports = make(row->port_count, sizeof *row->ports);
    row->ports[0] = make_port("input", "int8", 96, 3);
    row->ports[1] = make_port("output", "int8", 1, 2);
}

void sample_add_outputs(hf_result_row *row)
{
    static const uint8_t values[][8] = {
        {0, 255}, {128, 3}, {0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}}; /* 1.0, -2.0 */
    row->port_count = 3;
    row->ports = make(row->port_count, sizeof *row->ports);
    row->ports[0] = make_port("input", "uint8", 96, 3);
    row->ports[1] = make_port("output", "uint8", 1, 2);
    row->ports[2] = make_port("output", "float32", 1, 2);
    row->ports[2].float_tail = text("LOG_SOFTMAX");
    row->output_count = 3;
    row->outputs = make(row->output_count, sizeof *row->outputs);
    for (int i = 0; i < 3; i++) {
        hf_output_row *output = &row->outputs[i];
        output->inference = output->step = i > 0;
        output->port = i == 2 ? 2 : 1;
        output->value_bytes = i == 2 ? 8 : 2;
        output->values = make(1, sizeof values[i]);
        memcpy(output->values, values[i], sizeof values[i]);
    }
}

static void analyse(hf_result_row *row, double alpha, int blocks)
{
    add_ports(row);
    add_factor(row, "alpha", alpha);
    add_factor(row, "resolution", 96);
    add_factor(row, "channels", 3);
    add_factor(row, "l", blocks);
    add_layers(row, alpha, 96, blocks);
    row->params_non_trainable = row->params / 40;
    row->params_deployed = row->params - row->params / 25;
    row->image_bytes = row->params_deployed + 3 * KB;
    row->planned_arena_bytes = row->peak_memory_bytes + 512;
    row->image_sha256 = text("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    row->image_crc32 = 0xcafe0000u + (uint32_t)row->params % 65536;
}

static void add_attempt(hf_report *report, int number, const char *board, const char *fault,
                        const char *message, const char *transcript)
{
    size_t at = report->attempt_count++;
    report->attempt_results[at] = report->result_count - 1;
    report->attempts[at] = (hf_attempt_row){
        .number = number,
        .board_id = text(board),
        .started_ms = STARTED + (int64_t)at * 2310,
        .duration_ns = 2310000000 + (int64_t)at * 13000000,
        .flash_ns = 1240000000,
        .reset_ns = 12000000,
        .run_ns = 890000000,
        .succeeded = !fault,
        .fault = fault ? text(fault) : NULL,
        .message = message ? text(message) : NULL,
        .transcript = transcript ? text(transcript) : NULL,
    };
    report->results[report->result_count - 1].attempt_count++;
}

static void add_board(hf_report *report, const char *id, const char *chip, const char *core, bool modelled,
                      int64_t clock_hz)
{
    report->boards[report->board_count++] = (hf_board_row){
        .id = text(id), .chip = text(chip), .core = text(core), .modelled = modelled, .clock_hz = clock_hz};
}

static void begin(hf_report *report, const char *name)
{
    *report = (hf_report){
        .run = {.id = 7,
                .key = text("20251122-0badcafe"),
                .name = text(name),
                .spec_path = text("configs/mobilenet_sweep.yaml"),
                .spec_text = text("name: mobilenet_sweep\nconstraints:\n  ram: 250 KB\n  rom: 250 KB\n"
                                  "  macs: 60 M\nmodels:\n  - family: mobilenetv1\n    alpha: [0.1, 0.25]\n"),
                .started_ms = STARTED,
                .finished_ms = STARTED + 42600,
                .duration_ns = 42600000000,
                .state = HF_RUN_DONE,
                .hilfarm_version = text("0.1.0"),
                .openocd_version = text("Open On-Chip Debugger 0.12.0"),
                .host = text("bench Linux 6.1.0 x86_64"),
                .pid = 4711,
                .warmup = 1,
                .runs = SAMPLES,
                .limits = {250 * KB, 250 * KB, 60000000}},
        .boards = make(8, sizeof *report->boards),
        .results = make(32, sizeof *report->results),
        .attempts = make(64, sizeof *report->attempts),
        .attempt_results = make(64, sizeof *report->attempt_results),
        .failures = make(4, sizeof *report->failures),
    };
}

static void count_outcomes(hf_report *report)
{
    hf_run_row *run = &report->run;
    for (size_t i = 0; i < report->result_count; i++) {
        hf_result_outcome outcome = report->results[i].outcome;
        ++*(outcome == HF_RESULT_MEASURED ? &run->measured
            : outcome == HF_RESULT_FAILED ? &run->failed
                                          : &run->not_run);
    }
}

static const char transcript[] = "> program bench-l4.bin 0x08000000\nInfo : device idcode = 0x20036470\n"
                                 "Error: flash write failed at address 0x08040000\n"
                                 "serial> HELLO hilfarm 1 stm32l4r5zi\nserial> ~#\x01\xfe garbled\n";

void sample_sweep(hf_report *report)
{
    static const struct {
        const char *name;
        double alpha;
        int blocks;
        bool m7;
    } variations[] = {
        {"mobilenetv1_0.1_96_c3_o2", 0.1, 13, false},
        {"mobilenetv1_0.15_96_c3_o2", 0.15, 13, false},
        {"mobilenetv1_0.2_96_c3_o2", 0.2, 13, false},
        {"mobilenetv1_0.25_96_c3_o2", 0.25, 13, false},
        {"mobilenetv1_0.25_96_c3_o2_l3", 0.25, 11, false},
        {"mobilenetv1_0.3_96_c3_o2", 0.3, 13, false},
        {"mobilenetv1_0.3_96_c3_o2_l5ll32pl256", 0.3, 9, false},
        {"mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3", 0.7, 8, false},
        {"mobilenetv1_0.1_96_c3_o2", 0.1, 13, true},
        {"mobilenetv1_0.25_96_c3_o2", 0.25, 13, true},
        {"mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3", 0.7, 8, true},
    };
    begin(report, "mobilenet_sweep");
    add_board(report, "virtual-1", "stm32l4r5zi", "cortex-m4", true, 120000000);
    add_board(report, "virtual-2", "stm32l4r5zi", "cortex-m4", true, 120000000);
    add_board(report, "f7-bench", "stm32f767zi", "cortex-m7", false, 216000000);
    for (size_t i = 0; i < sizeof variations / sizeof variations[0]; i++) {
        bool m7 = variations[i].m7;
        hf_result_row *row = add_result(report, variations[i].name, m7 ? "stm32f767zi" : "stm32l4r5zi");
        analyse(row, variations[i].alpha, variations[i].blocks);
        const char *board = m7 ? "f7-bench" : i % 2 ? "virtual-2" : "virtual-1";
        if (i == 4)
            add_attempt(report, 1, "virtual-2", "serial",
                        "reading the result of inference 3: frame 41 has a wrong checksum", transcript);
        add_attempt(report, i == 4 ? 2 : 1, board, NULL, NULL, NULL);
        add_measurement(row, board, !m7, m7 ? 216000000 : 120000000);
    }
    hf_result_row *row = add_result(report, "vww_96_int8", "stm32l4r5zi");
    row->source = text("models/vww_96_int8.tflite");
    free(row->family);
    row->family = text("tflite");
    analyse(row, 0.25, 13);
    row->outcome = HF_RESULT_FAILED;
    row->fault = text("board");
    row->message = text("waiting for the firmware's greeting after reset: nothing came within 3 s");
    for (int i = 1; i <= 3; i++)
        add_attempt(report, i, "virtual-1", "board",
                    "waiting for the firmware's greeting after reset: nothing came within 3 s", transcript);
    row = add_result(report, "mobilenetv1_1.0_224_c3_o1000", "stm32l4r5zi");
    row->outcome = HF_RESULT_FAILED;
    row->fault = text("job");
    row->message = text("planning memory: the arena needs 1204224 bytes, the chip has 655360");
    row = add_result(report, "mobilenetv1_0.5_96_c3_o2", "stm32f767zi");
    analyse(row, 0.5, 13);
    report->failures[report->failure_count++] =
        (hf_failure_row){.board_id = text("f7-bench"),
                         .at_ms = STARTED + 40000,
                         .fault = text("probe"),
                         .message = text("starting OpenOCD: it ended with status 1"),
                         .transcript = text("Error: open failed\n")};
    count_outcomes(report);
}

static void add_training(hf_result_row *row)
{
    hf_training_row *training = &row->training;
    *training = (hf_training_row){.key = text("k<b>"),
                                  .epochs = 3,
                                  .seconds = 40.5,
                                  .warning = text("no better than <guessing>"),
                                  .curve_count = 2};
    training->curve = make(2, sizeof *training->curve);
    training->curve[0] = (hf_epoch_row){
        .epoch = 1, .loss = 0.75, .training_percent = 70.5, .validation_percent = 80.25, .seconds = 12.5};
    training->curve[1] = (hf_epoch_row){
        .epoch = 2, .loss = -1, .training_percent = 81, .validation_percent = -1, .seconds = 25};
}

void sample_small(hf_report *report)
{
    begin(report, "small");
    add_board(report, "virtual-1", "stm32l4r5zi", "cortex-m4", true, 100000000);
    hf_result_row *row = add_result(report, "net_a", "stm32l4r5zi");
    add_factor(row, "alpha", 0.25);
    add_factor(row, "l", 3);
    row->layers = make(1, sizeof *row->layers);
    add_layer(row, "conv", "conv2d", (int[]){2, 3, 4}, 21900000, 219000, 100 * KB);
    row->layers[0].cycles = 9000;
    row->layers[0].instructions = 7000;
    row->params_non_trainable = 10;
    row->params_deployed = 218990;
    row->image_bytes = 244 * KB;
    row->planned_arena_bytes = 101 * KB;
    row->image_sha256 = text("ab");
    row->arena_map = text("-1,0,27648,0,0,0,27648,9216,0,1");
    add_training(row);
    row->has_accuracy = true;
    row->accuracy_percent = 85.4;
    row->accuracy_low_percent = 84.25;
    row->accuracy_high_percent = 86.5;
    row->accuracy_source = text("top-1 on data/vww");
    row->image_crc32 = 0xbeef;
    row->outcome = HF_RESULT_MEASURED;
    row->board_id = text("virtual-1");
    row->modelled = true;
    row->clock_hz = 100000000;
    row->clock_ratio = 1.0025;
    row->clock_source = text("MSI");
    row->arena_bytes = 101 * KB;
    row->static_bytes = 2 * KB;
    row->stack_bytes = KB;
    row->firmware_bytes = 40 * KB;
    row->firmware_id = text("bench-1");
    row->output_crc32 = 0x1f;
    row->sample_count = 2;
    row->samples = make(2, sizeof *row->samples);
    row->samples[0] = (hf_sample){.cycles = 10000, .instructions = 8000};
    row->samples[1] = (hf_sample){.cycles = 10200, .instructions = 8000};
    add_attempt(report, 1, "virtual-1", NULL, NULL, NULL);
    row = add_result(report, "net_b", "stm32l4r5zi");
    row->macs = 61000000;
    row->image_bytes_min = 100 * KB;
    row->outcome = HF_RESULT_FAILED;
    row->fault = text("serial");
    row->message = text("opening the port, \"COM\": no such file");
    add_attempt(report, 1, "virtual-1", "serial", "opening the port, \"COM\": no such file", "log");
    count_outcomes(report);
}

static void add_board_failure(hf_report *report, const char *board, const char *message, bool dead)
{
    report->failures[report->failure_count] =
        (hf_failure_row){.board_id = text(board),
                         .at_ms = STARTED + INT64_C(1000) * (int64_t)report->failure_count,
                         .fault = text("probe"),
                         .message = text(message),
                         .dead = dead};
    report->failure_count++;
}

void sample_outage(hf_report *report)
{
    static const char cause[] = "no debug probe with serial number 066B is plugged in";
    static const char lost[] = "no board left: no debug probe with serial number 066B is plugged in";
    static const char end[] = "never opened: no debug probe with serial number 066B is plugged in";
    begin(report, "outage");
    report->run.limits = (hf_limits){0};
    report->run.state = HF_RUN_INTERRUPTED;
    add_board(report, "f7-bench", "stm32f767zi", "cortex-m7", false, 216000000);
    add_board(report, "virtual-1", "stm32l4r5zi", "cortex-m4", true, 120000000);
    static const char *const failed[] = {"net_a", "net_b", "net_c"};
    for (size_t i = 0; i < 3; i++) {
        hf_result_row *row = add_result(report, failed[i], "stm32f767zi");
        row->outcome = HF_RESULT_FAILED;
        row->fault = text("probe");
        row->message = text(lost);
    }
    hf_result_row *row = add_result(report, "net_d", "stm32f767zi");
    row->outcome = HF_RESULT_FAILED;
    row->fault = text("job");
    row->message = text("compiling its image: no");
    for (size_t i = 0; i < 2; i++) {
        row = add_result(report, i ? "net_f" : "net_e", "stm32l4r5zi");
        row->message = text("stopped on request (TERM)");
    }
    add_board_failure(report, "f7-bench", cause, false);
    add_board_failure(report, "f7-bench", cause, false);
    add_board_failure(report, "virtual-1", "it did not become ready", false);
    add_board_failure(report, "f7-bench", end, true);
    count_outcomes(report);
}

static void make_hostile(char **value)
{
    free(*value);
    *value = text(SAMPLE_HOSTILE);
}

void sample_hostile(hf_report *report)
{
    sample_sweep(report);
    hf_run_row *run = &report->run;
    char **const of_run[] = {&run->name,
                             &run->spec_path,
                             &run->spec_text,
                             &run->farm_text,
                             &run->hilfarm_version,
                             &run->openocd_version,
                             &run->host,
                             &run->key,
                             &run->farm_path};
    for (size_t i = 0; i < sizeof of_run / sizeof of_run[0]; i++)
        make_hostile(of_run[i]);
    for (size_t i = 0; i < report->board_count; i++) {
        make_hostile(&report->boards[i].id);
        make_hostile(&report->boards[i].chip);
        make_hostile(&report->boards[i].core);
    }
    for (size_t i = 0; i < report->result_count; i++) {
        hf_result_row *row = &report->results[i];
        char **const of_row[] = {&row->name,        &row->family,      &row->source,
                                 &row->chip,        &row->fault,       &row->image_sha256,
                                 &row->message,     &row->firmware_id, &row->accuracy_source,
                                 &row->clock_source};
        for (size_t t = 0; t < sizeof of_row / sizeof of_row[0]; t++)
            make_hostile(of_row[t]);
        if (row->outcome == HF_RESULT_MEASURED)
            make_hostile(&row->board_id);
        for (size_t f = 0; f < row->factor_count; f++)
            make_hostile(&row->factors[f].name);
        for (size_t l = 0; l < row->layer_count; l++) {
            snprintf(row->layers[l].name, sizeof row->layers[l].name, "%s", SAMPLE_HOSTILE);
            snprintf(row->layers[l].op, sizeof row->layers[l].op, "%s", SAMPLE_HOSTILE);
        }
    }
    for (size_t i = 0; i < report->attempt_count; i++) {
        make_hostile(&report->attempts[i].board_id);
        if (report->attempts[i].succeeded)
            continue;
        make_hostile(&report->attempts[i].fault);
        make_hostile(&report->attempts[i].message);
        make_hostile(&report->attempts[i].transcript);
    }
    for (size_t i = 0; i < report->failure_count; i++) {
        make_hostile(&report->failures[i].board_id);
        make_hostile(&report->failures[i].fault);
        make_hostile(&report->failures[i].message);
        make_hostile(&report->failures[i].transcript);
    }
}

void sample_empty(hf_report *report)
{
    begin(report, "empty");
    report->run.finished_ms = 0;
    report->run.duration_ns = 0;
    report->run.state = HF_RUN_RUNNING;
    report->run.limits = (hf_limits){0};
}
