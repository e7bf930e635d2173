/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_H
#define WIRE_H

#include "hf_test.h"

#include "process.h"
#include "proto/frame.h"

/**
 * @file wire.h
 * A virtual board with the built firmware and a model image in its flash, and the wire to it. Functions fail
 * the test when something goes wrong; every wait has a deadline.
 */

#define WIRE_MAX_FRAMES   96U
#define WIRE_FLASH_BYTES  0x200000U
#define WIRE_MODEL_OFFSET 0x10000U

typedef struct wire {
    process board;
    char folder[40];
    int fd;
    uint32_t sequence;
    hf_line line;
    char lines[WIRE_MAX_FRAMES][HF_FRAME_MAX_BYTES + 1];
    hf_frame frames[WIRE_MAX_FRAMES]; /* of the last answer, `ok`, `error` or `fault` included */
    uint32_t count;
} wire;

/** Content of the firmware file of a chip. @return its size; `bytes` has room for WIRE_MODEL_OFFSET */
size_t wire_firmware(const char *chip, uint8_t *bytes);
/** @param model image for the model's room, may be NULL */
void wire_open(wire *self, const char *chip, const uint8_t *model, size_t model_bytes);
/** The same with an injected fault, as `hilfarm-vboard --fault`. */
void wire_open_faulty(wire *self, const char *chip, const uint8_t *model, size_t model_bytes,
                      const char *fault);
/** Also fails if the virtual board reported a violation of a manual by the firmware. */
void wire_close(wire *self);
/** Stops a board that must have reported exactly this. */
void wire_close_after(wire *self, const char *complaint);
/** Reads until a frame of this type arrives. */
const hf_frame *wire_wait(wire *self, const char *type);
/** Sends a request "type key=value ..." and collects the answer. @return its last frame */
const hf_frame *wire_request(wire *self, const char *body);
/** The same; the answer must end in `ok`. */
void wire_ask(wire *self, const char *body);
/** The same, followed by bytes that arrive while the request is being processed. */
void wire_ask_and(wire *self, const char *body, const char *behind);
/** Stages input bytes and checks their checksum. */
void wire_stage(wire *self, const uint8_t *input, size_t size);
/** Text of a field that must be present. */
const char *wire_text(const hf_frame *frame, const char *key);
uint64_t wire_number(const hf_frame *frame, const char *key);
/** Changes the board's rate, and waits until it has changed. */
void wire_change_rate(wire *self, uint32_t baud);

#endif
