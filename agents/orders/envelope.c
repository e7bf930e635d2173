/* SPDX-License-Identifier: Apache-2.0 */
#include "orders/envelope.h"

#include <string.h>

#include "board/phase.h"
#include "wire.h"

static const uint8_t magic[2] = {'H', 'F'};

int hf_order_token_compare(hf_order_token a, hf_order_token b)
{
    if (a.epoch_ns != b.epoch_ns)
        return a.epoch_ns < b.epoch_ns ? -1 : 1;
    return (a.revision > b.revision) - (a.revision < b.revision);
}

bool hf_message_is_agents(hf_message_kind kind)
{
    return kind == HF_MESSAGE_BEAT || kind == HF_MESSAGE_ANSWER || kind == HF_MESSAGE_REFUSED ||
           kind == HF_MESSAGE_OUTPUT;
}

bool hf_envelope_name_ok(const char *name)
{
    const size_t length = strnlen(name, HF_ENVELOPE_NAME_SIZE);
    if (length == 0 || length == HF_ENVELOPE_NAME_SIZE)
        return false;
    for (size_t i = 0; i < length; i++)
        if (name[i] <= ' ' || name[i] > '~' || strchr(".*>", name[i]))
            return false;
    return true;
}

void hf_envelope_set_body(hf_envelope *envelope, const void *body, uint32_t bytes)
{
    envelope->body_bytes = bytes;
    envelope->body = bytes > 0 && bytes <= HF_ENVELOPE_INLINE_MAX ? body : NULL;
    envelope->body_sha256[0] = '\0';
    if (bytes > 0)
        hf_sha256_hex(body, bytes, envelope->body_sha256);
}

/* ---- Both directions ---- */

#define WIRE_ENUM(w, member, least, most)                                                                    \
    do {                                                                                                     \
        uint32_t number_ = (uint32_t)(member);                                                               \
        hf_wire_range((w), &number_, (least), (most));                                                       \
        (member) = number_;                                                                                  \
    } while (0)

static void wire_body(hf_wire *w, hf_envelope *e)
{
    bool is_inline = e->body != NULL;
    hf_wire_range(w, &e->body_bytes, 0, HF_ENVELOPE_BODY_MAX);
    hf_wire_sha256(w, e->body_sha256);
    hf_wire_bool(w, &is_inline);
    if (w->out) {
        if (is_inline)
            hf_buffer_append(w->out, e->body, e->body_bytes);
        return;
    }
    w->failed |= is_inline != (e->body_bytes > 0 && e->body_bytes <= HF_ENVELOPE_INLINE_MAX) ||
                 (is_inline && e->body_bytes > (size_t)(w->end - w->at));
    if (w->failed)
        return;
    char sha256[HF_SHA256_HEX_SIZE] = "";
    if (is_inline) {
        e->body = w->at;
        w->at += e->body_bytes;
        hf_sha256_hex(e->body, e->body_bytes, sha256);
    }
    if (is_inline || e->body_bytes == 0)
        w->failed |= strcmp(sha256, e->body_sha256) != 0;
    else
        w->failed |= !e->body_sha256[0];
}

/* A piece of what goes over the line of a board. */
static void wire_line(hf_wire *w, hf_envelope *e, uint32_t most_bytes)
{
    hf_wire_u32(w, &e->piece);
    hf_wire_u64(w, &e->position);
    wire_body(w, e);
    w->failed |= !w->out && (e->position > HF_POSITION_MAX || e->body_bytes > most_bytes);
}

static void wire_kind(hf_wire *w, hf_envelope *e)
{
    switch (e->kind) {
    case HF_MESSAGE_ORDER:
        WIRE_ENUM(w, e->command, HF_ORDER_OPEN, HF_ORDER_CONSOLE);
        hf_wire_range(w, &e->budget_ms, 1, UINT32_MAX);
        wire_body(w, e);
        break;
    case HF_MESSAGE_BEAT:
        WIRE_ENUM(w, e->state, HF_ORDER_IDLE, HF_ORDER_ANSWERED);
        WIRE_ENUM(w, e->phase, 0, HF_PHASE_COUNT - 1);
        hf_wire_u32(w, &e->done);
        hf_wire_u32(w, &e->of);
        break;
    case HF_MESSAGE_ANSWER:
        hf_wire_bool(w, &e->open);
        wire_body(w, e);
        break;
    case HF_MESSAGE_REFUSED:
        WIRE_ENUM(w, e->refusal, HF_REFUSAL_STALE, HF_REFUSAL_STOPPED);
        break;
    case HF_MESSAGE_INPUT:
        wire_line(w, e, HF_INPUT_MAX);
        w->failed |= !w->out && (e->piece > 0) != (e->body_bytes > 0);
        break;
    case HF_MESSAGE_OUTPUT:
        wire_line(w, e, HF_OUTPUT_MAX);
        break;
    case HF_MESSAGE_KEEP:
    case HF_MESSAGE_CANCEL:
    case HF_MESSAGE_ACK:
        break;
    }
}

static void wire_envelope(hf_wire *w, hf_envelope *e)
{
    WIRE_ENUM(w, e->kind, HF_MESSAGE_ORDER, HF_MESSAGE_OUTPUT);
    hf_wire_text(w, e->board, sizeof e->board);
    hf_wire_text(w, e->owner, sizeof e->owner);
    hf_wire_u64(w, &e->token.epoch_ns);
    hf_wire_u64(w, &e->token.revision);
    hf_wire_u32(w, &e->number);
    if (!w->failed)
        wire_kind(w, e);
}

void hf_envelope_encode(const hf_envelope *envelope, hf_buffer *out)
{
    hf_envelope copy = *envelope;
    hf_wire w = {.out = out};
    const uint8_t head[] = {magic[0], magic[1], HF_ORDERS_VERSION};
    hf_buffer_append(out, head, sizeof head);
    wire_envelope(&w, &copy);
}

/* A KEEP, and the BEAT or refusal that replies to it, may be about no order at all. */
static bool refers_to_order(hf_message_kind kind)
{
    return kind != HF_MESSAGE_KEEP && kind != HF_MESSAGE_BEAT && kind != HF_MESSAGE_REFUSED;
}

hf_status hf_envelope_decode(const void *bytes, size_t size, hf_envelope *out, hf_error *err)
{
    const uint8_t *head = bytes;
    if (size < 3 || memcmp(head, magic, sizeof magic) != 0)
        return HF_FAIL(err, HF_EFORMAT, "not a message of hilfarm");
    if (head[2] != HF_ORDERS_VERSION)
        return HF_FAIL(err, HF_EUNSUPPORTED, "a message of version %u; this program understands version %u",
                       head[2], HF_ORDERS_VERSION);
    hf_envelope e = {0};
    hf_wire w = {.at = head + 3, .end = head + size};
    wire_envelope(&w, &e);
    if (!hf_wire_ended(&w) || !hf_envelope_name_ok(e.board) || !hf_envelope_name_ok(e.owner) ||
        (e.number == 0 && refers_to_order(e.kind)))
        return HF_FAIL(err, HF_EFORMAT, "a malformed message of %zu bytes", size);
    *out = e;
    return HF_OK;
}
