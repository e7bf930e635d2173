/* SPDX-License-Identifier: Apache-2.0 */
/* The predictions of a classifier as CSV. */
#include <limits.h>

#include "evaluate/evaluate.h"

static void put_sample(const hf_dataset *dataset, uint32_t sample, const int8_t *output, hf_quant quant,
                       hf_buffer *out)
{
    char name[PATH_MAX + 16];
    hf_buffer_csv(out, hf_dataset_sample_name(dataset, sample, name, sizeof name));
    hf_buffer_putc(out, ',');
    hf_buffer_csv(out, dataset->classes[dataset->samples[sample].label]);
    hf_buffer_putc(out, ',');
    hf_buffer_csv(out, dataset->classes[hf_top_class(output, dataset->class_count)]);
    for (uint32_t c = 0; c < dataset->class_count; c++)
        hf_buffer_printf(out, ",%.6g", (double)quant.scale * (output[c] - quant.zero_point));
    hf_buffer_putc(out, '\n');
}

hf_status hf_predictions_csv(const hf_evaluated_model *model, const hf_dataset *dataset,
                             const hf_evaluation *evaluation, hf_buffer *out, hf_error *err)
{
    if (!evaluation->outputs)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID,
                          "predictions need a classifier, %s is an autoencoder", model->name);
    hf_buffer_puts(out, "sample,label,predicted");
    for (uint32_t c = 0; c < dataset->class_count; c++) {
        hf_buffer_putc(out, ',');
        hf_buffer_csv(out, dataset->classes[c]);
    }
    hf_buffer_putc(out, '\n');
    const hf_quant quant = model->graph->tensors[model->graph->output].quant;
    for (uint32_t i = 0; i < evaluation->scored_count; i++)
        put_sample(dataset, evaluation->scored[i], evaluation->outputs + (size_t)i * dataset->class_count,
                   quant, out);
    if (out->failed)
        return HF_FAIL(err, HF_ENOMEM, "no memory for the predictions");
    return HF_OK;
}
