/* SPDX-License-Identifier: Apache-2.0 */
/* Reads one sample of a data set as input tensors: an image, or the windows of a .bin file. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "datasets/dataset.h"

const char *hf_bin_type_name(hf_bin_type type)
{
    static const char *const names[] = {"default", "u8", "i8", "f32"};
    return (unsigned)type < sizeof names / sizeof names[0] ? names[type] : "unknown";
}

hf_bin_type hf_dataset_bin_type(const hf_sample_reading *how, const hf_dataset_sample *sample)
{
    if (how->bin != HF_BIN_DEFAULT)
        return how->bin;
    if (sample->window_bytes)
        return HF_BIN_F32;
    return how->input->quant.zero_point == -128 ? HF_BIN_U8 : HF_BIN_I8;
}

static float little_endian_float(const uint8_t *bytes)
{
    uint32_t bits =
        (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void convert(const uint8_t *from, size_t count, hf_bin_type type, hf_quant quant, int8_t *to)
{
    for (size_t i = 0; i < count; i++) {
        if (type == HF_BIN_F32)
            to[i] = hf_quantise((double)little_endian_float(from + 4 * i), quant);
        else /* flipping the top bit subtracts 128 */
            to[i] = (int8_t)(type == HF_BIN_U8 ? from[i] ^ 0x80 : from[i]);
    }
}

/* The number of windows in a file; 0, with *err set, on failure. */
static uint32_t count_windows(const hf_dataset_sample *sample, size_t size, size_t tensor_bytes,
                              hf_error *err)
{
    if (!sample->window_bytes) {
        if (size == tensor_bytes)
            return 1;
        (void)HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%zu bytes, but the model's input takes %zu", size,
                         tensor_bytes);
        return 0;
    }
    if (sample->window_bytes != tensor_bytes) {
        (void)HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT,
                         "windows of %u bytes, but the model's input takes %zu",
                         (unsigned)sample->window_bytes, tensor_bytes);
        return 0;
    }
    if (size < tensor_bytes) {
        (void)HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%zu bytes, less than one window of %zu", size,
                         tensor_bytes);
        return 0;
    }
    size_t count = (size - tensor_bytes) / sample->stride_bytes + 1;
    if (count <= HF_DATASET_MAX_WINDOWS)
        return (uint32_t)count;
    (void)HF_FAIL_AS(err, HF_FAULT_NONE, HF_ELIMIT, "%zu windows: expected at most %u", count,
                     (unsigned)HF_DATASET_MAX_WINDOWS);
    return 0;
}

static hf_status read_tensors(const uint8_t *bytes, size_t size, const hf_dataset_sample *sample,
                              const hf_sample_reading *how, hf_sample_inputs *out, hf_error *err)
{
    hf_bin_type type = hf_dataset_bin_type(how, sample);
    size_t values = (size_t)hf_tensor_bytes(how->input), width = type == HF_BIN_F32 ? 4 : 1;
    if (type == HF_BIN_F32 && !(how->input->quant.scale > 0))
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "the model's input has no quantisation");
    uint32_t count = count_windows(sample, size, values * width, err);
    if (!count)
        return HF_EFORMAT;
    if ((uint64_t)count * values > HF_GRAPH_MAX_TENSOR_BYTES)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ELIMIT, "%u windows of %zu values are too many",
                          (unsigned)count, values);
    int8_t *tensors = malloc(count * values);
    if (!tensors)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for %u windows", (unsigned)count);
    for (uint32_t i = 0; i < count; i++)
        convert(bytes + (size_t)i * sample->stride_bytes, values, type, how->input->quant,
                tensors + i * values);
    *out = (hf_sample_inputs){.values = tensors, .count = count};
    return HF_OK;
}

static hf_status read_image(const uint8_t *bytes, size_t size, const hf_sample_reading *how,
                            hf_sample_inputs *out, hf_error *err)
{
    hf_picture picture = {0};
    hf_status status = hf_picture_decode(bytes, size, &picture, err);
    if (status != HF_OK)
        return status;
    int8_t *tensor = malloc((size_t)hf_tensor_bytes(how->input));
    status = tensor ? hf_picture_to_tensor(&picture, how->input, &how->pixels, tensor, err)
                    : HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for an input tensor");
    hf_picture_free(&picture);
    if (status == HF_OK)
        *out = (hf_sample_inputs){.values = tensor, .count = 1};
    else
        free(tensor);
    return status;
}

/* An element of an array: real numbers in the model's shape, or a picture. */
static hf_status read_element(const hf_dataset_array *array, size_t index, const hf_sample_reading *how,
                              hf_sample_inputs *out, hf_error *err)
{
    const hf_tensor *input = how->input;
    const size_t values = (size_t)array->height * array->width * array->channels;
    int8_t *tensor = malloc((size_t)hf_tensor_bytes(input));
    hf_status status = HF_OK;
    if (!tensor) {
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for an input tensor");
    } else if (!array->is_float) {
        const hf_picture picture = {.pixels = array->values + index * values,
                                    .width = array->width,
                                    .height = array->height,
                                    .channels = array->channels};
        status = hf_picture_to_tensor(&picture, input, &how->pixels, tensor, err);
    } else if (values != (size_t)hf_tensor_bytes(input)) {
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT,
                            "samples of %zu real numbers, but the model's input takes %lld", values,
                            (long long)hf_tensor_bytes(input));
    } else if (!(input->quant.scale > 0)) {
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "the model's input has no quantisation");
    } else {
        const float *reals = (const float *)(const void *)array->values + index * values;
        for (size_t i = 0; i < values; i++)
            tensor[i] = hf_quantise((double)reals[i], input->quant);
    }
    if (status == HF_OK)
        *out = (hf_sample_inputs){.values = tensor, .count = 1};
    else
        free(tensor);
    return status;
}

hf_status hf_dataset_read(const hf_dataset *dataset, const hf_dataset_sample *sample,
                          const hf_sample_reading *how, hf_sample_inputs *out, hf_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_error cause = {0};
    if (dataset->kind == HF_DATASET_ARRAY)
        return read_element(&dataset->array, (size_t)(sample - dataset->samples), how, out, err);
    hf_status status = hf_file_read(sample->path, HF_PICTURE_MAX_FILE_BYTES, &bytes, &size, &cause);
    if (status == HF_OK) {
        status = dataset->kind == HF_DATASET_IMAGES ? read_image(bytes, size, how, out, &cause)
                                                    : read_tensors(bytes, size, sample, how, out, &cause);
        hf_error_context(&cause, HF_FAULT_NONE, "%s", sample->path);
    }
    free(bytes);
    if (status != HF_OK && err && err->status == HF_OK)
        *err = cause;
    return status;
}
