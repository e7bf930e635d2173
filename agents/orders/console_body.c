/* SPDX-License-Identifier: Apache-2.0 */
#include "bodies_wire.h"

static void wire_console(hf_wire *w, hf_console_body *body)
{
    hf_wire_open(w, &body->open);
    hf_wire_range(w, &body->settings.baud, 0, HF_BOARD_LINE_MAX_BAUD);
    hf_wire_bool(w, &body->settings.flash);
    hf_wire_bool(w, &body->settings.reset);
}

void hf_console_body_encode(const hf_console_body *body, hf_buffer *out)
{
    hf_console_body copy = *body;
    hf_wire w = {.out = out};
    wire_console(&w, &copy);
}

hf_status hf_console_body_decode(const void *bytes, size_t size, hf_console_body *out, hf_error *err)
{
    hf_console_body body = {0};
    hf_wire w = {.at = bytes, .end = (const uint8_t *)bytes + size};
    wire_console(&w, &body);
    hf_status status = hf_wire_end(&w, "an order for a console", err);
    if (status == HF_OK)
        *out = body;
    return status;
}
