/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FAULT_INJECTION_FAULT_INJECTION_H
#define HF_FAULT_INJECTION_FAULT_INJECTION_H

#include <stdint.h>

#include "serial/serial.h"

/**
 * @file fault_injection.h
 * A decorator around any serial line that injects faults, decided by a seed and the position in the byte
 * stream alone: the same seed over the same bytes gives the same faults and the same event log, however the
 * bytes happened to be cut into reads and writes.
 */

/** Rates are "one byte in so many", on average; 0 = never. */
typedef struct hf_fault_plan {
    uint32_t seed;
    uint32_t drop_every;             /**< a received byte is lost */
    uint32_t flip_every;             /**< one bit of a received byte is changed */
    uint32_t drop_out_every;         /**< a sent byte is lost */
    uint32_t flip_out_every;         /**< one bit of a sent byte is changed */
    uint32_t delay_every;            /**< a received byte and all behind it arrive late */
    uint32_t delay_ms;               /**< by this much */
    uint64_t truncate_after_bytes;   /**< nothing is received after so many bytes; 0 = never */
    uint64_t disconnect_after_bytes; /**< the line is gone after so many received bytes; 0 = never */
} hf_fault_plan;

typedef struct hf_fault_line hf_fault_line;

/**
 * Puts the decorator around a line.
 * @param inner owned by the new line, also if this fails
 * @param line  set to the decorator, for its log; it lives as long as the new line
 */
hf_status hf_fault_wrap(hf_serial *inner, const hf_fault_plan *plan, hf_serial **out, hf_fault_line **line,
                        hf_error *err);

/** What was injected, one line each: `in 1042 flip 0x37 0x33`. Valid until the line is used again. */
const char *hf_fault_log(const hf_fault_line *line);
/** How many faults were injected. */
uint32_t hf_fault_count(const hf_fault_line *line);

#endif
