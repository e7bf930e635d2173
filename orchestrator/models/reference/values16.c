/* SPDX-License-Identifier: Apache-2.0 */
/* Functions, pools and reductions of 16-bit values. */
#include "graph/values16.h"

#include <math.h>

#include "graph/fixed_point.h"
#include "graph/quantize.h"
#include "reference/node.h"
#include "sigmoid16.h"

/* ---- Of two values ---- */

static int32_t combine(const hf_binary16_rule *rule, hf_binary function, int32_t a, int32_t b)
{
    if (function == HF_BINARY_MAXIMUM)
        return a > b ? a : b;
    if (function == HF_BINARY_MINIMUM)
        return a < b ? a : b;
    if (function == HF_BINARY_MUL)
        return hf_requantize(a * b, rule->multiplier[2], rule->shift[2]);
    const int32_t left =
        hf_requantize(hf_wrapping_shl(a, rule->left_shift), rule->multiplier[0], rule->shift[0]);
    const int32_t right =
        hf_requantize(hf_wrapping_shl(b, rule->left_shift), rule->multiplier[1], rule->shift[1]);
    const uint32_t sum =
        function == HF_BINARY_ADD ? (uint32_t)left + (uint32_t)right : (uint32_t)left - (uint32_t)right;
    const uint32_t result = function == HF_BINARY_SQUARED_DIFFERENCE ? sum * sum : sum;
    return hf_requantize((int32_t)result, rule->multiplier[2], rule->shift[2]);
}

hf_status hf_reference_binary16(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const bool constant = node->op == HF_OP_BINARY16_CONST;
    const hf_tensor *other = &call->graph->tensors[node->inputs[node->input_count - 1]];
    const hf_quant first = call->in->quant;
    const hf_quant second = constant ? node->constant_quant : other->quant;
    const int8_t *values = constant ? node->operand : call->inputs[1];
    const int32_t rows = constant ? node->operand_shape[0] : other->height;
    const int32_t columns = constant ? node->operand_shape[1] : other->width;
    const int32_t channels = (constant ? node->operand_shape[2] : other->channels) / 2;
    hf_binary16_rule rule;
    if (!values)
        return HF_FAIL(err, HF_EINVALID, "%s: its constant is missing", node->name);
    hf_status status = hf_binary16_rule_init(node, node->reversed ? second : first,
                                             node->reversed ? first : second, call->out->quant, &rule, err);
    int64_t at = 0;
    for (int32_t y = 0; y < call->in->height && !status; y++)
        for (int32_t x = 0; x < call->in->width; x++)
            for (int32_t c = 0; c < call->in->channels / 2; c++, at++) {
                const int32_t a = hf_value16(call->inputs[0], at);
                const int32_t b = hf_value16(
                    values, ((int64_t)(y % rows) * columns + x % columns) * channels + c % channels);
                const int32_t value =
                    combine(&rule, node->function, node->reversed ? b : a, node->reversed ? a : b);
                hf_set_value16(call->output, at, hf_clamp(value, rule.min, rule.max));
            }
    return status;
}

/* ---- Of one value ---- */

static int32_t apply(const hf_sigmoid16 *sigmoid, const hf_node *node, const hf_function16_rule *rule,
                     int32_t x)
{
    if (node->function16 == HF_FUNCTION16_LOGISTIC)
        return hf_sigmoid16_logistic(sigmoid, x, rule->multiplier[0], rule->shift[0]);
    if (node->function16 == HF_FUNCTION16_TANH)
        return hf_sigmoid16_tanh(sigmoid, x, rule->multiplier[0], rule->shift[0]);
    return hf_requantize(x, rule->multiplier[x >= 0], rule->shift[x >= 0]);
}

hf_status hf_reference_function16(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const int64_t values = hf_tensor_bytes(call->in) / node->in_bytes;
    hf_sigmoid16 sigmoid;
    hf_function16_rule rule;
    hf_status status = hf_function16_rule_init(call->graph, node, &rule, err);
    hf_sigmoid16_init(&sigmoid);
    for (int64_t i = 0; i < values && !status; i++) {
        const int32_t x = node->in_bytes == 2 ? hf_value16(call->inputs[0], i) : call->inputs[0][i];
        const int32_t made = apply(&sigmoid, node, &rule, x - call->in->quant.zero_point);
        const int32_t value = hf_clamp(made + call->out->quant.zero_point, rule.min, rule.max);
        if (node->out_bytes == 2)
            hf_set_value16(call->output, i, value);
        else
            call->output[i] = (int8_t)value;
    }
    return status;
}

/* ---- Of many values ---- */

static int32_t pool(const hf_reference_call *call, const hf_window *rows, const hf_window *columns, int32_t c)
{
    const int32_t channels = call->in->channels / 2;
    const int64_t count = (int64_t)(rows->end - rows->begin) * (columns->end - columns->begin);
    int64_t sum = 0;
    int32_t largest = INT16_MIN;
    for (int32_t y = rows->begin; y < rows->end; y++)
        for (int32_t x = columns->begin; x < columns->end; x++) {
            const int64_t position = (int64_t)(rows->origin + y) * call->in->width + columns->origin + x;
            const int32_t value = hf_value16(call->inputs[0], position * channels + c);
            sum += value;
            largest = value > largest ? value : largest;
        }
    if (call->node->reduction == HF_REDUCTION_MAXIMUM)
        return largest;
    return (int32_t)((sum > 0 ? sum + count / 2 : sum - count / 2) / count);
}

/* The average of bytes as of uint8: the nearest, halves upwards. */
static int8_t average_uint8(const hf_reference_call *call, const hf_window *rows, const hf_window *columns,
                            int32_t c)
{
    const int64_t count = (int64_t)(rows->end - rows->begin) * (columns->end - columns->begin);
    int64_t sum = 0;
    for (int32_t y = rows->begin; y < rows->end; y++)
        for (int32_t x = columns->begin; x < columns->end; x++) {
            const int64_t position = (int64_t)(rows->origin + y) * call->in->width + columns->origin + x;
            sum += (uint8_t)call->inputs[0][position * call->in->channels + c] ^ 0x80;
        }
    return (int8_t)(uint8_t)(((sum + count / 2) / count) ^ 0x80);
}

hf_status hf_reference_pool16(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const bool bytes = node->in_bytes == 1;
    int32_t min, max, top, left;
    int64_t at = 0;
    (void)err;
    hf_activation_range16(node->activation, call->out->quant, bytes ? 1 : 2, &min, &max);
    hf_node_padding(call->graph, node, &top, &left);
    for (int32_t y = 0; y < call->out->height; y++)
        for (int32_t x = 0; x < call->out->width; x++) {
            const hf_window rows =
                hf_window_at(y, node->stride_height, top, node->kernel_height, call->in->height);
            const hf_window columns =
                hf_window_at(x, node->stride_width, left, node->kernel_width, call->in->width);
            for (int32_t c = 0; c < call->in->channels && bytes; c++)
                call->output[at++] = (int8_t)hf_clamp(average_uint8(call, &rows, &columns, c), min, max);
            for (int32_t c = 0; c < call->in->channels / 2 && !bytes; c++)
                hf_set_value16(call->output, at++, hf_clamp(pool(call, &rows, &columns, c), min, max));
        }
    return HF_OK;
}

hf_status hf_reference_reduce16(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const int64_t width = call->in->width;
    const int64_t channels = call->in->channels / 2;
    int32_t multiplier = 0, shift = 0;
    hf_status status = HF_OK;
    if (node->reduction == HF_REDUCTION_MEAN || node->reduction == HF_REDUCTION_SUM)
        status = hf_reduce_multiplier(node, call->in, call->out->quant, &multiplier, &shift, err);
    for (int64_t y = 0; y < call->in->height && !status; y++)
        for (int64_t c = 0; c < channels; c++) {
            uint32_t sum = 0;
            int32_t best = hf_value16(call->inputs[0], y * width * channels + c);
            for (int64_t x = 0; x < width; x++) {
                const int32_t value = hf_value16(call->inputs[0], (y * width + x) * channels + c);
                sum += (uint32_t)value;
                if (node->reduction == HF_REDUCTION_MINIMUM ? value < best : value > best)
                    best = value;
            }
            if (node->reduction == HF_REDUCTION_MEAN || node->reduction == HF_REDUCTION_SUM)
                best = hf_requantize((int32_t)sum, multiplier, shift);
            hf_set_value16(call->output, y * channels + c, hf_clamp(best, INT16_MIN, INT16_MAX));
        }
    return status;
}

/* A value of a table with 512 linear pieces, over the range of 16 bits. */
static int16_t look_up(const int16_t table[513], int64_t value)
{
    const int32_t x = (int32_t)(value < INT16_MIN   ? INT16_MIN
                                : value > INT16_MAX ? INT16_MAX
                                                    : value) -
                      INT16_MIN;
    const int32_t slope = (int16_t)(table[x / 128 + 1] - table[x / 128]);
    return (int16_t)(table[x / 128] + (int32_t)floor((slope * (x % 128) + 64) / 128.0));
}

static void softmax_row(const hf_softmax16_rule *rule, const int8_t *in, int32_t count, int8_t *out)
{
    int32_t largest = INT16_MIN;
    int64_t sum = 0;
    for (int32_t c = 0; c < count; c++)
        largest = hf_value16(in, c) > largest ? hf_value16(in, c) : largest;
    for (int32_t c = 0; c < count; c++) {
        const int64_t steps = hf_requantize(hf_value16(in, c) - largest, rule->multiplier, rule->shift);
        const int16_t share = look_up(rule->exponential, steps + INT16_MAX);
        hf_set_value16(out, c, share);
        sum += share;
    }
    int32_t bits = 0; /* 2^bits <= sum < 2^(bits + 1) */
    while (bits < 31 && sum >> (bits + 1) > 0)
        bits++;
    const int64_t normal = ((sum << (30 - bits)) + (1 << 13)) >> 14; /* 2^16 .. 2^17 */
    const int32_t scale = look_up(rule->reciprocal, normal - (1 << 15) - (1 << 16));
    for (int32_t c = 0; c < count; c++) {
        const int64_t half = bits > 0 ? INT64_C(1) << (bits - 1) : 0;
        const int64_t value = ((int64_t)hf_value16(out, c) * scale + half) >> bits;
        hf_set_value16(out, c, (int32_t)(value < 0 ? 0 : value > INT16_MAX ? INT16_MAX : value));
    }
}

hf_status hf_reference_softmax16(const hf_reference_call *call, hf_error *err)
{
    const int64_t rows = (int64_t)call->in->height * call->in->width;
    hf_softmax16_rule rule;
    hf_status status = hf_softmax16_rule_init(call->graph, call->node, &rule, err);
    for (int64_t row = 0; row < rows && !status; row++)
        softmax_row(&rule, call->inputs[0] + row * call->in->channels, call->in->channels / 2,
                    call->output + row * call->in->channels);
    return status;
}
