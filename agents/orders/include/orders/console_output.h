/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ORDERS_CONSOLE_OUTPUT_H
#define HF_ORDERS_CONSOLE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file console_output.h
 * What a board says, on its way to an owner on another host: collected into messages that are sent at most every so often, and only as far
 * ahead of what has arrived as one link may hold. What comes faster is dropped, the oldest first; positions say how much is missing. No
 * I/O, no clock, no threads; a fixed size.
 */

#define HF_OUTPUT_KEPT    65536U /**< bytes that wait; more of them drop the oldest ones */
#define HF_OUTPUT_FLIGHT  32768U /**< bytes that are sent before the first of them must have arrived */
#define HF_OUTPUT_GAP_NS  UINT64_C(40000000)   /**< between two messages */
#define HF_OUTPUT_BEAT_NS UINT64_C(1000000000) /**< between two messages when there is nothing to say */

/** Positions count all bytes of the board since the line was opened, dropped ones included. */
typedef struct hf_console_output {
    uint64_t first, end; /**< of the bytes that are kept: [first, end) */
    uint64_t sent;       /**< up to where they have been sent, or dropped */
    uint64_t arrived;    /**< up to where the owner has them */
    uint64_t sent_ns;    /**< when the last message was sent */
    bool due;            /**< a message is due at once */
    uint8_t kept[HF_OUTPUT_KEPT];
} hf_console_output;

/** The line is open: the first message is due, which says so. */
void hf_console_output_begin(hf_console_output *output);
/** Somebody listens again: what was not sent is dropped, nothing is in flight, and the position of now is due. */
void hf_console_output_resume(hf_console_output *output);
void hf_console_output_add(hf_console_output *output, const void *bytes, size_t size);
/** The owner has everything up to `position`; any value may come. */
void hf_console_output_arrived(hf_console_output *output, uint64_t position);
/** A message is due at once, because there is something else to say. */
void hf_console_output_hurry(hf_console_output *output);
/**
 * The next message, if one is due.
 * @param position of its first byte
 * @param bytes    HF_OUTPUT_MAX of them; `size` are written
 * @return false: not yet
 */
bool hf_console_output_next(hf_console_output *output, uint64_t now_ns, uint64_t *position, uint8_t *bytes,
                            uint32_t *size);
/** When the next one is due if nothing happens. */
uint64_t hf_console_output_wake_ns(const hf_console_output *output);

#endif
