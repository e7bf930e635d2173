/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "session_internal.h"

typedef struct input_state {
    uint32_t bytes;
    uint32_t crc32;
    bool seen;
} input_state;

static hf_status input_record(void *user, const hf_frame *frame, hf_error *err)
{
    input_state *state = user;
    if (!hf_frame_is(frame, "input"))
        return HF_OK;
    state->seen = true;
    return hf_field_u32(frame, "bytes", &state->bytes) && hf_frame_get_hex32(frame, "crc32", &state->crc32)
               ? HF_OK
               : hf_bad_record(frame, err);
}

static hf_status compare(const input_state *state, uint32_t bytes, uint32_t crc32, hf_error *err)
{
    if (!state->seen)
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EPROTOCOL, "the board did not describe the staged input");
    /* The length follows from the image: a mismatch is the job's fault on any board. */
    if (state->bytes != bytes)
        return HF_FAIL_AS(err, HF_FAULT_JOB, HF_EMISMATCH,
                          "the board's input tensor has %u bytes, the input %u", (unsigned)state->bytes,
                          (unsigned)bytes);
    if (state->crc32 != crc32)
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EMISMATCH,
                          "the input staged on the board has CRC-32 %08x, expected %08x",
                          (unsigned)state->crc32, (unsigned)crc32);
    return HF_OK;
}

static void seed_fields(hf_frame_writer *writer, const void *arguments)
{
    hf_frame_put_u64(writer, "seed", *(const uint32_t *)arguments);
}

hf_status hf_session_input_seed(hf_session *session, uint32_t seed, uint32_t bytes, uint32_t crc32,
                                hf_error *err)
{
    input_state state = {0};
    const hf_request request = {.type = "input",
                                .fields = seed_fields,
                                .arguments = &seed,
                                .record = input_record,
                                .state = &state,
                                .state_bytes = sizeof state};
    hf_status status = hf_session_exchange(session, &request, session->options.reply_ms, err);
    return status == HF_OK ? compare(&state, bytes, crc32, err) : status;
}

typedef struct piece {
    uint32_t offset;
    const uint8_t *bytes;
    uint32_t size;
} piece;

static void data_fields(hf_frame_writer *writer, const void *arguments)
{
    const piece *part = arguments;
    hf_frame_put_u64(writer, "offset", part->offset);
    hf_frame_put_bytes(writer, "data", part->bytes, part->size);
}

hf_status hf_session_input_part(hf_session *session, const uint8_t *input, uint32_t bytes, hf_error *err)
{
    for (uint32_t offset = 0; offset < bytes;) {
        uint32_t size = bytes - offset < HF_FRAME_DATA_BYTES ? bytes - offset : HF_FRAME_DATA_BYTES;
        const piece part = {offset, input + offset, size};
        const hf_request request = {.type = "data", .fields = data_fields, .arguments = &part};
        hf_status status = hf_session_exchange(session, &request, session->options.reply_ms, err);
        if (status != HF_OK)
            return status;
        offset += size;
    }
    return HF_OK;
}

hf_status hf_session_check_input(hf_session *session, uint32_t bytes, uint32_t crc32, hf_error *err)
{
    input_state state = {0};
    const hf_request request = {
        .type = "staged", .record = input_record, .state = &state, .state_bytes = sizeof state};
    hf_status status = hf_session_exchange(session, &request, session->options.reply_ms, err);
    return status == HF_OK ? compare(&state, bytes, crc32, err) : status;
}

hf_status hf_session_input_data(hf_session *session, const uint8_t *input, uint32_t bytes, uint32_t crc32,
                                hf_error *err)
{
    hf_status status = hf_session_input_part(session, input, bytes, err);
    return status == HF_OK ? hf_session_check_input(session, bytes, crc32, err) : status;
}

static void carry_fields(hf_frame_writer *writer, const void *arguments)
{
    const hf_session_carried *range = arguments;
    hf_frame_put_u64(writer, "from", range->from);
    hf_frame_put_u64(writer, "to", range->to);
    hf_frame_put_u64(writer, "bytes", range->bytes);
}

hf_status hf_session_carry(hf_session *session, const hf_session_carried *range, hf_error *err)
{
    const hf_request request = {.type = "carry", .fields = carry_fields, .arguments = range};
    return hf_session_exchange(session, &request, session->options.reply_ms, err);
}

/* ---- read ---- */

typedef struct read_arguments {
    uint32_t offset;
    uint32_t bytes;
} read_arguments;

typedef struct read_state {
    uint32_t offset;
    uint8_t bytes[HF_FRAME_DATA_BYTES];
    size_t size;
} read_state;

static void read_fields(hf_frame_writer *writer, const void *arguments)
{
    const read_arguments *wanted = arguments;
    hf_frame_put_u64(writer, "offset", wanted->offset);
    hf_frame_put_u64(writer, "bytes", wanted->bytes);
}

static hf_status read_record(void *user, const hf_frame *frame, hf_error *err)
{
    read_state *state = user;
    if (!hf_frame_is(frame, "data"))
        return HF_OK;
    state->size = sizeof state->bytes;
    return hf_field_u32(frame, "offset", &state->offset) &&
                   hf_frame_get_bytes(frame, "data", state->bytes, &state->size)
               ? HF_OK
               : hf_bad_record(frame, err);
}

hf_status hf_session_read_output(hf_session *session, uint32_t offset, uint8_t *out, uint32_t bytes,
                                 hf_error *err)
{
    for (uint32_t done = 0; done < bytes;) {
        uint32_t left = bytes - done;
        const read_arguments wanted = {offset + done,
                                       left < HF_FRAME_DATA_BYTES ? left : HF_FRAME_DATA_BYTES};
        read_state state = {0};
        const hf_request request = {.type = "read",
                                    .fields = read_fields,
                                    .arguments = &wanted,
                                    .record = read_record,
                                    .state = &state,
                                    .state_bytes = sizeof state};
        hf_status status = hf_session_exchange(session, &request, session->options.reply_ms, err);
        if (status != HF_OK)
            return status;
        if (state.offset != wanted.offset || state.size != wanted.bytes)
            return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EPROTOCOL,
                              "asked for %u bytes of output at %u, the board sent %zu at %u",
                              (unsigned)wanted.bytes, (unsigned)wanted.offset, state.size,
                              (unsigned)state.offset);
        memcpy(out + done, state.bytes, state.size);
        done += wanted.bytes;
    }
    return HF_OK;
}
