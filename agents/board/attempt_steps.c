/* SPDX-License-Identifier: Apache-2.0 */
/* The inferences of an attempt, one after the other: give the board its input, measure, compare. */
#include <stdlib.h>

#include "board_internal.h"
#include "checksum/crc.h"

/* What was measured so far. */
typedef struct steps {
    hf_attempt *attempt;
    uint32_t count;
    uint32_t now; /* the present step */
    hf_session_measured
        latest; /* of the last step; its samples are those of the first one on, its layers those of the first */
    uint32_t first_output_crc32;
    uint8_t *outputs; /* NULL without keep_outputs */
    hf_clock_reading clock;
} steps;

static hf_status fill_input(hf_session *session, const hf_attempt_request *request,
                            const hf_attempt_step *step, hf_error *err)
{
    const uint32_t bytes = (uint32_t)request->input_bytes;
    hf_status status = HF_OK;
    if (!step->input)
        return hf_session_input_seed(session, step->input_seed, bytes, step->input_crc32, err);
    if (!step->continues)
        return hf_session_input_data(session, step->input, bytes, step->input_crc32, err);
    for (uint32_t i = 0; status == HF_OK && i < request->state_count; i++) {
        const hf_attempt_state *state = &request->states[i];
        const hf_session_carried range = {.from = state->from, .to = state->to, .bytes = state->bytes};
        status = hf_session_carry(session, &range, err);
    }
    if (status == HF_OK)
        status = hf_session_input_part(session, step->input, request->inputs_bytes, err);
    return status == HF_OK ? hf_session_check_input(session, bytes, step->input_crc32, err) : status;
}

static hf_status stage_input(const steps *s, hf_error *err)
{
    const hf_attempt_request *request = s->attempt->request;
    const hf_attempt_step first = {
        .input = request->input, .input_seed = request->input_seed, .input_crc32 = request->input_crc32};
    return fill_input(s->attempt->session, request, s->now ? &request->further[s->now - 1] : &first, err);
}

static void see_progress(void *user, uint32_t done, uint32_t of)
{
    const steps *s = user;
    hf_attempt *a = s->attempt;
    a->inferred = s->now * of + done;
    hf_attempt_report(a, a->inferred, s->count * of);
}

static hf_status run(steps *s, hf_error *err)
{
    hf_attempt *a = s->attempt;
    const hf_attempt_request *request = a->request;
    hf_session_measured measured = s->latest;
    measured.samples = s->latest.samples + (size_t)s->now * request->runs;
    const hf_session_run plan = {
        .warmup = request->warmup,
        .runs = request->runs,
        .layers = request->layers && s->now == 0,
        .layer_count = request->layer_count,
        .repeats = 1,
        .progress = see_progress,
        .progress_user = s,
    };
    hf_status status = HF_OK;
    if (s->now == 0)
        status = hf_board_clock_begin(a->board, a->session, &a->id, &s->clock, err);
    if (status == HF_OK)
        status = hf_session_measure(a->session, &plan, &measured, err);
    if (status == HF_OK && s->now + 1 == s->count)
        status = hf_board_clock_end(a->board, a->session, &a->id, &s->clock, &a->result->clock_ratio, err);
    measured.samples = s->latest.samples;
    s->latest = measured;
    return status;
}

/* Reads the output tensor of the present step. */
static hf_status read_output(steps *s, hf_error *err)
{
    const hf_attempt_request *request = s->attempt->request;
    uint8_t *output = s->outputs + (size_t)s->now * request->output_bytes;
    if (s->latest.output_bytes != request->output_bytes)
        return HF_FAIL_AS(err, HF_FAULT_JOB, HF_EMISMATCH,
                          "the board's output tensor has %u bytes, expected %zu",
                          (unsigned)s->latest.output_bytes, request->output_bytes);
    hf_status status =
        hf_session_read_output(s->attempt->session, 0, output, (uint32_t)request->output_bytes, err);
    if (status != HF_OK)
        return status;
    const uint32_t crc32 = hf_crc32(0, output, request->output_bytes);
    if (crc32 != s->latest.output_crc32)
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EMISMATCH,
                          "the output read from the board has CRC-32 %08x, expected %08x", (unsigned)crc32,
                          (unsigned)s->latest.output_crc32);
    return HF_OK;
}

static hf_status run_step(steps *s, hf_error *err)
{
    hf_attempt_enter(s->attempt, HF_PHASE_INPUT);
    hf_status status = stage_input(s, err);
    if (status != HF_OK)
        return status;
    hf_attempt_enter(s->attempt, HF_PHASE_RUN);
    status = run(s, err);
    if (status != HF_OK)
        return status;
    hf_attempt_enter(s->attempt, HF_PHASE_CHECK);
    status = hf_board_check_outputs(s->attempt->request, s->now, &s->latest, err);
    if (s->now == 0)
        s->first_output_crc32 = s->latest.output_crc32;
    return status == HF_OK && s->outputs ? read_output(s, err) : status;
}

static hf_status allocate(steps *s, hf_error *err)
{
    const hf_attempt_request *request = s->attempt->request;
    /* A model of views only, such as a single RESHAPE, has no layers. */
    const size_t layers = request->layer_count ? request->layer_count : 1;
    s->latest.samples = calloc((size_t)s->count * request->runs, sizeof *s->latest.samples);
    s->latest.layers = request->layers ? calloc(layers, sizeof *s->latest.layers) : NULL;
    s->outputs = request->keep_outputs ? calloc(s->count, request->output_bytes) : NULL;
    if (!s->latest.samples || (request->layers && !s->latest.layers) ||
        (request->keep_outputs && !s->outputs))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    return HF_OK;
}

/* Moves the measurements to the result. */
static void move_to_result(steps *s)
{
    const hf_attempt_request *request = s->attempt->request;
    hf_attempt_result *result = s->attempt->result;
    const hf_session_measured *measured = &s->latest;
    result->samples = measured->samples;
    result->sample_count = s->count * request->runs;
    result->step_count = s->count;
    result->outputs = s->outputs;
    result->output_bytes = s->outputs ? request->output_bytes : 0;
    result->layers = measured->layers;
    result->layer_count = request->layers ? request->layer_count : 0;
    s->latest.samples = NULL;
    s->latest.layers = NULL;
    s->outputs = NULL;
#define KEEP(origin, name, ...) HF_IF_MEMORY_##origin(result->name = measured->name;)
    HF_RESULT_FIGURES(KEEP)
#undef KEEP
    result->output_crc32 = s->first_output_crc32;
    result->modelled = hf_board_config_modelled(s->attempt->board->config);
}

hf_status hf_attempt_run_steps(hf_attempt *attempt, hf_error *err)
{
    steps s = {.attempt = attempt, .count = attempt->request->further_count + 1};
    hf_status status = allocate(&s, err);
    if (s.count > 1)
        attempt->to_infer = s.count * attempt->request->runs;
    for (; status == HF_OK && s.now < s.count; s.now++) {
        hf_error cause = {0};
        status = run_step(&s, &cause);
        if (status == HF_OK)
            continue;
        if (s.count > 1)
            hf_error_context(&cause, HF_FAULT_NONE, "inference %u of %u", (unsigned)s.now + 1,
                             (unsigned)s.count);
        status = hf_error_pass(err, &cause);
    }
    if (status == HF_OK)
        move_to_result(&s);
    free(s.latest.samples);
    free(s.latest.layers);
    free(s.outputs);
    return status;
}
