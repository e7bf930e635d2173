/* SPDX-License-Identifier: Apache-2.0 */
#include "record_training.h"

#include <stdlib.h>
#include <string.h>

#include "train/train.h"

void hf_record_training(const hf_spec_variation *variation, hf_training_row *out)
{
    hf_training_record record;
    hf_training_epoch *epochs = NULL;
    uint32_t count = 0;
    const char *path = variation->kind == HF_SPEC_FAMILY ? variation->weights_path : NULL;
    if (!path || hf_training_record_read(path, &record, NULL) != HF_OK ||
        hf_training_curve_read(path, &epochs, &count, NULL) != HF_OK)
        return;
    out->key = strdup(record.key);
    out->complete = record.complete;
    out->epochs = (int32_t)record.epochs;
    out->seconds = record.seconds;
    out->warning = *record.warning ? strdup(record.warning) : NULL;
    out->curve = count ? calloc(count, sizeof *out->curve) : NULL;
    out->curve_count = out->curve ? count : 0;
    for (size_t i = 0; i < out->curve_count; i++)
        out->curve[i] = (hf_epoch_row){.epoch = (int32_t)epochs[i].epoch,
                                       .loss = epochs[i].loss,
                                       .training_percent = epochs[i].training_percent,
                                       .validation_percent = epochs[i].validation_percent,
                                       .seconds = epochs[i].seconds};
    free(epochs);
}

void hf_clear_training(hf_training_row *training)
{
    free(training->key);
    free(training->warning);
    free(training->curve);
    *training = (hf_training_row){0};
}
