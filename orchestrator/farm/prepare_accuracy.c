/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/evaluate.h"
#include "prepare_steps.h"

static void keep_estimate(const hf_estimate *estimate, const char *of, hf_prepared *out)
{
    if (!estimate->has_value)
        return;
    out->has_accuracy = true;
    out->accuracy_percent = 100 * estimate->value;
    out->accuracy_low_percent = estimate->has_interval ? 100 * estimate->low : out->accuracy_percent;
    out->accuracy_high_percent = estimate->has_interval ? 100 * estimate->high : out->accuracy_percent;
    out->accuracy_of = of;
}

hf_status hf_prepare_accuracy(const hf_prepare_request *request, hf_graph *graph, hf_prepared *out,
                              hf_error *err)
{
    hf_evaluated_model model = {0};
    hf_dataset dataset = {0};
    hf_evaluation evaluation = {0};
    hf_evaluate_options options = {.reading = {.pixels = hf_pixels_default()}};
    hf_status status = hf_evaluated_model_from_graph(request->source.name, graph, &model, err);
    if (status == HF_OK && request->pixels)
        status = hf_pixels_parse(request->pixels, &options.reading.pixels, err);
    if (status == HF_OK)
        status = hf_dataset_open(request->data_path, &dataset, err);
    if (status == HF_OK)
        status = hf_evaluate(&model, &dataset, &options, &evaluation, err);
    if (status == HF_OK && evaluation.unreadable)
        status = HF_FAIL(err, HF_EINVALID, "%u sample%s of %s cannot be read, the first: %s",
                         evaluation.unreadable, evaluation.unreadable == 1 ? "" : "s", request->data_path,
                         evaluation.messages[0]);
    if (status == HF_OK && evaluation.kind == HF_EVALUATION_CLASSES)
        keep_estimate(&evaluation.top1, "top-1", out);
    else if (status == HF_OK)
        keep_estimate(&evaluation.auc, "AUC", out);
    hf_evaluation_free(&evaluation);
    hf_evaluated_model_free(&model);
    hf_dataset_free(&dataset);
    return status;
}
