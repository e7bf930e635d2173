/* SPDX-License-Identifier: Apache-2.0 */
#include "input_files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "graph/ports.h"

bool hf_input_file_is_npy(const char *path)
{
    const size_t length = strlen(path);
    return length >= 4 && strcmp(path + length - 4, ".npy") == 0;
}

static hf_status read_file(hf_input_values *v, size_t *size, hf_error *err)
{
    hf_status status = hf_file_read(v->path, HF_SPEC_INPUT_MAX_BYTES, &v->file, size, err);
    if (status != HF_OK || !hf_input_file_is_npy(v->path))
        return status;
    status = hf_npy_parse(v->file, *size, &v->array, err);
    hf_error_context(err, HF_FAULT_NONE, "%s", v->path);
    return status;
}

/* Whether the values of an array can become those of an input: its own type; float, which is quantised; or, of a float
 * input, the quantised values. */
static bool type_fits(const hf_input_values *v)
{
    const char *type = hf_npy_type_name(v->array.type);
    const bool is_float = v->array.type == HF_NPY_FLOAT32 || v->array.type == HF_NPY_FLOAT64;
    const bool quantised =
        strcmp(v->port.type, "float32") == 0 &&
        strcmp(type, (size_t)v->port.bytes == hf_port_values(&v->port) ? "int8" : "int16") == 0;
    return strcmp(type, v->port.type) == 0 || is_float || quantised;
}

/* How many inputs the file of one of the model's inputs holds. */
static hf_status count_values(const hf_input_values *v, size_t size, size_t raw_bytes, uint64_t *count,
                              hf_error *err)
{
    const uint64_t values = hf_port_values(&v->port);
    if (v->array.values && !type_fits(v))
        return HF_FAIL(
            err, HF_EINVALID,
            "%s has values of type %s, but the input is %s: expected %s, or float32, which is quantised",
            v->path, hf_npy_type_name(v->array.type), v->port.type, v->port.type);
    if (v->array.values && (v->array.count == 0 || v->array.count % values))
        return HF_FAIL(err, HF_EINVALID, "%s has %llu values, expected %llu (%dx%dx%d) for each input",
                       v->path, (unsigned long long)v->array.count, (unsigned long long)values,
                       v->port.height, v->port.width, v->port.channels);
    if (!v->array.values && (size == 0 || raw_bytes == 0 || size % raw_bytes))
        return HF_FAIL(err, HF_EINVALID, "%s has %zu bytes, expected %zu for each input (%s %dx%dx%d%s)",
                       v->path, size, raw_bytes, v->port.type, v->port.height, v->port.width,
                       v->port.channels,
                       raw_bytes > hf_port_own_bytes(&v->port) ? " and the model's other inputs" : "");
    *count = v->array.values ? v->array.count / values : size / raw_bytes;
    return HF_OK;
}

/* One file with all inputs of the model. */
static hf_status read_whole(const hf_spec_input *input, hf_input_files *out, hf_error *err)
{
    size_t size = 0, bytes = 0;
    for (uint32_t i = 0; i < out->value_count; i++)
        bytes += hf_port_own_bytes(&out->values[i].port);
    hf_input_values *first = &out->values[0];
    first->path = input->paths[0];
    hf_status status = read_file(first, &size, err);
    if (status == HF_OK && first->array.values && out->value_count > 1)
        status = HF_FAIL(err, HF_EINVALID,
                         "%s is one array, but the model has %u inputs: expected a list of %u files",
                         first->path, out->value_count, out->value_count);
    if (status == HF_OK)
        status = count_values(first, size, bytes, &out->count, err);
    const uint8_t *at = first->file;
    for (uint32_t i = 0; i < out->value_count && status == HF_OK; i++) {
        out->values[i].path = first->path;
        out->values[i].raw = at;
        out->values[i].raw_stride = bytes;
        at += hf_port_own_bytes(&out->values[i].port);
    }
    return status;
}

/* A file for each input of the model. */
static hf_status read_each(const hf_spec_input *input, hf_input_files *out, hf_error *err)
{
    hf_status status = HF_OK;
    for (uint32_t i = 0; i < out->value_count && status == HF_OK; i++) {
        hf_input_values *v = &out->values[i];
        size_t size = 0;
        uint64_t count = 0;
        v->path = input->paths[i];
        v->raw_stride = hf_port_own_bytes(&v->port);
        status = read_file(v, &size, err);
        if (status == HF_OK)
            status = count_values(v, size, v->raw_stride, &count, err);
        v->raw = v->file;
        if (status == HF_OK && i > 0 && count != out->count)
            status = HF_FAIL(err, HF_EINVALID, "%s has %llu inputs, but %s has %llu", v->path,
                             (unsigned long long)count, out->values[0].path, (unsigned long long)out->count);
        out->count = count;
    }
    return status;
}

hf_status hf_input_files_read(const hf_graph *graph, const hf_spec_input *input, hf_input_files *out,
                              hf_error *err)
{
    *out = (hf_input_files){0};
    const int32_t ports = hf_ports_count(graph);
    out->values = calloc((size_t)ports, sizeof *out->values);
    if (!out->values)
        return HF_FAIL(err, HF_ENOMEM, "no memory for the inputs of %s", graph->name);
    for (int32_t i = 0; i < ports; i++) {
        const hf_model_port port = hf_ports_get(graph, i);
        if (port.kind == HF_MODEL_INPUT)
            out->values[out->value_count++].port = port;
    }
    if (out->value_count == 0)
        return HF_FAIL(err, HF_EINVALID, "%s has no input", graph->name);
    if (input->path_count == 1)
        return read_whole(input, out, err);
    if (input->path_count == out->value_count)
        return read_each(input, out, err);
    return HF_FAIL(err, HF_EINVALID, "%s and %u more files for one input, but the model has %u input%s",
                   input->paths[0], input->path_count - 1, out->value_count,
                   out->value_count == 1 ? "" : "s");
}

static hf_status not_a_number(const hf_input_values *v, hf_error *err)
{
    return HF_FAIL(err, HF_EINVALID, "%s has a value that is not a number", v->path);
}

static hf_status get_raw(const hf_input_values *v, uint64_t at, int8_t *tensor, hf_error *err)
{
    const uint8_t *own = v->raw + at * v->raw_stride;
    for (size_t i = 0; strcmp(v->port.type, "float32") == 0 && i < hf_port_values(&v->port); i++) {
        float value;
        memcpy(&value, own + i * sizeof value, sizeof value);
        if (isnan(value))
            return not_a_number(v, err);
    }
    hf_port_import(&v->port, own, tensor);
    return HF_OK;
}

static hf_status get_array(const hf_input_values *v, uint64_t at, int8_t *tensor, hf_error *err)
{
    const size_t values = hf_port_values(&v->port);
    const size_t value_bytes = hf_npy_type_bytes(v->array.type);
    const uint8_t *own = v->array.values + at * values * value_bytes;
    if (v->array.type != HF_NPY_FLOAT32 && v->array.type != HF_NPY_FLOAT64) {
        if (strcmp(v->port.type, "float32") == 0)
            memcpy(tensor + v->port.offset, own, (size_t)v->port.bytes);
        else
            hf_port_import(&v->port, own, tensor);
        return HF_OK;
    }
    for (size_t i = 0; i < values; i++) {
        const double value = hf_npy_value(&v->array, at * values + i);
        if (isnan(value))
            return not_a_number(v, err);
        hf_port_quantise(&v->port, (float)value, i, tensor);
    }
    return HF_OK;
}

hf_status hf_input_files_get(const hf_input_files *files, uint64_t at, int8_t *tensor, hf_error *err)
{
    hf_status status = HF_OK;
    for (uint32_t i = 0; i < files->value_count && status == HF_OK; i++) {
        const hf_input_values *v = &files->values[i];
        status = v->array.values ? get_array(v, at, tensor, err) : get_raw(v, at, tensor, err);
    }
    return status;
}

void hf_input_files_free(hf_input_files *files)
{
    for (uint32_t i = 0; i < files->value_count; i++)
        free(files->values[i].file);
    free(files->values);
    *files = (hf_input_files){0};
}
