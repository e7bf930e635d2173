/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FAULT_INJECTION_FAULT_INJECTION_H
#define HF_FAULT_INJECTION_FAULT_INJECTION_H

#include <stdint.h>

#include "serial/serial.h"

/**
 * @file fault_injection.h
 * A decorator for any serial line that injects faults. They depend on a seed and the position in the byte
 * stream only: the same seed and bytes give the same faults and the same event log, however the bytes are
 * divided into reads and writes.
 */

/** A rate of N means one byte in N on average; 0 = never. */
typedef struct hf_fault_plan {
    uint32_t seed;
    uint32_t drop_every;             /**< a received byte is lost */
    uint32_t flip_every;             /**< one bit of a received byte is changed */
    uint32_t drop_out_every;         /**< a sent byte is lost */
    uint32_t flip_out_every;         /**< one bit of a sent byte is changed */
    uint32_t delay_every;            /**< a received byte and all after it are late */
    uint32_t delay_ms;               /**< by this much */
    uint64_t truncate_after_bytes;   /**< nothing is received after this many bytes; 0 = never */
    uint64_t disconnect_after_bytes; /**< the line is gone after this many received bytes; 0 = never */
} hf_fault_plan;

typedef struct hf_fault_line hf_fault_line;

/**
 * Wraps a line in the decorator.
 * @param inner owned by the new line, even if this fails
 * @param line  set to the decorator, to read its log; lives as long as the new line
 */
hf_status hf_fault_wrap(hf_serial *inner, const hf_fault_plan *plan, hf_serial **out, hf_fault_line **line,
                        hf_error *err);

/** The injected faults, one per line: `in 1042 flip 0x37 0x33`. Valid until the line is used again. */
const char *hf_fault_log(const hf_fault_line *line);
/** Number of injected faults. */
uint32_t hf_fault_count(const hf_fault_line *line);

#endif
