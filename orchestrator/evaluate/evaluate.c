/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/evaluate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score_samples.h"

#define MAX_SCORES_BYTES ((size_t)1 << 30)

/* Collected from the samples; all owned. */
typedef struct scores {
    int8_t *outputs;  /* classes: the output tensors, concatenated */
    uint32_t *labels; /* of the scored samples */
    double *errors;   /* anomaly: mean squared error */
    bool *positive;
} scores;

static void scores_free(scores *s)
{
    free(s->outputs);
    free(s->labels);
    free(s->errors);
    free(s->positive);
}

static bool is_anomaly_name(const char *name)
{
    return strcmp(name, "anomaly") == 0 || strcmp(name, "abnormal") == 0 || strcmp(name, "anomalous") == 0;
}

hf_status hf_evaluation_choose_kind(const char *name, uint64_t inputs, uint64_t outputs,
                                    const hf_dataset *dataset, hf_evaluation_kind *out, hf_error *err)
{
    if (outputs == dataset->class_count && outputs >= 2)
        *out = HF_EVALUATION_CLASSES;
    else if (outputs == inputs && dataset->class_count == 2)
        *out = HF_EVALUATION_ANOMALY;
    else
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID,
                          "%s has %llu outputs, but the data set has %u classes%s", name,
                          (unsigned long long)outputs, (unsigned)dataset->class_count,
                          dataset->kind != HF_DATASET_TENSORS && dataset->class_count < outputs
                              ? ": name all of them, in the model's order, in labels.txt next to the samples"
                              : "");
    return HF_OK;
}

static hf_status allocate(hf_evaluation *e, uint32_t outputs, scores *s, hf_error *err)
{
    size_t n = e->chosen;
    bool classes = e->kind == HF_EVALUATION_CLASSES;
    if (classes && n * outputs > MAX_SCORES_BYTES)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ELIMIT,
                          "%zu samples of %u scores exceed the memory limit: use --limit", n,
                          (unsigned)outputs);
    e->scored = calloc(n, sizeof *e->scored);
    s->labels = calloc(n, sizeof *s->labels);
    s->outputs = calloc(classes ? n : 1, outputs);
    s->errors = classes ? NULL : calloc(n, sizeof *s->errors);
    s->positive = calloc(n, sizeof *s->positive);
    if (classes && e->class_count <= HF_EVALUATION_CONFUSION_MAX)
        e->confusion = calloc((size_t)e->class_count * e->class_count, sizeof *e->confusion);
    e->per_class = classes ? calloc(e->class_count, sizeof *e->per_class) : NULL;
    if (e->scored && s->labels && s->outputs && (classes ? e->per_class != NULL : s->errors != NULL) &&
        s->positive && (!classes || e->class_count > HF_EVALUATION_CONFUSION_MAX || e->confusion))
        return HF_OK;
    return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory to score %zu samples", n);
}

/* Keeps the samples that could be read, in their order. */
static void keep_scores(const hf_scoring *scoring, hf_evaluation *e, scores *s)
{
    const size_t out_bytes = scoring->model->image.output_bytes;
    for (uint32_t i = 0; i < scoring->count; i++) {
        const hf_sample_score *score = &scoring->scores[i];
        if (score->unreadable) {
            if (e->unreadable < HF_EVALUATION_MESSAGES)
                snprintf(e->messages[e->unreadable], sizeof e->messages[0], "%s", score->unreadable);
            e->unreadable++;
            continue;
        }
        const uint32_t to = e->scored_count++, label = scoring->dataset->samples[scoring->samples[i]].label;
        if (e->kind == HF_EVALUATION_CLASSES)
            memmove(s->outputs + to * out_bytes, s->outputs + i * out_bytes, out_bytes);
        else
            s->errors[to] = score->error;
        s->labels[to] = label;
        s->positive[to] = label == e->positive_class;
        e->scored[to] = scoring->samples[i];
        e->inferences += score->inferences;
    }
}

static hf_status score_all(const hf_evaluated_model *model, const hf_dataset *dataset,
                           const hf_evaluate_options *options, const uint32_t *order, hf_evaluation *e,
                           scores *s, hf_error *err)
{
    uint32_t *samples = calloc((size_t)e->chosen + 1, sizeof *samples);
    const hf_scoring scoring = {.model = model,
                                .dataset = dataset,
                                .options = options,
                                .kind = e->kind,
                                .samples = samples,
                                .count = e->chosen,
                                .scores = calloc((size_t)e->chosen + 1, sizeof *scoring.scores),
                                .outputs = s->outputs};
    hf_status status = HF_OK;
    if (!samples || !scoring.scores)
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory to score %u samples", e->chosen);
    for (uint32_t i = 0; status == HF_OK && i < e->chosen; i++)
        samples[i] = order[hf_dataset_spread(i, e->chosen, e->available)];
    if (status == HF_OK)
        status = hf_score_samples(&scoring, err);
    if (status == HF_OK)
        keep_scores(&scoring, e, s);
    for (uint32_t i = 0; scoring.scores && i < e->chosen; i++)
        free(scoring.scores[i].unreadable);
    free(scoring.scores);
    free(samples);
    if (status != HF_OK || e->scored_count)
        return status;
    return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "no sample of %u can be read; the first: %s",
                      (unsigned)e->chosen, e->messages[0]);
}

static hf_status compute_class_metrics(hf_evaluation *e, const scores *s, hf_error *err)
{
    uint64_t hits = 0, hits_k = 0;
    uint32_t classes = e->class_count;
    for (uint32_t i = 0; i < e->scored_count; i++) {
        const int8_t *output = s->outputs + (size_t)i * classes;
        uint32_t predicted = hf_top_class(output, classes), label = s->labels[i];
        hits += predicted == label;
        e->per_class[label].samples++;
        e->per_class[label].right += predicted == label;
        e->per_class[predicted].predicted++;
        hits_k += e->k && hf_in_top(output, classes, label, e->k);
        if (e->confusion)
            e->confusion[(size_t)label * classes + predicted]++;
    }
    e->top1 = hf_wilson(hits, e->scored_count);
    if (e->k)
        e->top_k = hf_wilson(hits_k, e->scored_count);
    if (classes > 2)
        return hf_auc_macro(s->outputs, s->labels, e->scored_count, classes, &e->auc, &e->auc_classes, err);
    double *of_class_1 = calloc((size_t)e->scored_count + 1, sizeof *of_class_1);
    if (!of_class_1)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for %u scores",
                          (unsigned)e->scored_count);
    for (uint32_t i = 0; i < e->scored_count; i++)
        of_class_1[i] = s->outputs[(size_t)i * 2 + 1];
    hf_status status = hf_auc(of_class_1, s->positive, e->scored_count, &e->auc, err);
    e->auc_classes = e->auc.has_value;
    free(of_class_1);
    return status;
}

static hf_status compute_anomaly_metrics(hf_evaluation *e, const scores *s, hf_error *err)
{
    uint32_t anomalies = 0;
    for (uint32_t i = 0; i < e->scored_count; i++) {
        anomalies += s->positive[i];
        *(s->positive[i] ? &e->error_anomaly : &e->error_normal) += s->errors[i];
    }
    if (anomalies)
        e->error_anomaly /= anomalies;
    if (anomalies < e->scored_count)
        e->error_normal /= e->scored_count - anomalies;
    hf_status status = hf_auc(s->errors, s->positive, e->scored_count, &e->auc, err);
    e->auc_classes = e->auc.has_value;
    return status;
}

hf_status hf_evaluate(const hf_evaluated_model *model, const hf_dataset *dataset,
                      const hf_evaluate_options *options, hf_evaluation *out, hf_error *err)
{
    hf_evaluation e = {
        .available = dataset->sample_count, .chosen = dataset->sample_count, .k = options->top_k};
    scores s = {0};
    if (options->limit && options->limit < e.chosen)
        e.chosen = options->limit;
    e.class_count = dataset->class_count;
    hf_status status = hf_evaluation_choose_kind(model->name, model->image.input_bytes,
                                                 model->image.output_bytes, dataset, &e.kind, err);
    e.positive_class = e.kind == HF_EVALUATION_ANOMALY && is_anomaly_name(dataset->classes[0]) ? 0 : 1;
    if (status == HF_OK && e.k && (e.kind != HF_EVALUATION_CLASSES || e.k < 2 || e.k > e.class_count))
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID,
                            "top-%u: expected 2 to %u, the classes of a classifier", (unsigned)e.k,
                            (unsigned)e.class_count);
    if (status == HF_OK)
        status = allocate(&e, model->image.output_bytes, &s, err);
    uint32_t *order = status == HF_OK ? hf_dataset_by_class(dataset) : NULL;
    if (status == HF_OK)
        status = order ? score_all(model, dataset, options, order, &e, &s, err)
                       : HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory to order %u samples",
                                    (unsigned)e.available);
    free(order);
    if (status == HF_OK)
        status = e.kind == HF_EVALUATION_CLASSES ? compute_class_metrics(&e, &s, err)
                                                 : compute_anomaly_metrics(&e, &s, err);
    if (status == HF_OK && e.kind == HF_EVALUATION_CLASSES) {
        e.outputs = s.outputs;
        s.outputs = NULL;
    }
    scores_free(&s);
    if (status == HF_OK)
        *out = e;
    else
        hf_evaluation_free(&e);
    return status;
}

void hf_evaluation_free(hf_evaluation *evaluation)
{
    if (!evaluation)
        return;
    free(evaluation->scored);
    free(evaluation->confusion);
    free(evaluation->per_class);
    free(evaluation->outputs);
    *evaluation = (hf_evaluation){0};
}
