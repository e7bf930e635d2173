/* SPDX-License-Identifier: Apache-2.0 */
/* An evaluation as JSON (FORMATS.md). */
#include <jansson.h>
#include <stdlib.h>

#include "evaluate/evaluate.h"
#include "evaluate/verify_on_board.h"

/* File names may hold any bytes; JSON must be UTF-8. */
static json_t *text_json(const char *text)
{
    json_t *value = json_string(text);
    if (value)
        return value;
    hf_buffer clean = HF_BUFFER_INIT;
    for (; *text; text++)
        if ((unsigned char)*text < 0x80)
            hf_buffer_putc(&clean, *text);
        else
            hf_buffer_puts(&clean, "\xef\xbf\xbd");
    value = json_string(hf_buffer_text(&clean));
    hf_buffer_free(&clean);
    return value;
}

static json_t *estimate_json(const hf_estimate *estimate)
{
    if (!estimate->has_value)
        return json_null();
    return json_pack("{s:f, s:o, s:o}", "value", estimate->value, "low_95",
                     estimate->has_interval ? json_real(estimate->low) : json_null(), "high_95",
                     estimate->has_interval ? json_real(estimate->high) : json_null());
}

static json_t *confusion_json(const hf_evaluation *e)
{
    json_t *rows = json_array();
    for (uint32_t t = 0; t < e->class_count; t++) {
        json_t *row = json_array();
        for (uint32_t p = 0; p < e->class_count; p++)
            json_array_append_new(row,
                                  json_integer((json_int_t)e->confusion[(size_t)t * e->class_count + p]));
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *per_class_json(const hf_dataset *dataset, const hf_evaluation *e)
{
    json_t *list = json_array();
    for (uint32_t c = 0; c < e->class_count; c++) {
        const hf_class_figures *f = &e->per_class[c];
        const hf_estimate recall = hf_wilson(f->right, f->samples),
                          precision = hf_wilson(f->right, f->predicted);
        json_array_append_new(
            list, json_pack("{s:o, s:I, s:I, s:I, s:o, s:o}", "class", text_json(dataset->classes[c]),
                            "samples", (json_int_t)f->samples, "right", (json_int_t)f->right, "predicted",
                            (json_int_t)f->predicted, "recall", estimate_json(&recall), "precision",
                            estimate_json(&precision)));
    }
    return list;
}

static json_t *agreement_json(const hf_agreement *a)
{
    return json_pack("{s:o, s:I, s:o, s:o, s:I, s:I, s:I}", "model", text_json(a->other), "compared",
                     (json_int_t)a->compared, "same_class", estimate_json(&a->same), "top1",
                     estimate_json(&a->other_top1), "both_right", (json_int_t)a->both_right,
                     "only_first_right", (json_int_t)a->only_first_right, "only_other_right",
                     (json_int_t)a->only_other_right);
}

static json_t *board_json(const hf_on_board_result *board)
{
    json_t *object = json_pack("{s:o, s:s, s:b, s:I, s:I, s:I, s:I}", "board", text_json(board->board),
                               "chip", board->chip, "modelled", (int)board->modelled, "asked",
                               (json_int_t)board->asked, "equal", (json_int_t)board->equal, "different",
                               (json_int_t)board->different, "failed", (json_int_t)board->failed);
    json_object_set_new(object, "latency_mean_ns",
                        board->latency_mean_ns ? json_integer((json_int_t)board->latency_mean_ns)
                                               : json_null());
    json_object_set_new(object, "message", board->message[0] ? text_json(board->message) : json_null());
    return object;
}

static json_t *whole_json(const hf_evaluated_model *model, const hf_dataset *dataset, const char *data_path,
                          const hf_evaluation *e, const hf_evaluation_extras *extras)
{
    bool classes = e->kind == HF_EVALUATION_CLASSES;
    json_t *names = json_array(), *messages = json_array();
    for (uint32_t i = 0; i < dataset->class_count; i++)
        json_array_append_new(names, text_json(dataset->classes[i]));
    for (int i = 0; i < HF_EVALUATION_MESSAGES && e->messages[i][0]; i++)
        json_array_append_new(messages, text_json(e->messages[i]));
    json_t *root = json_pack("{s:o, s:b, s:o, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "model",
                             text_json(model->name), "seeded_weights", (int)model->seeded, "data",
                             text_json(data_path), "kind", classes ? "classes" : "anomaly", "classes", names,
                             "samples", (json_int_t)e->available, "chosen", (json_int_t)e->chosen, "scored",
                             (json_int_t)e->scored_count, "unreadable", (json_int_t)e->unreadable,
                             "ignored_files", (json_int_t)dataset->ignored_files, "inferences",
                             (json_int_t)e->inferences, "unreadable_messages", messages);
    json_object_set_new(root, "top1", classes ? estimate_json(&e->top1) : json_null());
    json_object_set_new(root, "k", e->k ? json_integer(e->k) : json_null());
    json_object_set_new(root, "top_k", e->k ? estimate_json(&e->top_k) : json_null());
    json_object_set_new(root, "auc", estimate_json(&e->auc));
    json_object_set_new(root, "auc_classes", json_integer(e->auc_classes));
    json_object_set_new(root, "confusion", e->confusion ? confusion_json(e) : json_null());
    json_object_set_new(root, "mean_error_normal", classes ? json_null() : json_real(e->error_normal));
    json_object_set_new(root, "mean_error_anomaly", classes ? json_null() : json_real(e->error_anomaly));
    json_object_set_new(root, "per_class", e->per_class ? per_class_json(dataset, e) : json_null());
    json_object_set_new(root, "against", extras->agreement ? agreement_json(extras->agreement) : json_null());
    json_object_set_new(root, "on_board", extras->board ? board_json(extras->board) : json_null());
    return root;
}

hf_status hf_evaluation_json(const hf_evaluated_model *model, const hf_dataset *dataset,
                             const char *data_path, const hf_evaluation *evaluation,
                             const hf_evaluation_extras *extras, hf_buffer *out, hf_error *err)
{
    json_t *root = whole_json(model, dataset, data_path, evaluation, extras);
    char *text = root ? json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(root);
    if (!text)
        return HF_FAIL(err, HF_ENOMEM, "no memory to write JSON");
    hf_buffer_puts(out, text);
    hf_buffer_putc(out, '\n');
    free(text);
    return HF_OK;
}
