/* SPDX-License-Identifier: Apache-2.0 */
#include "orders/hello.h"

#include <string.h>

#include "bodies_wire.h"

#define BOARD_BYTES 41U /* encoded, at least */

bool hf_hello_board_ok(const char *id)
{
    return hf_envelope_name_ok(id) && !strchr(id, '/');
}

static void wire_board(hf_wire *w, hf_hello_board *board)
{
    hf_wire_text(w, board->id, sizeof board->id);
    hf_wire_text(w, board->chip, sizeof board->chip);
    hf_wire_bool(w, &board->modelled);
    hf_wire_count(w, &board->tag_count, HF_HELLO_MAX_TAGS, sizeof(uint32_t));
    for (uint32_t i = 0; i < board->tag_count; i++)
        hf_wire_text(w, board->tags[i], sizeof board->tags[i]);
    hf_wire_deadlines(w, &board->deadlines);
    w->failed |= !w->out && !hf_hello_board_ok(board->id);
}

static void wire_hello(hf_wire *w, hf_hello *hello)
{
    uint8_t version = HF_ORDERS_VERSION;
    hf_wire_u8(w, &version);
    w->failed |= version != HF_ORDERS_VERSION;
    hf_wire_text(w, hello->host, sizeof hello->host);
    hf_wire_text(w, hello->version, sizeof hello->version);
    hf_wire_bool(w, &hello->leaving);
    hf_wire_count(w, &hello->board_count, HF_HELLO_MAX_BOARDS, BOARD_BYTES);
    if (!w->out)
        hello->boards = hf_wire_array(w, hello->board_count, sizeof *hello->boards);
    for (uint32_t i = 0; i < hello->board_count && !w->failed; i++)
        wire_board(w, &hello->boards[i]);
}

void hf_hello_encode(const hf_hello *hello, hf_buffer *out)
{
    hf_hello copy = *hello;
    hf_wire w = {.out = out};
    wire_hello(&w, &copy);
}

hf_status hf_hello_decode(const void *bytes, size_t size, hf_hello *out, hf_error *err)
{
    hf_hello hello = {0};
    hf_wire w = {.at = bytes, .end = (const uint8_t *)bytes + size};
    if (size > 0 && w.at[0] != HF_ORDERS_VERSION)
        return HF_FAIL(err, HF_EUNSUPPORTED,
                       "its agent speaks version %u; this program understands version %u", w.at[0],
                       HF_ORDERS_VERSION);
    wire_hello(&w, &hello);
    w.failed |= !hf_envelope_name_ok(hello.host);
    hf_status status = hf_wire_end(&w, "what a host says of its boards", err);
    if (status != HF_OK) {
        hf_wire_free_blocks(w.blocks);
        return status;
    }
    hello.memory = w.blocks;
    *out = hello;
    return HF_OK;
}

void hf_hello_free(hf_hello *hello)
{
    hf_wire_free_blocks(hello->memory);
    *hello = (hf_hello){0};
}
