/* SPDX-License-Identifier: Apache-2.0 */
#include "score_samples.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "host_engine.h"

#define MAX_THREADS 256

/* Work that threads share. Each takes the next sample until there are none, or one of them has failed. */
typedef struct shared_work {
    const hf_scoring *scoring;
    hf_sample_reading reading;
    pthread_mutex_t mutex; /* guards the members below; held while progress is reported */
    uint32_t next, done;
    uint32_t failed_at; /* position of the first sample that failed; its error is kept */
    hf_error error;
} shared_work;

/* Mean squared difference between the dequantised input and output. */
static double reconstruction_error(const hf_graph *graph, const int8_t *input, const int8_t *output,
                                   uint32_t count)
{
    hf_quant in = graph->tensors[graph->input].quant, out = graph->tensors[graph->output].quant;
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        double difference =
            (double)in.scale * (input[i] - in.zero_point) - (double)out.scale * (output[i] - out.zero_point);
        sum += difference * difference;
    }
    return sum / count;
}

/* @param output receives the output tensor of the last inference */
static hf_status score_inputs(const hf_evaluated_model *model, uint8_t *arena, const hf_sample_inputs *inputs,
                              int8_t *output, hf_sample_score *score, hf_error *err)
{
    const uint32_t in_bytes = model->image.input_bytes;
    double sum = 0;
    for (uint32_t i = 0; i < inputs->count; i++) {
        const int8_t *input = inputs->values + (size_t)i * in_bytes;
        hf_status status = hf_evaluated_model_run_in(model, arena, input, output, err);
        if (status != HF_OK)
            return status;
        score->inferences++;
        if (model->image.output_bytes == in_bytes)
            sum += reconstruction_error(model->graph, input, output, in_bytes);
    }
    score->error = sum / inputs->count;
    return HF_OK;
}

/* @param window an output tensor to work with, for autoencoders */
static hf_status score_sample(const shared_work *work, uint32_t position, uint8_t *arena, int8_t *window,
                              hf_error *err)
{
    const hf_scoring *s = work->scoring;
    const hf_dataset_sample *sample = &s->dataset->samples[s->samples[position]];
    hf_sample_score *score = &s->scores[position];
    hf_sample_inputs inputs = {0};
    hf_error cause = {0};
    const bool classes = s->kind == HF_EVALUATION_CLASSES;
    hf_status status = hf_dataset_read(s->dataset, sample, &work->reading, &inputs, &cause);
    if (status == HF_OK && inputs.count > 1 && classes)
        status = HF_FAIL_AS(&cause, HF_FAULT_NONE, HF_EFORMAT,
                            "%s: several windows, but the model is not an autoencoder", sample->path);
    if (status == HF_OK) {
        int8_t *output = classes ? s->outputs + (size_t)position * s->model->image.output_bytes : window;
        status = score_inputs(s->model, arena, &inputs, output, score, err);
    } else if (status == HF_ENOMEM || !(score->unreadable = strdup(cause.message))) {
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "%s", cause.message);
    } else {
        status = HF_OK;
    }
    free(inputs.values);
    return status;
}

/* @return false: nothing is left to do */
static bool take_next(shared_work *work, uint32_t *position)
{
    pthread_mutex_lock(&work->mutex);
    const bool taken = work->next < work->scoring->count && work->error.status == HF_OK;
    if (taken)
        *position = work->next++;
    pthread_mutex_unlock(&work->mutex);
    return taken;
}

/* Samples are taken in order, so of those that fail the first one is always among those taken. */
static void finish(shared_work *work, uint32_t position, const hf_error *error)
{
    const hf_evaluate_options *options = work->scoring->options;
    pthread_mutex_lock(&work->mutex);
    work->done++;
    if (error->status != HF_OK && position < work->failed_at) {
        work->failed_at = position;
        work->error = *error;
    } else if (error->status == HF_OK && options->progress) {
        options->progress(options->progress_user, work->done, work->scoring->count);
    }
    pthread_mutex_unlock(&work->mutex);
}

static void *score_some(void *argument)
{
    shared_work *work = argument;
    const hf_evaluated_model *model = work->scoring->model;
    uint8_t *arena = hf_evaluated_model_arena_new(model);
    int8_t *window = malloc(model->image.output_bytes);
    for (uint32_t position; take_next(work, &position);) {
        hf_error error = {0};
        if (!arena || !window)
            (void)HF_FAIL_AS(&error, HF_FAULT_NONE, HF_ENOMEM, "no memory for an inference");
        else
            (void)score_sample(work, position, arena, window, &error); /* in error */
        finish(work, position, &error);
    }
    free(window);
    free(arena);
    return NULL;
}

static uint32_t thread_count(uint32_t samples)
{
    cpu_set_t cpus;
    uint32_t count = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? (uint32_t)CPU_COUNT(&cpus) : 1;
    count = count < MAX_THREADS ? count : MAX_THREADS;
    return count < samples ? count : samples;
}

hf_status hf_score_samples(const hf_scoring *scoring, hf_error *err)
{
    shared_work work = {
        .scoring = scoring, .reading = scoring->options->reading, .failed_at = scoring->count};
    work.reading.input = &scoring->model->graph->tensors[scoring->model->graph->input];
    pthread_mutex_init(&work.mutex, NULL);
    pthread_t threads[MAX_THREADS];
    const uint32_t wanted = thread_count(scoring->count);
    uint32_t started = 0;
    while (started + 1 < wanted && pthread_create(&threads[started], NULL, score_some, &work) == 0)
        started++;
    score_some(&work); /* this thread too, and alone if there can be no others */
    for (uint32_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&work.mutex);
    if (work.error.status != HF_OK && err)
        *err = work.error;
    return work.error.status;
}
