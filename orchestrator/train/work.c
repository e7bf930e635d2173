/* SPDX-License-Identifier: Apache-2.0 */
#include "work.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "evaluate/evaluate.h"
#include "families/families.h"
#include "guessing.h"
#include "job_file.h"
#include "lesson_files.h"
#include "record.h"
#include "result_file.h"
#include "tflite/tflite.h"
#include "train_code_digest.h"

hf_quant hf_training_input_quant(const hf_training_work *work)
{
    return hf_pixels_quant(&work->data->pixels, work->graph->tensors[work->graph->input].channels);
}

/* ---- What identifies a training ---- */

static hf_status make_job(hf_training_work *work, hf_error *err)
{
    const hf_quant input = hf_training_input_quant(work);
    json_t *graph = hf_training_graph_json(work->graph, err);
    json_t *recipe = hf_training_recipe_json(work->item->recipe);
    work->job = json_pack("{s:i, s:o, s:o, s:f, s:i}", "version", 1, "graph", graph, "recipe", recipe,
                          "input_scale", (double)input.scale, "input_zero_point", (int)input.zero_point);
    return work->job ? HF_OK : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a training");
}

/* @param digest "" if there is nothing to learn from */
static hf_status digest_lesson(const char *path, char digest[HF_SHA256_HEX_SIZE], hf_error *err)
{
    uint64_t size = 0;
    digest[0] = '\0';
    return path ? hf_sha256_file(path, digest, &size, err) : HF_OK;
}

static hf_status make_key(hf_training_work *work, hf_error *err)
{
    const hf_training_set *set = work->data;
    const hf_spec_training *recipe = work->item->recipe;
    char teacher[HF_SHA256_HEX_SIZE], from[HF_SHA256_HEX_SIZE];
    hf_status status = digest_lesson(recipe->teacher_path, teacher, err);
    if (status == HF_OK)
        status = digest_lesson(recipe->from_path, from, err);
    if (status != HF_OK)
        return status;
    json_t *all =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:O}", "code", HF_TRAIN_CODE_DIGEST, "data",
                  set->data_digest, "test", set->test_digest, "pixels", recipe->pixels ? recipe->pixels : "",
                  "teacher", teacher, "from", from, "job", work->job);
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

hf_status hf_training_work_init(hf_training_sets *sets, const hf_training_item *item, uint32_t index,
                                hf_training_work *out, hf_error *err)
{
    hf_training_work work = {.item = item, .index = index, .lock = -1};
    hf_status status = hf_training_sets_get(sets, item->recipe, &work.data, err);
    if (status == HF_OK)
        status = hf_variation_build(item->variation, &work.graph, err);
    if (status == HF_OK)
        status = make_job(&work, err);
    if (status == HF_OK)
        status = make_key(&work, err);
    if (status == HF_OK &&
        asprintf(&work.folder, "%s/.training/%.16s", item->recipe->models_dir, work.key) < 0)
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
    if (work->lock >= 0)
        close(work->lock);
    *work = (hf_training_work){.lock = -1};
}

/* ---- The trainer's folder ---- */

/* Samples are the same for all variations with one input: they are kept beside the trainings, and linked. */
static hf_status provide_samples(hf_training_work *work, const hf_dataset *dataset, const char *digest,
                                 const char *name, const char *data_path, hf_error *err)
{
    hf_tensor input = work->graph->tensors[work->graph->input];
    const uint32_t classes = (uint32_t)hf_tensor_bytes(&work->graph->tensors[work->graph->output]);
    const hf_spec_training *recipe = work->item->recipe;
    char *kept = NULL, *link_path = NULL, description[512], code[HF_SHA256_HEX_SIZE];
    snprintf(description, sizeof description, "%s %d %d %d %s", digest, (int)input.height, (int)input.width,
             (int)input.channels, recipe->pixels ? recipe->pixels : "");
    hf_sha256_hex(description, strlen(description), code);
    if (asprintf(&kept, "%s/.training/%.16s.samples", recipe->models_dir, code) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a path");
    if (asprintf(&link_path, "%s/%s", work->folder, name) < 0) {
        free(kept);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a path");
    }
    input.quant = hf_training_input_quant(work);
    hf_status status = HF_OK;
    hf_left_out left_out = {0};
    if (access(kept, R_OK) != 0)
        status =
            hf_training_write_samples(kept, dataset, &input, &work->data->pixels, classes, &left_out, err);
    if (left_out.count)
        snprintf(work->warning, sizeof work->warning,
                 "%u of the %u samples of %s cannot be read and %s left out, the first: %s", left_out.count,
                 dataset->sample_count, data_path, left_out.count == 1 ? "is" : "are", left_out.first);
    if (status == HF_OK && ((unlink(link_path) != 0 && errno != ENOENT) || link(kept, link_path) != 0))
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "%s: %s", link_path, strerror(errno));
    free(kept);
    free(link_path);
    return status;
}

/* Keeps other processes away from the folder until the work is freed. */
static hf_status lock_folder(hf_training_work *work, hf_error *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/lock", work->folder) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a path");
    hf_status status = HF_OK;
    work->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (work->lock < 0)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "%s: %s", path, strerror(errno));
    else if (flock(work->lock, LOCK_EX | LOCK_NB) != 0)
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EBUSY, "another hilfarm trains it at this moment");
    free(path);
    return status;
}

static hf_status write_job(const hf_training_work *work, hf_error *err)
{
    (void)json_object_set_new(work->job, "until",
                              json_integer(work->item->until_epoch)); /* without it, the trainer complains */
    char *path = NULL, *text = json_dumps(work->job, JSON_REAL_PRECISION(17));
    hf_status status = HF_OK;
    if (!text || asprintf(&path, "%s/job.json", work->folder) < 0)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a training");
    if (status == HF_OK)
        status = hf_file_write(path, text, strlen(text), err);
    free(path);
    free(text);
    return status;
}

hf_status hf_training_work_prepare(hf_training_work *work, hf_error *err)
{
    hf_training_set *set = work->data;
    hf_status status = hf_training_set_open(set, err);
    if (status == HF_OK)
        status = hf_make_dirs(work->folder, err);
    if (status == HF_OK)
        status = lock_folder(work, err);
    const hf_spec_training *recipe = work->item->recipe;
    if (status == HF_OK && recipe->teacher_path)
        status = hf_training_write_lesson(work->folder, "teacher", recipe->teacher_path, err);
    if (status == HF_OK && recipe->from_path)
        status = hf_training_write_lesson(work->folder, "from", recipe->from_path, err);
    if (status == HF_OK) /* before samples: a folder with a job is not cleaned up */
        status = write_job(work, err);
    if (status == HF_OK)
        status = provide_samples(work, &set->data, set->data_digest, "train.samples", recipe->data_path, err);
    if (status == HF_OK && recipe->test_path)
        status = provide_samples(work, &set->test, set->test_digest, "test.samples", recipe->test_path, err);
    return status;
}

/* Whether a folder holds trainings that have begun and not ended: those with a job. */
static bool has_unfinished(const char *folder)
{
    DIR *entries = opendir(folder);
    bool has = false;
    for (const struct dirent *entry; entries && !has && (entry = readdir(entries));) {
        char job[PATH_MAX];
        has = *entry->d_name != '.' &&
              snprintf(job, sizeof job, "%s/%s/job.json", folder, entry->d_name) < (int)sizeof job &&
              access(job, F_OK) == 0;
    }
    if (entries)
        closedir(entries);
    return has;
}

void hf_training_clean_up(const hf_spec_training *recipe)
{
    char *folder = NULL;
    if (asprintf(&folder, "%s/.training", recipe->models_dir) < 0)
        return;
    if (!has_unfinished(folder))
        (void)hf_remove_tree(folder, NULL); /* a leftover does no harm */
    free(folder);
}

/* ---- The result ---- */

/* Top-1 of a file's bytes on the test set, with the engine that the boards run. */
static hf_status score(const hf_training_work *work, const uint8_t *bytes, size_t size, double *percent,
                       hf_error *err)
{
    hf_graph *graph = NULL;
    hf_evaluated_model model = {0};
    hf_evaluation evaluation = {0};
    const hf_evaluate_options options = {.reading = {.pixels = work->data->pixels}};
    hf_status status = hf_tflite_read(work->item->name, bytes, size, &graph, err);
    if (status == HF_OK)
        status = hf_evaluated_model_from_graph(work->item->name, graph, &model, err);
    if (status == HF_OK)
        status = hf_evaluate(&model, &work->data->test, &options, &evaluation, err);
    if (status == HF_OK && evaluation.top1.has_value)
        *percent = 100 * evaluation.top1.value;
    hf_evaluation_free(&evaluation);
    hf_evaluated_model_free(&model);
    return status;
}

/* Whether it has learnt nothing, by what is known best. */
static void describe_guessing(const hf_training_work *work, hf_training_record *record)
{
    const hf_training_set *set = work->data;
    if (record->int8_percent >= 0)
        hf_training_describe_guessing(record->int8_percent, &set->test, 1, "test", record->warning,
                                      sizeof record->warning);
    else
        hf_training_describe_guessing(record->validation_percent, &set->data,
                                      work->item->recipe->validation_share, "validation", record->warning,
                                      sizeof record->warning);
}

hf_status hf_training_work_finish(hf_training_work *work, const json_t *history, bool is_scored,
                                  hf_training_record *record, hf_error *err)
{
    hf_training_result result = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    char *path = NULL;
    if (asprintf(&path, "%s/result", work->folder) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a path");
    hf_status status =
        hf_training_result_read(path, work->key, hf_training_input_quant(work), work->graph, &result, err);
    free(path);
    if (status == HF_OK)
        status = hf_tflite_write(work->graph, &bytes, &size, err);
    record->float_percent = result.float_percent;
    record->int8_percent = -1;
    record->epochs = (uint32_t)result.epochs;
    memcpy(record->key, work->key, sizeof record->key);
    if (status == HF_OK && is_scored && work->item->recipe->test_path)
        status = score(work, bytes, size, &record->int8_percent, err);
    if (record->complete)
        describe_guessing(work, record);
    if (status == HF_OK)
        status = hf_training_record_write(work->item->tflite_path, bytes, size, record,
                                          json_object_get(work->job, "recipe"), history, err);
    free(bytes);
    if (status == HF_OK && record->complete)
        status = hf_remove_tree(work->folder, err);
    return status;
}
