/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

const char *hf_tflite_type_name(uint8_t type)
{
    static const char *const names[] = {"float32", "float16",    "int32",  "uint8",     "int64",
                                        "string",  "bool",       "int16",  "complex64", "int8",
                                        "float64", "complex128", "uint64", "resource",  "variant",
                                        "uint32",  "uint16",     "int4",   "bfloat16"};
    return type < sizeof names / sizeof *names ? names[type] : "unknown";
}

int32_t hf_tflite_value_bytes(uint8_t type)
{
    return type == TYPE_INT16 ? 2 : type == TYPE_INT32 ? 4 : 1;
}

static hf_status read_shape(hf_tflite *tflite, hf_flat_table table, hf_tflite_tensor *tensor)
{
    hf_flat_vector shape = hf_flat_subvector(&tflite->file, table, TENSOR_SHAPE, 4);
    hf_status status = hf_tflite_check(tflite);
    if (status)
        return status;
    if (shape.count > HF_TFLITE_MAX_RANK)
        return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED, "%u dimensions, at most %d are supported",
                           shape.count, HF_TFLITE_MAX_RANK);
    tensor->rank = shape.count;
    for (uint32_t i = 0; i < shape.count; i++) {
        tensor->shape[i] = hf_flat_i32_at(&tflite->file, shape, i);
        if (tensor->shape[i] < 1 || tensor->shape[i] > HF_GRAPH_MAX_DIMENSION)
            return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED, "dimension %u is %d, expected 1 .. %d", i,
                               tensor->shape[i], HF_GRAPH_MAX_DIMENSION);
    }
    return HF_OK;
}

static hf_status read_data(hf_tflite *tflite, hf_flat_table table, hf_tflite_tensor *tensor)
{
    hf_flat_file *file = &tflite->file;
    uint32_t buffer = (uint32_t)hf_flat_i32(file, table, TENSOR_BUFFER, 0);
    tensor->data = (hf_flat_vector){0};
    if (buffer == 0)
        return HF_OK;
    if (buffer >= tflite->buffers.count)
        return TENSOR_FAIL(tflite, tensor, HF_EFORMAT, "data in buffer %u, but the model has %u buffers",
                           buffer, tflite->buffers.count);
    hf_flat_table buffer_table = hf_flat_table_at(file, tflite->buffers, buffer);
    tensor->data = hf_flat_subvector(file, buffer_table, BUFFER_DATA, 1);
    if (hf_flat_u64(file, buffer_table, BUFFER_OFFSET, 0) > 1)
        return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED,
                           "data stored outside the flatbuffer, expected inside it");
    return HF_OK;
}

static hf_status read_quantization(hf_tflite *tflite, hf_flat_table table, hf_tflite_tensor *tensor)
{
    hf_flat_file *file = &tflite->file;
    hf_flat_table quant = hf_flat_subtable(file, table, TENSOR_QUANTIZATION);
    tensor->scales = hf_flat_subvector(file, quant, QUANT_SCALE, 4);
    tensor->zero_points = hf_flat_subvector(file, quant, QUANT_ZERO_POINT, 8);
    tensor->quantized_dimension = hf_flat_i32(file, quant, QUANT_DIMENSION, 0);
    if (hf_flat_u8(file, quant, QUANT_DETAILS_TYPE, 0) != 0)
        return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED,
                           "custom quantisation, expected scales and zero points");
    return HF_OK;
}

hf_status hf_tflite_tensor_read(hf_tflite *tflite, int32_t index, const char *role, hf_tflite_tensor *out)
{
    if (index < 0 || (uint32_t)index >= tflite->tensors.count)
        return TFLITE_FAIL(tflite, HF_EFORMAT, "%s is tensor %d, but the model has %u tensors", role, index,
                           tflite->tensors.count);
    hf_flat_table table = hf_flat_table_at(&tflite->file, tflite->tensors, (uint32_t)index);
    *out = (hf_tflite_tensor){
        .role = role, .index = index, .type = hf_flat_u8(&tflite->file, table, TENSOR_TYPE, TYPE_FLOAT32)};
    hf_status status;
    if ((status = read_shape(tflite, table, out)) || (status = read_data(tflite, table, out)) ||
        (status = read_quantization(tflite, table, out)))
        return status;
    bool variable = hf_flat_u8(&tflite->file, table, TENSOR_IS_VARIABLE, 0) != 0;
    bool sparse = hf_flat_has(&tflite->file, table, TENSOR_SPARSITY);
    if ((status = hf_tflite_check(tflite)))
        return status;
    out->variable = variable;
    if (sparse)
        return TENSOR_FAIL(tflite, out, HF_EUNSUPPORTED, "sparse tensors are not supported");
    return HF_OK;
}

static hf_status check_scale(hf_tflite *tflite, const hf_tflite_tensor *tensor, float scale)
{
    if (!(scale > 0.0f) || !isfinite(scale))
        return TENSOR_FAIL(tflite, tensor, HF_EFORMAT, "scale %g, expected a positive number", (double)scale);
    return HF_OK;
}

hf_status hf_tflite_quant(hf_tflite *tflite, const hf_tflite_tensor *tensor, hf_quant *out)
{
    const bool is_unsigned = tensor->type == TYPE_UINT8;
    if (tensor->type != TYPE_INT8 && tensor->type != TYPE_INT16 && !is_unsigned)
        return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED, "type %s, expected int8",
                           hf_tflite_type_name(tensor->type));
    if (tensor->scales.count != 1 || tensor->zero_points.count > 1)
        return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED, "%u scales and %u zero points, expected one each",
                           tensor->scales.count, tensor->zero_points.count);
    float scale = hf_flat_f32_at(&tflite->file, tensor->scales, 0);
    int64_t zero_point =
        tensor->zero_points.count ? hf_flat_i64_at(&tflite->file, tensor->zero_points, 0) : 0;
    hf_status status = hf_tflite_check(tflite);
    if (status || (status = check_scale(tflite, tensor, scale)))
        return status;
    if (tensor->type == TYPE_INT16 && zero_point != 0)
        return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED, "int16 with zero point %lld, expected 0",
                           (long long)zero_point);
    const int64_t least = is_unsigned ? 0 : INT8_MIN;
    if (zero_point < least || zero_point > least + UINT8_MAX)
        return TENSOR_FAIL(tflite, tensor, HF_EFORMAT, "zero point %lld, expected %s", (long long)zero_point,
                           is_unsigned ? "0 .. 255" : "-128 .. 127");
    zero_point -= is_unsigned ? 128 : 0;
    *out = (hf_quant){.scale = scale, .zero_point = (int32_t)zero_point};
    return HF_OK;
}

hf_status hf_tflite_activation(hf_tflite *tflite, const hf_tflite_tensor *tensor, hf_tensor *out)
{
    hf_quant quant;
    hf_status status = hf_tflite_quant(tflite, tensor, &quant);
    if (status)
        return status;
    if (tensor->data.count > 0)
        return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED, "constant, expected an activation");
    if (tensor->variable)
        return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED, "variable tensors are not supported");
    const uint32_t rank = tensor->rank;
    int64_t height = 1;
    for (uint32_t d = 0; d + 2 < rank && height <= HF_GRAPH_MAX_DIMENSION; d++)
        height *= tensor->shape[d];
    if (height > HF_GRAPH_MAX_DIMENSION)
        return TENSOR_FAIL(
            tflite, tensor, HF_EUNSUPPORTED,
            "%u dimensions, of which all but the last two have a product above %d, expected at most "
            "%d dimensions",
            rank, HF_GRAPH_MAX_DIMENSION, HF_TFLITE_MAX_RANK);
    const int64_t channels =
        (int64_t)(rank >= 1 ? tensor->shape[rank - 1] : 1) * hf_tflite_value_bytes(tensor->type);
    if (channels > HF_GRAPH_MAX_DIMENSION)
        return TENSOR_FAIL(tflite, tensor, HF_ELIMIT, "%lld bytes of channels, at most %d are supported",
                           (long long)channels, HF_GRAPH_MAX_DIMENSION);
    *out = (hf_tensor){.height = (int32_t)height,
                       .width = rank >= 2 ? tensor->shape[rank - 2] : 1,
                       .channels = (int32_t)channels,
                       .quant = quant};
    return HF_OK;
}

/* Counts the bytes to be copied, because operators that share a buffer could make a small file need any
 * amount of memory. */
hf_status hf_tflite_count_parameters(hf_tflite *tflite, size_t bytes)
{
    if (bytes > HF_TFLITE_MAX_PARAMETER_BYTES - tflite->parameter_bytes)
        return TFLITE_FAIL(tflite, HF_ELIMIT, "more than %zu bytes of weights, scales and biases",
                           HF_TFLITE_MAX_PARAMETER_BYTES);
    tflite->parameter_bytes += bytes;
    return HF_OK;
}

/* Weights and biases are quantised symmetrically. The caller has checked the number of scales against the
 * channels, which bounds the time spent here: many operators may share a long vector of zero points. */
static hf_status check_zero_points(hf_tflite *tflite, const hf_tflite_tensor *tensor)
{
    const uint32_t count = tensor->zero_points.count;
    if (count > 1 && count != tensor->scales.count)
        return TENSOR_FAIL(tflite, tensor, HF_EFORMAT, "%u zero points for %u scales, expected equal numbers",
                           count, tensor->scales.count);
    for (uint32_t i = 0; i < count; i++)
        if (hf_flat_i64_at(&tflite->file, tensor->zero_points, i) != 0)
            return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED,
                               "zero point is not 0, expected symmetric quantisation");
    return hf_tflite_check(tflite);
}

static hf_status check_weights(hf_tflite *tflite, const hf_tflite_tensor *tensor, int32_t channels,
                               int32_t channel_dimension, size_t count)
{
    if (tensor->type != TYPE_INT8 && tensor->type != TYPE_UINT8)
        return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED, "type %s, expected int8",
                           hf_tflite_type_name(tensor->type));
    if (tensor->type == TYPE_UINT8 && tensor->scales.count != 1)
        return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED, "%u scales, expected 1 for uint8",
                           tensor->scales.count);
    if (tensor->data.count == 0)
        return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED, "no data, expected constant weights");
    if (tensor->data.count != count)
        return TENSOR_FAIL(tflite, tensor, HF_EFORMAT, "%u bytes of data, expected %zu for its shape",
                           tensor->data.count, count);
    if (tensor->scales.count != 1 && tensor->scales.count != (uint32_t)channels)
        return TENSOR_FAIL(tflite, tensor, HF_EFORMAT, "%u scales, expected 1 or %d (per channel)",
                           tensor->scales.count, channels);
    if (tensor->scales.count > 1 && tensor->quantized_dimension != channel_dimension)
        return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED,
                           "quantised along dimension %d, expected %d (output channels)",
                           tensor->quantized_dimension, channel_dimension);
    return tensor->type == TYPE_UINT8 ? HF_OK : check_zero_points(tflite, tensor);
}

hf_status hf_tflite_weights(hf_tflite *tflite, const hf_tflite_tensor *tensor, int32_t channels,
                            int32_t channel_dimension, hf_node *node)
{
    uint64_t count = 1; /* cannot overflow: the caller has checked that there are at most 4 dimensions */
    for (uint32_t i = 0; i < tensor->rank; i++)
        count *= (uint64_t)tensor->shape[i];
    hf_status status = check_weights(tflite, tensor, channels, channel_dimension, count);
    if (status)
        return status;
    size_t scale_bytes = (size_t)channels * sizeof(float);
    if ((status = hf_tflite_count_parameters(tflite, count + scale_bytes)))
        return status;
    node->weights = malloc(count);
    node->weight_scales = malloc(scale_bytes); /* not 0: NOLINT(clang-analyzer-optin.portability.UnixAPI) */
    if (!node->weights || !node->weight_scales)
        return TFLITE_FAIL(tflite, HF_ENOMEM, "no memory for %llu weights", (unsigned long long)count);
    memcpy(node->weights, tflite->file.bytes + tensor->data.at, count);
    for (uint64_t i = 0; tensor->type == TYPE_UINT8 && i < count; i++)
        node->weights[i] = (int8_t)(uint8_t)(node->weights[i] ^ 0x80);
    for (int32_t c = 0; c < channels; c++) {
        uint32_t i = tensor->scales.count == 1 ? 0 : (uint32_t)c;
        node->weight_scales[c] = hf_flat_f32_at(&tflite->file, tensor->scales, i);
        if ((status = check_scale(tflite, tensor, node->weight_scales[c])))
            return status;
    }
    return hf_tflite_check(tflite);
}

/* TensorFlow Lite's tolerance: the bias scale may deviate by 2 % of the output scale. */
static hf_status check_bias_scales(hf_tflite *tflite, const hf_tflite_tensor *tensor, int32_t channels,
                                   hf_quant input, hf_quant output, const hf_node *node)
{
    if (tensor->scales.count == 0)
        return HF_OK;
    if (tensor->scales.count != 1 && tensor->scales.count != (uint32_t)channels)
        return TENSOR_FAIL(tflite, tensor, HF_EFORMAT, "%u scales, expected 1 or %d (per channel)",
                           tensor->scales.count, channels);
    for (int32_t c = 0; c < channels; c++) {
        float scale =
            hf_flat_f32_at(&tflite->file, tensor->scales, tensor->scales.count == 1 ? 0 : (uint32_t)c);
        double expected = (double)input.scale * (double)node->weight_scales[c];
        const double off = fabs((double)scale - expected);
        if (!(off <= 0.02 * (double)output.scale || off <= 1e-6 * expected)) /* 1e-6: float rounding */
            return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED,
                               "scale %g in channel %d, expected input scale x weight scale = %g",
                               (double)scale, c, expected);
    }
    return hf_tflite_check(tflite);
}

hf_status hf_tflite_bias(hf_tflite *tflite, const hf_tflite_tensor *tensor, int32_t channels, hf_quant input,
                         hf_quant output, hf_node *node)
{
    const bool is_long = tensor->type == TYPE_INT64 && node->long_sums;
    size_t bytes = (size_t)channels * (is_long ? sizeof(int64_t) : sizeof(int32_t));
    if (tensor->type != TYPE_INT32 && !is_long)
        return TENSOR_FAIL(tflite, tensor, HF_EUNSUPPORTED, "type %s, expected int32",
                           hf_tflite_type_name(tensor->type));
    if (tensor->data.count != bytes)
        return TENSOR_FAIL(tflite, tensor, HF_EFORMAT, "%u bytes of data, expected %zu for %d channels",
                           tensor->data.count, bytes, channels);
    hf_status status;
    if ((status = check_bias_scales(tflite, tensor, channels, input, output, node)) ||
        (status = check_zero_points(tflite, tensor)) || (status = hf_tflite_count_parameters(tflite, bytes)))
        return status;
    hf_flat_vector values = {.at = tensor->data.at, .count = (uint32_t)channels, .present = true};
    if (is_long) {
        node->long_bias = malloc(bytes);
        if (!node->long_bias)
            return TFLITE_FAIL(tflite, HF_ENOMEM, "no memory for %d biases", channels);
        for (int32_t c = 0; c < channels; c++)
            node->long_bias[c] = hf_flat_i64_at(&tflite->file, values, (uint32_t)c);
        return hf_tflite_check(tflite);
    }
    node->bias = malloc(bytes);
    if (!node->bias)
        return TFLITE_FAIL(tflite, HF_ENOMEM, "no memory for %d biases", channels);
    for (int32_t c = 0; c < channels; c++)
        node->bias[c] = hf_flat_i32_at(&tflite->file, values, (uint32_t)c);
    return hf_tflite_check(tflite);
}
