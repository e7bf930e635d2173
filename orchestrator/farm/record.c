/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/user.h"
#include "record_ports.h"
#include "record_training.h"
#include "report/latency_statistics.h"

/* Rows built here borrow their strings for one call to the store; they are never freed. */
#define BORROW(text) ((char *)(text))

#define USER_SIZE 256

hf_status hf_record_run(hf_store *store, const hf_run_record *record, int64_t *run_id, hf_error *err)
{
    const hf_spec *spec = record->spec;
    const hf_farm *farm = record->farm;
    struct utsname host;
    char
        host_text[sizeof host.nodename + sizeof host.sysname + sizeof host.release + sizeof host.machine + 4];
    char user[USER_SIZE];
    (void)hf_user_name(geteuid(), user, sizeof user); /* "" if it is unknown */
    uname(&host);
    snprintf(host_text, sizeof host_text, "%s %s %s %s", host.nodename, host.sysname, host.release,
             host.machine);
    hf_run_row row = {
        .key = BORROW(record->key),
        .name = BORROW(spec->name),
        .owner = record->owner ? BORROW(record->owner)
                 : user[0]     ? user
                               : NULL,
        .priority = record->priority,
        .spec_path = BORROW(spec->path),
        .spec_text = BORROW(record->spec_text ? record->spec_text : spec->text),
        .farm_path = BORROW(farm->path),
        .farm_text = BORROW(farm->text),
        .started_ms = hf_wall_ms(),
        .state = HF_RUN_RUNNING,
        .hilfarm_version = BORROW(record->version),
        .host = host_text,
        .pid = getpid(),
        .warmup = (int32_t)spec->measure.warmup,
        .runs = (int32_t)spec->measure.runs,
        .limits = spec->constraints,
    };
    if (*run_id)
        return hf_store_resume_run(store, *run_id, row.host, row.pid, err);
    return hf_store_begin_run(store, &row, run_id, err);
}

hf_status hf_record_board(hf_store *store, int64_t run_id, const hf_farm_board *board, hf_error *err)
{
    hf_board_row row = {
        .id = BORROW(board->config.id),
        .chip = BORROW(board->chip->name),
        .core = BORROW(board->chip->core),
        .modelled = hf_board_config_modelled(&board->config),
        .clock_hz = board->chip->clock_hz,
    };
    return hf_store_add_board(store, run_id, &row, err);
}

/* One row per graph node; owned array, borrowed strings. */
static hf_layer *copy_layers(const hf_analysis *analysis)
{
    hf_layer *layers = calloc((size_t)analysis->layer_count, sizeof *layers);
    if (layers)
        memcpy(layers, analysis->layers, (size_t)analysis->layer_count * sizeof *layers);
    return layers;
}

static size_t factor_rows(const hf_spec_variation *variation, hf_factor_row rows[HF_FACTOR_COUNT])
{
    size_t count = 0;
    for (int i = 0; variation->kind == HF_SPEC_FAMILY && i < HF_FACTOR_COUNT; i++)
        if (variation->variation.set & (1u << i))
            rows[count++] =
                (hf_factor_row){BORROW(hf_factor_name((hf_factor)i)), variation->variation.factors[i]};
    return count;
}

/* What identifies a variation on a chip; borrowed. @param factors used by the row */
static hf_result_row identity(const hf_spec_variation *variation, const hf_chip *chip,
                              hf_factor_row factors[HF_FACTOR_COUNT])
{
    return (hf_result_row){
        .name = BORROW(variation->name),
        .family = BORROW(variation->kind == HF_SPEC_FAMILY ? variation->variation.family : "tflite"),
        .source = BORROW(variation->path),
        .factors = factors,
        .factor_count = factor_rows(variation, factors),
        .chip = BORROW(chip->name),
        .outcome = HF_RESULT_NOT_RUN,
    };
}

hf_status hf_record_plan(hf_write_queue *queue, const hf_spec *spec, const hf_planned_job *jobs, size_t count,
                         hf_error *err)
{
    hf_result_row *rows = calloc(count + 1, sizeof *rows);
    hf_factor_row(*factors)[HF_FACTOR_COUNT] = calloc(count + 1, sizeof *factors);
    hf_status status = rows && factors
                           ? HF_OK
                           : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to record %zu jobs", count);
    for (size_t i = 0; status == HF_OK && i < count; i++) {
        rows[i] = identity(&spec->variations[jobs[i].variation], jobs[i].chip, factors[i]);
        rows[i].position = jobs[i].position;
    }
    if (status == HF_OK)
        hf_write_queue_add_plan(queue, rows, count);
    free(rows);
    free(factors);
    return status;
}

/* The layers with what was estimated for the chip. */
static hf_layer *estimated_layers(const hf_prepared *prepared, const hf_chip *chip)
{
    const size_t count = (size_t)prepared->analysis.layer_count;
    hf_layer *layers = copy_layers(&prepared->analysis);
    for (uint32_t c = 0; layers && c < prepared->estimated_chip_count; c++)
        for (size_t n = 0; prepared->estimated_chips[c] == chip && n < count; n++)
            layers[n].estimated_cycles = prepared->estimated_cycles[c * count + n];
    return layers;
}

void hf_record_result(hf_write_queue *queue, int32_t position, const hf_spec_variation *variation,
                      const hf_chip *chip, const hf_prepared *prepared)
{
    hf_factor_row factors[HF_FACTOR_COUNT];
    hf_result_row row = identity(variation, chip, factors);
    hf_layer *layers = NULL;
    if (prepared && prepared->analysis.layers) {
        const hf_analysis *analysis = &prepared->analysis;
#define COPY(origin, name, ...) HF_IF_GRAPH_##origin(row.name = analysis->name;)
        HF_RESULT_FIGURES(COPY)
#undef COPY
        layers = estimated_layers(prepared, chip);
        row.layers =
            layers ? layers : analysis->layers; /* only read; without memory they have no estimates */
        row.layer_count = (size_t)analysis->layer_count;
        /* What cannot fit is not compiled: only a lower bound of the image's size is known. */
        if (prepared->image.bytes)
            row.image_bytes = (int64_t)prepared->image_bytes;
        else if (prepared->pruned)
            row.image_bytes_min = (int64_t)prepared->image_bytes;
        row.planned_arena_bytes = prepared->arena_bytes;
    }
    if (prepared && prepared->image.bytes) {
        row.image_sha256 = BORROW(prepared->image_sha256);
        row.image_crc32 = prepared->image.crc32;
        row.arena_map = hf_image_arena_map(&prepared->image);
    }
    char source[512];
    if (prepared && prepared->has_accuracy) {
        snprintf(source, sizeof source, "%s on %s", prepared->accuracy_of, variation->data_name);
        row.has_accuracy = true;
        row.accuracy_percent = prepared->accuracy_percent;
        row.accuracy_low_percent = prepared->accuracy_low_percent;
        row.accuracy_high_percent = prepared->accuracy_high_percent;
        row.accuracy_source = source;
    } else if (!isnan(variation->accuracy_percent)) {
        row.has_accuracy = true;
        row.accuracy_percent = variation->accuracy_percent;
        row.accuracy_low_percent = variation->accuracy_percent;
        row.accuracy_high_percent = variation->accuracy_percent;
        row.accuracy_source = BORROW(HF_ACCURACY_GIVEN);
    }
    if (prepared)
        row.port_count = hf_record_ports(prepared, &row.ports);
    hf_record_training(variation, &row.training);
    hf_write_queue_add_result(queue, position, &row);
    hf_clear_training(&row.training);
    free(row.ports);
    free(layers);
    free(row.arena_map);
}

/* Adds the figures of the image's operators to the graph's nodes: several operators may compute parts of one
 * node; a node that was folded into another keeps 0. */
static void add_layer_times(hf_layer *rows, const hf_prepared *prepared, const hf_attempt_result *result)
{
    for (uint32_t i = 0; i < result->layer_count && i < prepared->image.op_count; i++) {
        hf_layer *row = &rows[prepared->image.ops[i].node];
        row->cycles += result->layers[i].cycles;
        row->instructions += result->layers[i].instructions;
    }
}

hf_status hf_record_attempt(hf_write_queue *queue, int32_t position, const hf_farm_board *board,
                            uint32_t number, const hf_prepared *prepared, const hf_worker_reply *reply,
                            uint64_t *ticket, hf_error *err)
{
    const hf_attempt_result *result = &reply->result;
    bool succeeded = reply->status == HF_OK;
    hf_attempt_row attempt = {
        .number = (int32_t)number,
        .board_id = BORROW(board->config.id),
        .started_ms = reply->started_ms,
        .duration_ns = (int64_t)reply->duration_ns,
        .succeeded = succeeded,
    };
    if (!succeeded) {
        attempt.fault = BORROW(hf_fault_name(reply->error.fault));
        attempt.message = BORROW(reply->error.message);
        attempt.transcript = reply->transcript;
        *ticket = hf_write_queue_add_attempt(queue, position, &attempt, NULL);
        return HF_OK;
    }
    attempt.flash_ns = (int64_t)result->phase_ns[HF_PHASE_FLASH];
    attempt.reset_ns = (int64_t)result->phase_ns[HF_PHASE_RESET];
    attempt.run_ns = (int64_t)result->phase_ns[HF_PHASE_RUN];
    hf_result_row measured = {
        .outcome = HF_RESULT_MEASURED,
        .board_id = BORROW(board->config.id),
        .modelled = result->modelled,
        .clock_hz = result->clock_hz,
        .clock_ratio = result->clock_ratio,
        .clock_source = BORROW(result->clock_source),
        .firmware_bytes = result->firmware_bytes,
        .inferences = result->step_count,
        .firmware_id = BORROW(result->firmware_id),
        .output_crc32 = result->output_crc32,
        .samples = result->samples,
        .sample_count = result->sample_count,
    };
#define COPY(origin, name, ...) HF_IF_MEMORY_##origin(measured.name = result->name;)
    HF_RESULT_FIGURES(COPY)
#undef COPY
    if (result->layers) {
        measured.layers = copy_layers(&prepared->analysis);
        if (!measured.layers)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to record %u layers",
                              result->layer_count);
        add_layer_times(measured.layers, prepared, result);
        measured.layer_count = (size_t)prepared->analysis.layer_count;
    }
    uint8_t *values = NULL;
    hf_status status = HF_OK;
    if (result->outputs)
        status = hf_record_outputs(prepared, result, &measured.outputs, &measured.output_count, &values, err);
    if (status == HF_OK)
        *ticket = hf_write_queue_add_attempt(queue, position, &attempt, &measured);
    free(measured.outputs);
    free(values);
    free(measured.layers);
    return status;
}

void hf_record_board_failure(hf_write_queue *queue, const hf_farm_board *board, const hf_worker_reply *reply)
{
    hf_failure_row row = {
        .board_id = BORROW(board->config.id),
        .at_ms = reply->started_ms,
        .fault = BORROW(hf_fault_name(reply->error.fault)),
        .message = BORROW(reply->error.message),
        .transcript = reply->transcript,
    };
    hf_write_queue_add_failure(queue, &row);
}

void hf_record_dead_board(hf_write_queue *queue, const hf_farm_board *board, hf_board_end end, hf_fault fault,
                          const char *cause)
{
    char message[sizeof(hf_error) + 32];
    snprintf(message, sizeof message, "%s: %s", hf_board_end_text(end), cause);
    hf_failure_row row = {
        .board_id = BORROW(board->config.id),
        .at_ms = hf_wall_ms(),
        .fault = BORROW(hf_fault_name(fault)),
        .message = BORROW(message),
        .dead = true,
    };
    hf_write_queue_add_failure(queue, &row);
}

double hf_record_latency_ns(const hf_attempt_result *result)
{
    const hf_result_row row = {
        .samples = result->samples, .sample_count = result->sample_count, .clock_hz = result->clock_hz};
    hf_latency latency;
    hf_result_latency(&row, &latency);
    return latency.median_ns;
}
