/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ORDERS_HELLO_H
#define HF_ORDERS_HELLO_H

#include "config/board_config.h"
#include "orders/envelope.h"

/**
 * @file hello.h
 * What a host says of itself and of its boards, by itself and when it is asked.
 */

#define HF_HELLO_MAX_BOARDS 1024
#define HF_HELLO_MAX_TAGS   32
#define HF_HELLO_TAG_SIZE   64

typedef struct hf_hello_board {
    char id[HF_ENVELOPE_NAME_SIZE]; /**< on its host */
    char chip[32];
    bool modelled; /**< a virtual board, or an emulator */
    char tags[HF_HELLO_MAX_TAGS][HF_HELLO_TAG_SIZE];
    uint32_t tag_count;
    hf_board_deadlines deadlines; /**< of the host's farm file; 0 = the owner's */
} hf_hello_board;

typedef struct hf_hello {
    char host[HF_ENVELOPE_NAME_SIZE];
    char version[32]; /**< of the agent, for people */
    bool leaving;     /**< the agent ends now, and none of its boards can be used */
    hf_hello_board *boards;
    uint32_t board_count;
    void *memory; /**< decoded only */
} hf_hello;

/** Whether a board can have this id on its host: hf_envelope_name_ok(), and no slash, since others call it HOST/BOARD. */
bool hf_hello_board_ok(const char *id);

void hf_hello_encode(const hf_hello *hello, hf_buffer *out);
/** @param out written on HF_OK; hf_hello_free() @return HF_OK; HF_EUNSUPPORTED: another version; HF_EFORMAT; HF_ENOMEM */
hf_status hf_hello_decode(const void *bytes, size_t size, hf_hello *out, hf_error *err);
void hf_hello_free(hf_hello *hello);

#endif
