/* SPDX-License-Identifier: Apache-2.0 */
#include "work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evaluate/evaluate.h"
#include "families/families.h"
#include "job_file.h"
#include "record.h"
#include "result_file.h"
#include "tflite/tflite.h"
#include "train_code_digest.h"

static hf_status digest_or_explain(const char *what, const char *path, char digest[HF_SHA256_HEX_SIZE],
                                   hf_error *err)
{
    hf_error cause = {0};
    hf_status status = hf_dataset_digest(path, digest, &cause);
    if (status != HF_OK)
        (void)HF_FAIL_AS(err, HF_FAULT_NONE, status, "train: %s: %s", what, cause.message);
    return status;
}

hf_status hf_training_set_init(hf_training_set *set, const hf_spec *spec, hf_error *err)
{
    const hf_spec_training *training = &spec->training;
    *set = (hf_training_set){.spec = spec, .pixels = hf_pixels_default()};
    hf_status status = digest_or_explain("data", training->data_path, set->data_digest, err);
    if (status == HF_OK && training->test_path)
        status = digest_or_explain("test", training->test_path, set->test_digest, err);
    if (status == HF_OK && training->pixels)
        status = hf_pixels_parse(training->pixels, &set->pixels, err);
    return status;
}

void hf_training_set_free(hf_training_set *set)
{
    hf_dataset_free(&set->data);
    hf_dataset_free(&set->test);
}

hf_quant hf_training_input_quant(const hf_training_set *set, const hf_training_work *work)
{
    return hf_pixels_quant(&set->pixels, work->graph->tensors[work->graph->input].channels);
}

/* ---- What identifies a training ---- */

static hf_status make_job(const hf_training_set *set, hf_training_work *work, hf_error *err)
{
    const hf_quant input = hf_training_input_quant(set, work);
    json_t *graph = hf_training_graph_json(work->graph, err);
    json_t *recipe = hf_training_recipe_json(&set->spec->training);
    work->job = json_pack("{s:i, s:o, s:o, s:f, s:i}", "version", 1, "graph", graph, "recipe", recipe,
                          "input_scale", (double)input.scale, "input_zero_point", (int)input.zero_point);
    return work->job ? HF_OK : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a training");
}

static hf_status make_key(const hf_training_set *set, hf_training_work *work, hf_error *err)
{
    const char *pixels = set->spec->training.pixels;
    json_t *all =
        json_pack("{s:s, s:s, s:s, s:s, s:O}", "code", HF_TRAIN_CODE_DIGEST, "data", set->data_digest, "test",
                  set->test_digest, "pixels", pixels ? pixels : "", "job", work->job);
    char *text = all ? json_dumps(all, JSON_SORT_KEYS | JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(all);
    if (!text)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a training");
    hf_sha256_hex(text, strlen(text), work->key);
    free(text);
    return json_object_set_new(work->job, "key", json_string(work->key)) == 0
               ? HF_OK
               : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a training");
}

hf_status hf_training_work_init(const hf_training_set *set, uint32_t index, hf_training_work *out,
                                hf_error *err)
{
    hf_training_work work = {.variation = &set->spec->variations[index], .index = index};
    hf_status status = hf_variation_build(&work.variation->variation, &work.graph, err);
    if (status == HF_OK)
        status = make_job(set, &work, err);
    if (status == HF_OK)
        status = make_key(set, &work, err);
    if (status == HF_OK &&
        asprintf(&work.folder, "%s/.training/%.16s", set->spec->training.models_dir, work.key) < 0)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a path");
    if (status == HF_OK)
        *out = work;
    else
        hf_training_work_free(&work);
    return status;
}

void hf_training_work_free(hf_training_work *work)
{
    hf_graph_free(work->graph);
    json_decref(work->job);
    free(work->folder);
    *work = (hf_training_work){0};
}

/* ---- The trainer's folder ---- */

static hf_status open_data(hf_training_set *set, hf_error *err)
{
    const hf_spec_training *training = &set->spec->training;
    if (set->is_open)
        return HF_OK;
    hf_status status = hf_dataset_open(training->data_path, &set->data, err);
    if (status == HF_OK && training->test_path)
        status = hf_dataset_open(training->test_path, &set->test, err);
    set->is_open = status == HF_OK;
    return status;
}

/* Samples are the same for all variations with one input: they are kept beside the trainings, and linked. */
static hf_status provide_samples(const hf_training_set *set, const hf_training_work *work,
                                 const hf_dataset *dataset, const char *digest, const char *name,
                                 hf_error *err)
{
    hf_tensor input = work->graph->tensors[work->graph->input];
    const uint32_t classes = (uint32_t)hf_tensor_bytes(&work->graph->tensors[work->graph->output]);
    const char *pixels = set->spec->training.pixels;
    char *kept = NULL, *link_path = NULL, description[512], code[HF_SHA256_HEX_SIZE];
    snprintf(description, sizeof description, "%s %d %d %d %s", digest, (int)input.height, (int)input.width,
             (int)input.channels, pixels ? pixels : "");
    hf_sha256_hex(description, strlen(description), code);
    if (asprintf(&kept, "%s/.training/%.16s.samples", set->spec->training.models_dir, code) < 0 ||
        asprintf(&link_path, "%s/%s", work->folder, name) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a path");
    input.quant = hf_training_input_quant(set, work);
    hf_status status = HF_OK;
    if (access(kept, R_OK) != 0)
        status = hf_training_write_samples(kept, dataset, &input, &set->pixels, classes, err);
    if (status == HF_OK && ((unlink(link_path) != 0 && errno != ENOENT) || link(kept, link_path) != 0))
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "%s: %s", link_path, strerror(errno));
    free(kept);
    free(link_path);
    return status;
}

hf_status hf_training_work_prepare(hf_training_set *set, const hf_training_work *work, uint32_t until_epoch,
                                   hf_error *err)
{
    (void)json_object_set_new(work->job, "until", json_integer(until_epoch)); /* the trainer misses it */
    char *path = NULL, *text = json_dumps(work->job, JSON_REAL_PRECISION(17));
    hf_status status = open_data(set, err);
    if (status == HF_OK)
        status = hf_make_dirs(work->folder, err);
    if (status == HF_OK)
        status = provide_samples(set, work, &set->data, set->data_digest, "train.samples", err);
    if (status == HF_OK && set->spec->training.test_path)
        status = provide_samples(set, work, &set->test, set->test_digest, "test.samples", err);
    if (status == HF_OK && (!text || asprintf(&path, "%s/job.json", work->folder) < 0))
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a training");
    if (status == HF_OK)
        status = hf_file_write(path, text, strlen(text), err);
    free(path);
    free(text);
    return status;
}

/* ---- The result ---- */

/* Top-1 of a file's bytes on the test set, with the engine that the boards run. */
static hf_status score(const hf_training_set *set, const hf_training_work *work, const uint8_t *bytes,
                       size_t size, double *percent, hf_error *err)
{
    hf_graph *graph = NULL;
    hf_evaluated_model model = {0};
    hf_evaluation evaluation = {0};
    const hf_evaluate_options options = {.reading = {.pixels = set->pixels}};
    hf_status status = hf_tflite_read(work->variation->name, bytes, size, &graph, err);
    if (status == HF_OK)
        status = hf_evaluated_model_from_graph(work->variation->name, graph, &model, err);
    if (status == HF_OK)
        status = hf_evaluate(&model, &set->test, &options, &evaluation, err);
    if (status == HF_OK && evaluation.top1.has_value)
        *percent = 100 * evaluation.top1.value;
    hf_evaluation_free(&evaluation);
    hf_evaluated_model_free(&model);
    return status;
}

hf_status hf_training_work_finish(hf_training_set *set, hf_training_work *work, const json_t *history,
                                  hf_training_record *record, hf_error *err)
{
    hf_training_result result = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    char *path = NULL;
    if (asprintf(&path, "%s/result", work->folder) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a path");
    hf_status status = hf_training_result_read(path, work->key, hf_training_input_quant(set, work),
                                               work->graph, &result, err);
    free(path);
    if (status == HF_OK)
        status = hf_tflite_write(work->graph, &bytes, &size, err);
    record->float_percent = result.float_percent;
    record->int8_percent = -1;
    record->epochs = (uint32_t)result.epochs;
    memcpy(record->key, work->key, sizeof record->key);
    if (status == HF_OK && set->spec->training.test_path)
        status = score(set, work, bytes, size, &record->int8_percent, err);
    if (status == HF_OK)
        status = hf_training_record_write(work->variation->weights_path, bytes, size, record,
                                          json_object_get(work->job, "recipe"), history, err);
    free(bytes);
    if (status == HF_OK && record->complete)
        status = hf_remove_tree(work->folder, err);
    return status;
}
