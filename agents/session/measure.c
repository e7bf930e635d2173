/* SPDX-License-Identifier: Apache-2.0 */
#include "session_internal.h"

typedef struct run_state {
    const hf_session_run *run;
    hf_session_measured *out;
    uint32_t samples;
    uint32_t layers;
    bool memory;
    bool output;
} run_state;

static void run_fields(hf_frame_writer *writer, const void *arguments)
{
    const hf_session_run *run = arguments;
    hf_frame_put_u64(writer, "warmup", run->warmup);
    hf_frame_put_u64(writer, "runs", run->runs);
    hf_frame_put_u64(writer, "layers", run->layers);
}

/* @return false if the field is missing or implausibly large */
static bool parse_count(const hf_frame *frame, const char *name, int64_t *out)
{
    uint64_t count = 0;
    if (!hf_frame_get_u64(frame, name, &count) || count > (uint64_t)HF_FIGURE_MOST)
        return false;
    *out = (int64_t)count;
    return true;
}

static bool parse_sample(run_state *state, const hf_frame *frame)
{
    uint32_t index;
    if (!hf_field_u32(frame, "index", &index) || index != state->samples || index >= state->run->runs)
        return false;
    hf_sample *sample = &state->out->samples[index];
    *sample = (hf_sample){0};
    parse_count(frame, "instructions",
                &sample->instructions); /* chips without an instruction counter omit it */
    state->samples++;
    return parse_count(frame, "cycles", &sample->cycles) && sample->cycles > 0;
}

static bool parse_layer(run_state *state, const hf_frame *frame)
{
    uint32_t index;
    if (!state->run->layers || !hf_field_u32(frame, "index", &index) || index != state->layers ||
        index >= state->run->layer_count)
        return false;
    hf_layer *layer = &state->out->layers[index];
    *layer = (hf_layer){0};
    parse_count(frame, "instructions", &layer->instructions);
    state->layers++;
    return hf_field_text(frame, "op", layer->op, sizeof layer->op) &&
           parse_count(frame, "cycles", &layer->cycles) && hf_frame_get_hex32(frame, "crc32", &layer->crc32);
}

/* Parses record `memory`. Only figures for which 0 means unknown may be missing. */
static bool parse_memory(run_state *state, const hf_frame *frame)
{
#define PARSE(origin, name, type, absent, ...)                                                               \
    HF_IF_MEMORY_##origin(&&(parse_count(frame, #name, &state->out->name) || HF_ABSENT_##absent))
    state->memory = true;
    return true HF_RESULT_FIGURES(PARSE);
#undef PARSE
}

static bool parse_output(run_state *state, const hf_frame *frame)
{
    state->output = true;
    return hf_field_u32(frame, "bytes", &state->out->output_bytes) &&
           hf_frame_get_hex32(frame, "crc32", &state->out->output_crc32);
}

static bool parse_record(run_state *state, const hf_frame *frame)
{
    if (hf_frame_is(frame, "sample"))
        return parse_sample(state, frame);
    if (hf_frame_is(frame, "layer"))
        return parse_layer(state, frame);
    if (hf_frame_is(frame, "memory"))
        return parse_memory(state, frame);
    if (hf_frame_is(frame, "output"))
        return parse_output(state, frame);
    return true;
}

static bool complete(const run_state *state)
{
    return state->samples == state->run->runs && state->memory && state->output &&
           (!state->run->layers || state->layers == state->run->layer_count);
}

static hf_status finish(const run_state *state, const hf_frame *frame, uint64_t records, bool garbled,
                        hf_error *err)
{
    uint64_t sent = 0;
    if (garbled || !hf_frame_get_u64(frame, "records", &sent) || sent != records)
        return HF_EFORMAT;
    if (!complete(state))
        return HF_FAIL_AS(
            err, HF_FAULT_BOARD, HF_EPROTOCOL,
            "the board ended a run of %u inferences after %u samples and %u layer records (of %u)%s",
            (unsigned)state->run->runs, (unsigned)state->samples, (unsigned)state->layers,
            (unsigned)(state->run->layers ? state->run->layer_count : 0),
            state->memory && state->output ? "" : ", without its memory or output record");
    return HF_OK;
}

/* Time limit for the next record. */
static uint64_t record_limit_ms(const hf_session *session, const run_state *state, uint64_t records)
{
    uint64_t sample_ms = session->options.sample_ms;
    if (records == 0) /* the warm-up comes before the first record */
        return sample_ms * (state->run->warmup + 1);
    return complete(state) && sample_ms > session->options.reply_ms ? session->options.reply_ms : sample_ms;
}

/* HF_EFORMAT (not recorded in *err): records were lost or garbled, and the board has finished the run. */
static hf_status run_once(hf_session *session, const hf_session_run *run, hf_session_measured *out,
                          hf_error *err)
{
    const hf_request request = {.type = "run", .fields = run_fields, .arguments = run};
    run_state state = {.run = run, .out = out};
    hf_status status = hf_session_send(session, &request, err);
    uint64_t records = 0;
    uint32_t garbled_before = session->garbled;
    while (status == HF_OK) {
        hf_frame frame;
        uint64_t wait_ms = record_limit_ms(session, &state, records);
        status = hf_session_next(session, hf_deadline_in_ms(wait_ms), &frame, err);
        bool garbled = session->garbled != garbled_before;
        if (status == HF_EFORMAT) {
            status = HF_OK; /* read on: a run cannot be aborted */
        } else if (status == HF_ETIMEOUT) {
            /* If the last frame or the request itself was lost, the board is idle and answers. */
            hf_session_id id;
            hf_session_model model;
            hf_error cause = {0};
            hf_status answer = hf_session_hello(session, &id, &model, &cause);
            if (answer == HF_OK)
                return HF_EFORMAT;
            if (answer != HF_ETIMEOUT && answer != HF_EPROTOCOL)
                return hf_error_set(err, answer, cause.fault, cause.file, cause.line, "%s", cause.message);
            return HF_FAIL_AS(err, hf_session_silence(session, garbled_before), HF_ETIMEOUT,
                              "no record of the run arrived for %llu ms, after %u of %u samples%s",
                              (unsigned long long)wait_ms, (unsigned)state.samples, (unsigned)run->runs,
                              hf_session_foreign_hint(session));
        } else if (status == HF_OK && hf_frame_is(&frame, "error")) {
            return hf_session_refusal(&frame, "run", err);
        } else if (status == HF_OK && hf_frame_is(&frame, "ok")) {
            return finish(&state, &frame, records, garbled, err);
        } else if (status == HF_OK) {
            records++;
            uint32_t samples_before = state.samples;
            if (!parse_record(&state, &frame)) {
                /* After a lost record the indices do not match; the count at the end confirms it. */
                session->garbled++;
                hf_transcript_note(session->options.transcript,
                                   "the record above is out of order or incomplete");
            }
            if (run->progress && state.samples != samples_before)
                run->progress(run->progress_user, state.samples, run->runs);
        }
    }
    return status;
}

hf_status hf_session_measure(hf_session *session, const hf_session_run *run, hf_session_measured *out,
                             hf_error *err)
{
    for (uint32_t repeat = 0;; repeat++) {
        uint32_t garbled_before = session->garbled;
        hf_status status = run_once(session, run, out, err);
        if (status != HF_EFORMAT)
            return status;
        if (repeat >= run->repeats)
            return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EPROTOCOL,
                              "records of the run were lost or garbled (%u lines garbled, run sent %u times)",
                              (unsigned)(session->garbled - garbled_before), (unsigned)repeat + 1);
        session->retries++;
    }
}
