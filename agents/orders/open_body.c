/* SPDX-License-Identifier: Apache-2.0 */
#include "bodies_wire.h"

void hf_wire_blob_ref(hf_wire *w, hf_blob_ref *ref)
{
    hf_wire_sha256(w, ref->sha256);
    hf_wire_range(w, &ref->bytes, 0, HF_BLOB_MAX_BYTES);
    w->failed |= !w->out && (ref->bytes > 0) != (ref->sha256[0] != '\0');
}

void hf_wire_deadlines(hf_wire *w, hf_board_deadlines *deadlines)
{
    hf_wire_u32(w, &deadlines->start_ms);
    hf_wire_u32(w, &deadlines->flash_ms);
    hf_wire_u32(w, &deadlines->boot_ms);
    hf_wire_u32(w, &deadlines->reply_ms);
    hf_wire_u32(w, &deadlines->sample_ms);
    hf_wire_u32(w, &deadlines->attempt_ms);
    hf_wire_u32(w, &deadlines->stop_ms);
}

hf_status hf_wire_end(const hf_wire *w, const char *what, hf_error *err)
{
    if (w->no_memory)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %s", what);
    if (!hf_wire_ended(w))
        return HF_FAIL(err, HF_EFORMAT, "%s is malformed", what);
    return HF_OK;
}

void hf_wire_open(hf_wire *w, hf_open_body *body)
{
    hf_wire_text(w, body->chip, sizeof body->chip);
    hf_wire_blob_ref(w, &body->firmware);
    hf_wire_blob_ref(w, &body->small);
    hf_wire_deadlines(w, &body->deadlines);
    w->failed |= !w->out && body->firmware.bytes == 0;
}

void hf_open_body_encode(const hf_open_body *body, hf_buffer *out)
{
    hf_open_body copy = *body;
    hf_wire w = {.out = out};
    hf_wire_open(&w, &copy);
}

hf_status hf_open_body_decode(const void *bytes, size_t size, hf_open_body *out, hf_error *err)
{
    hf_open_body body = {0};
    hf_wire w = {.at = bytes, .end = (const uint8_t *)bytes + size};
    hf_wire_open(&w, &body);
    hf_status status = hf_wire_end(&w, "an order to open a board", err);
    if (status == HF_OK)
        *out = body;
    return status;
}
