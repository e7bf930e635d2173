/* SPDX-License-Identifier: Apache-2.0 */
#include "report/outputs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "npy/npy.h"
#include "report/c_locale.h"
#include "report/render.h"

bool hf_outputs_chosen(const hf_outputs_choice *choice, const hf_result_row *row)
{
    return row->outcome == HF_RESULT_MEASURED && (!choice->model || strcmp(choice->model, row->name) == 0) &&
           (!choice->chip || strcmp(choice->chip, row->chip) == 0);
}

/* Number of a port among the model's outputs, from 1. */
static int output_number(const hf_result_row *row, int32_t port)
{
    int number = 0;
    for (int32_t i = 0; i <= port; i++)
        number += strcmp(row->ports[i].kind, "output") == 0;
    return number;
}

static uint64_t count_values(const hf_port_row *port)
{
    return (uint64_t)port->height * (uint64_t)port->width * (uint64_t)port->channels;
}

/* Finds the values of an output. @return whether they fit the port */
static bool open_values(const hf_result_row *row, const hf_output_row *output, hf_npy *values)
{
    const hf_port_row *port = &row->ports[output->port];
    const hf_npy_type type = hf_npy_type_find(port->type);
    if (type == HF_NPY_TYPES || output->value_bytes != count_values(port) * hf_npy_type_bytes(type))
        return false;
    *values = (hf_npy){.type = type, .values = output->values, .count = count_values(port)};
    return true;
}

static double real_value(const hf_port_row *port, const hf_npy *values, uint64_t at)
{
    const double value = hf_npy_value(values, at);
    return values->type == HF_NPY_FLOAT32 ? value : port->scale * (value - port->zero_point);
}

static bool is_wanted(const hf_result_row *row, const hf_output_row *output, const hf_outputs_choice *choice)
{
    return choice->output == 0 || output_number(row, output->port) == choice->output;
}

static hf_status damaged(const hf_result_row *row, hf_error *err)
{
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "the outputs of %s on %s do not fit its ports",
                      row->name, row->chip);
}

/* Why there is nothing to write. */
static hf_status nothing_found(const hf_report *report, const hf_outputs_choice *choice, hf_error *err)
{
    bool known = false, measured = false, stored = false;
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        known |= (!choice->model || strcmp(choice->model, row->name) == 0) &&
                 (!choice->chip || strcmp(choice->chip, row->chip) == 0);
        measured |= hf_outputs_chosen(choice, row);
        stored |= row->output_count > 0;
    }
    const char *const model = choice->model ? choice->model : "model";
    if (!known)
        return HF_FAIL(err, HF_ENOTFOUND, "run %" PRId64 " has no %s%s%s", report->run.id, model,
                       choice->chip ? " on " : "", choice->chip ? choice->chip : "");
    if (!measured)
        return HF_FAIL(err, HF_ENOTFOUND, "run %" PRId64 " did not measure %s", report->run.id,
                       choice->model ? model : "any model");
    if (stored)
        return HF_FAIL(err, HF_ENOTFOUND, "%s has no output %d", model, choice->output);
    return HF_FAIL(err, HF_ENOTFOUND, "run %" PRId64 " has no outputs: %s", report->run.id,
                   report->run.trimmed_ms ? "`hilfarm prune` deleted them"
                                          : "they are stored with `measure: {outputs: true}` in the spec");
}

static hf_status put_values(const hf_report *report, const hf_result_row *row, const hf_output_row *output,
                            hf_buffer *out, hf_error *err)
{
    const hf_port_row *port = &row->ports[output->port];
    hf_npy values;
    if (!open_values(row, output, &values))
        return damaged(row, err);
    hf_buffer head = HF_BUFFER_INIT;
    hf_buffer_printf(&head, "%" PRId64 ",", report->run.id);
    hf_buffer_csv(&head, row->name);
    hf_buffer_putc(&head, ',');
    hf_buffer_csv(&head, row->chip);
    hf_buffer_putc(&head, ',');
    hf_buffer_csv(&head, row->board_id);
    hf_buffer_printf(&head, ",%d,%d,%d", output->input + 1, output->step + 1,
                     output_number(row, output->port));
    for (uint64_t i = 0; i < values.count; i++)
        hf_buffer_printf(out, "%s,%" PRIu64 ",%.9g,%.9g\r\n", hf_buffer_text(&head), i,
                         hf_npy_value(&values, i), real_value(port, &values, i));
    out->failed |= head.failed;
    hf_buffer_free(&head);
    return HF_OK;
}

hf_status hf_render_outputs_csv(const hf_report *report, const hf_outputs_choice *choice, hf_buffer *out,
                                hf_error *err)
{
    locale_t before = hf_c_locale_enter();
    hf_status status = HF_OK;
    bool found = false;
    hf_buffer_puts(out, "run,name,chip,board,input,step,output,index,value,real\r\n");
    for (size_t i = 0; i < report->result_count && status == HF_OK; i++) {
        const hf_result_row *row = &report->results[i];
        for (size_t k = 0; hf_outputs_chosen(choice, row) && k < row->output_count && status == HF_OK; k++) {
            if (!is_wanted(row, &row->outputs[k], choice))
                continue;
            found = true;
            status = put_values(report, row, &row->outputs[k], out, err);
        }
    }
    hf_c_locale_leave(before);
    return status == HF_OK && !found ? nothing_found(report, choice, err) : status;
}

/* ---- npy ---- */

/* The only result and output that are chosen. */
static hf_status find_one(const hf_report *report, const hf_outputs_choice *choice, const hf_result_row **row,
                          int32_t *port, hf_error *err)
{
    *row = NULL;
    *port = -1;
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *one = &report->results[i];
        for (size_t k = 0; hf_outputs_chosen(choice, one) && k < one->output_count; k++) {
            if (!is_wanted(one, &one->outputs[k], choice))
                continue;
            if (*row && *row != one)
                return HF_FAIL(err, HF_EINVALID,
                               "an array holds one model on one chip, but %s on %s and %s on %s were "
                               "measured: name one, or write CSV",
                               (*row)->name, (*row)->chip, one->name, one->chip);
            if (*port >= 0 && *port != one->outputs[k].port)
                return HF_FAIL(err, HF_EINVALID,
                               "%s has several outputs: choose one with --number, or write CSV", one->name);
            *row = one;
            *port = one->outputs[k].port;
        }
    }
    return *row ? HF_OK : nothing_found(report, choice, err);
}

static void append_values(const hf_result_row *row, const hf_npy *values, int32_t port, bool real,
                          hf_buffer *out)
{
    if (!real || values->type == HF_NPY_FLOAT32) {
        hf_buffer_append(out, values->values, (size_t)values->count * hf_npy_type_bytes(values->type));
        return;
    }
    for (uint64_t i = 0; i < values->count; i++) {
        const float value = (float)real_value(&row->ports[port], values, i);
        hf_buffer_append(out, &value, sizeof value);
    }
}

hf_status hf_render_outputs_npy(const hf_report *report, const hf_outputs_choice *choice, hf_buffer *out,
                                hf_error *err)
{
    const hf_result_row *row = NULL;
    int32_t port = -1;
    hf_status status = find_one(report, choice, &row, &port, err);
    hf_buffer all = HF_BUFFER_INIT;
    hf_npy array = {.rank = 4};
    for (size_t k = 0; status == HF_OK && row && k < row->output_count; k++) {
        hf_npy values;
        if (row->outputs[k].port != port)
            continue;
        if (!open_values(row, &row->outputs[k], &values)) {
            status = damaged(row, err);
            break;
        }
        append_values(row, &values, port, choice->real, &all);
        array.type = choice->real ? HF_NPY_FLOAT32 : values.type;
        array.shape[0]++;
    }
    if (status == HF_OK && row) {
        const hf_port_row *of = &row->ports[port];
        array.shape[1] = (uint64_t)of->height;
        array.shape[2] = (uint64_t)of->width;
        array.shape[3] = (uint64_t)of->channels;
        array.values = (const uint8_t *)all.data;
        if (!all.failed)
            hf_npy_write(&array, out);
        out->failed |= all.failed;
    }
    hf_buffer_free(&all);
    return status;
}
