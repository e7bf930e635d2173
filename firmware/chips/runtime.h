/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CHIPS_RUNTIME_H
#define HF_CHIPS_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file runtime.h
 * Services common to all chips, used by main(): UART, cycle counter, stack, fault reports, nonce.
 */

/* uart.c: polled. The host sends a request and waits for its answer, so no byte arrives at other times. */

#define UART_BAUD_AFTER_RESET 115200U

/** Connects and enables the UART. */
void uart_start(uint32_t clock_hz, uint32_t baud);
bool uart_started(void);
/** Whether the UART can produce the rate within 2 %. */
bool uart_can(uint32_t baud);
/** Waits until the last bit has been sent, then changes the rate. Check uart_can() first. */
void uart_set_baud(uint32_t baud);
void uart_send(const char *bytes, size_t size);
/** Waits for a byte. */
char uart_receive(void);
/** Number of overruns, framing errors and noise errors so far. */
uint32_t uart_errors(void);

/* cycle_counter.c */

/** Starts the cycle counter and searches for an instruction counter. */
void counters_start(void);
/** The core's cycle counter; wraps at 2^32. */
uint32_t counters_cycles(void);
bool counters_have_instructions(void);
/** Instructions executed since reset. Only if counters_have_instructions(). */
uint64_t counters_instructions(void);

/* stack_usage.c */

/** Fills the unused stack with a pattern. Protects the guard below the stack with the MPU, if there is
 * one. */
void stack_prepare(void);
/** High-water mark since then, in bytes. */
uint32_t stack_used(void);
/** Whether the last word of the stack was used, so that it may have overflowed. */
bool stack_spent(void);

/* fault_handler.c */

/** The current activity, for a fault report; static strings. */
extern const char *volatile fault_doing;
/** Enables the separate fault exceptions, so that a report names the kind of fault. */
void fault_enable(void);
/**
 * Sends a `fault` record of this kind, and again for every line that the host sends, until reset.
 * @param pc where the fault was detected, or 0
 */
__attribute__((noreturn)) void fault_report(const char *kind, uint32_t pc, const char *doing);
/** Handler of every exception except reset. */
void fault_entry(void);

/* read_nonce.c */

/** The nonce that the debug probe wrote for this start (../bench/INFO.md); 0 = none. Sent in every frame. */
extern uint64_t reset_nonce;
/** Reads the nonce and erases it in RAM, so that the next start does not find it. Call once, before
 * stack_prepare(). */
void nonce_take(void);

/* startup.c */

/** Entry point after a reset. */
__attribute__((noreturn)) void reset_handler(void);

#endif
