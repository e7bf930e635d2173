/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/verify_on_board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checksum/crc.h"
#include "graph/graph.h"
#include "reference/reference.h"

/* CRC-32 of the reference interpreter's output, with which the engine on the host must agree. */
static hf_status expected_crc32(const hf_evaluated_model *model, const int8_t *input, int8_t *scratch,
                                uint32_t *crc32, hf_error *err)
{
    const hf_graph *graph = model->graph;
    hf_reference reference = {0};
    hf_status status = hf_evaluated_model_run(model, input, scratch, err);
    if (status == HF_OK)
        status = hf_reference_run(graph, input, &reference, err);
    if (status != HF_OK)
        return status;
    const int8_t *answer = reference.outputs[graph->tensors[graph->output].producer];
    if (memcmp(answer, scratch, model->image.output_bytes) == 0)
        *crc32 = hf_crc32(0, answer, model->image.output_bytes);
    else
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EMISMATCH,
                            "the engine and the reference interpreter disagree on the host");
    hf_reference_free(&reference);
    return status;
}

static hf_status open_board(const hf_on_board_request *request, hf_error *err)
{
    hf_worker_reply reply = {0};
    const hf_status status = hf_worker_open_waiting(request->backend, &request->patience, &reply);
    if (status != HF_OK)
        *err = reply.error;
    hf_worker_reply_clear(&reply);
    return status;
}

static hf_status attempt_once(const hf_worker_backend *backend, const hf_attempt_request *attempt,
                              uint64_t *latency_ns, hf_error *err)
{
    hf_worker_reply reply = {.command = HF_WORKER_ATTEMPT};
    const hf_attempt_result *result = &reply.result;
    const hf_status status = backend->attempt(backend->board, attempt, &reply);
    *err = reply.error;
    if (status == HF_OK)
        *latency_ns =
            (uint64_t)((double)result->samples[0].cycles * 1e9 / (result->clock_hz ? result->clock_hz : 1));
    hf_worker_reply_clear(&reply);
    return status;
}

/* Runs one sample; retries if the connection to the board failed. */
static hf_status measure(const hf_on_board_request *request, const hf_attempt_request *attempt,
                         uint64_t *latency_ns, hf_error *err)
{
    const hf_worker_backend *backend = request->backend;
    hf_status status = HF_ECANCELLED;
    for (int i = 0; i < HF_ON_BOARD_ATTEMPTS; i++) {
        status = attempt_once(backend, attempt, latency_ns, err);
        if (status == HF_OK || status == HF_ECANCELLED || err->fault == HF_FAULT_JOB ||
            err->fault == HF_FAULT_FARM || err->lasting != HF_TRANSIENT)
            break;
        if (err->fault == HF_FAULT_AGENT) { /* the agent holds the board for us no longer */
            backend->close(backend->board);
            status = open_board(request, err);
            if (status != HF_OK)
                break;
        }
    }
    return status;
}

static hf_status run_sample(const hf_on_board_request *request, const hf_sample_inputs *inputs,
                            const char *path, int8_t *scratch, hf_on_board_result *out, hf_error *err)
{
    const hf_evaluated_model *model = request->model;
    uint32_t crc32 = 0;
    hf_status status = expected_crc32(model, inputs->values, scratch, &crc32, err);
    if (status != HF_OK)
        return status;
    const hf_attempt_request attempt = {
        .name = model->name,
        .image = model->image.bytes,
        .image_bytes = model->image.size,
        .layer_count = model->image.op_count,
        .input = (const uint8_t *)inputs->values,
        .input_bytes = model->image.input_bytes,
        .input_crc32 = hf_crc32(0, inputs->values, model->image.input_bytes),
        .output_crc32 = crc32,
        .runs = 1,
    };
    hf_error cause = {0};
    uint64_t latency_ns = 0;
    status = measure(request, &attempt, &latency_ns, &cause);
    if (status == HF_OK) {
        out->equal++;
        out->latency_mean_ns += latency_ns; /* the sum until all samples are done */
        return HF_OK;
    }
    /* A rejected image or a broken farm would fail for every other sample too. */
    bool differs = cause.fault == HF_FAULT_JOB && status == HF_EMISMATCH;
    if (status == HF_ECANCELLED || cause.fault == HF_FAULT_FARM || cause.lasting != HF_TRANSIENT ||
        (cause.fault == HF_FAULT_JOB && !differs))
        return hf_error_pass(err, &cause);
    *(differs ? &out->different : &out->failed) += 1;
    if (!out->message[0])
        snprintf(out->message, sizeof out->message, "%.200s: %.300s", path, cause.message);
    return HF_OK;
}

static hf_status run_all(const hf_on_board_request *request, hf_on_board_result *out, hf_error *err)
{
    hf_sample_reading reading = request->reading;
    reading.input = &request->model->graph->tensors[request->model->graph->input];
    int8_t *scratch = malloc(request->model->image.output_bytes);
    if (!scratch)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for an output tensor");
    hf_status status = HF_OK;
    for (uint32_t i = 0; status == HF_OK && i < out->asked; i++) {
        uint32_t index = request->samples[hf_dataset_spread(i, out->asked, request->sample_count)];
        const hf_dataset_sample *sample = &request->dataset->samples[index];
        hf_sample_inputs inputs = {0};
        status = hf_dataset_read(request->dataset, sample, &reading, &inputs, err);
        if (status == HF_OK)
            status = run_sample(request, &inputs, sample->path, scratch, out, err);
        free(inputs.values);
        if (status == HF_OK && request->progress)
            request->progress(request->progress_user, i + 1, out->asked);
    }
    free(scratch);
    return status;
}

hf_status hf_on_board(const hf_on_board_request *request, hf_on_board_result *out, hf_error *err)
{
    hf_on_board_result result = {
        .asked = request->wanted < request->sample_count ? request->wanted : request->sample_count,
        .modelled = request->modelled,
    };
    hf_error cause = {0};
    snprintf(result.board, sizeof result.board, "%s", request->board);
    snprintf(result.chip, sizeof result.chip, "%s", request->chip);
    hf_status status = open_board(request, &cause);
    if (status != HF_OK && status != HF_ECANCELLED)
        hf_error_context(&cause, HF_FAULT_NONE, "board %s", request->board);
    if (status != HF_OK)
        (void)hf_error_pass(err, &cause);
    else
        status = run_all(request, &result, err);
    request->backend->close(request->backend->board);
    if (status != HF_OK)
        return status;
    if (result.equal)
        result.latency_mean_ns /= result.equal;
    *out = result;
    return HF_OK;
}
