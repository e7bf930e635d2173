/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an answer can be one to the request: the agent of another host is not trusted. */
#include "orders/bodies.h"

static hf_status implausible(const char *what, hf_error *err)
{
    return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EPROTOCOL, "the agent's answer cannot be right: %s", what);
}

static bool in_range(int64_t value, double most)
{
    return value >= 0 && (double)value <= most;
}

static hf_status check_counts(const hf_attempt_request *request, const hf_attempt_result *r, hf_error *err)
{
    const uint32_t steps = request->further_count + 1;
    if (r->step_count != steps || r->sample_count != steps * request->runs)
        return implausible("the number of inferences is not as ordered", err);
    if (request->layers ? !r->layers || r->layer_count != request->layer_count
                        : r->layers || r->layer_count != 0)
        return implausible("the number of layers is not as ordered", err);
    if (request->keep_outputs ? !r->outputs || r->output_bytes != request->output_bytes : r->outputs != NULL)
        return implausible("the outputs are not as ordered", err);
    return HF_OK;
}

static hf_status check_samples(const hf_attempt_result *r, hf_error *err)
{
    for (uint32_t i = 0; i < r->sample_count; i++)
        if (!in_range(r->samples[i].cycles, HF_FIGURE_MOST) ||
            !in_range(r->samples[i].instructions, HF_FIGURE_MOST))
            return implausible("a sample is out of range", err);
    return HF_OK;
}

static hf_status check_layers(const hf_attempt_request *request, const hf_attempt_result *r, hf_error *err)
{
    for (uint32_t i = 0; i < r->layer_count; i++) {
        for (size_t k = 0; k < hf_layer_figures.count; k++) {
            const hf_figure *figure = &hf_layer_figures.rows[k];
            const double value = hf_figure_value(figure, &r->layers[i]);
            if (!(value >= 0 && value <= figure->most))
                return implausible("a figure of a layer is out of range", err);
        }
        if (request->layer_crc32 && r->layers[i].crc32 != request->layer_crc32[i])
            return implausible("the output of a layer is not the expected one", err);
    }
    return HF_OK;
}

#define PLAUSIBLE_INTEGER(value, most) in_range((value), (most))
#define PLAUSIBLE_REAL(value, most)    ((value) >= 0 && (value) <= (most))
#define PLAUSIBLE(origin, name, type, absent, unit, most, ...)                                               \
    HF_IF_MEMORY_##origin(plausible = plausible && PLAUSIBLE_##type(r->name, most);)

static hf_status check_figures(const hf_attempt_result *r, hf_error *err)
{
    bool plausible = r->clock_hz > 0 && r->clock_ratio >= 0 && r->clock_ratio <= 1000;
    HF_RESULT_FIGURES(PLAUSIBLE)
    return plausible ? HF_OK : implausible("a figure is out of range", err);
}

hf_status hf_answer_check(const hf_attempt_request *request, bool modelled, hf_worker_reply *reply,
                          hf_error *err)
{
    hf_attempt_result *r = &reply->result;
    hf_status status = check_counts(request, r, err);
    if (status == HF_OK)
        status = check_samples(r, err);
    if (status == HF_OK)
        status = check_layers(request, r, err);
    if (status == HF_OK)
        status = check_figures(r, err);
    if (status == HF_OK && r->output_crc32 != request->output_crc32)
        return implausible("the output is not the expected one", err);
    if (status == HF_OK && modelled)
        r->modelled = true;
    return status;
}
