/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CHIPS_RUNTIME_H
#define HF_CHIPS_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file runtime.h
 * What the chips have in common and the firmware's main() builds on: UART, counters, stack, fault reports.
 */

/* uart.c: polled; the host sends one request and then waits, so nothing arrives while nobody listens. */

#define UART_BAUD_AFTER_RESET 115200U

/** Connects and enables the UART. */
void uart_start(uint32_t clock_hz, uint32_t baud);
bool uart_started(void);
/** Whether the rate can be made to 2 %. */
bool uart_can(uint32_t baud);
/** Waits until the last bit has left, then changes the rate. Needs uart_can(). */
void uart_set_baud(uint32_t baud);
void uart_send(const char *bytes, size_t size);
/** Waits for a byte. */
char uart_receive(void);
/** Overruns, framing errors and noise seen so far. */
uint32_t uart_errors(void);

/* cycle_counter.c */

/** Starts the cycle counter, and looks for an instruction counter. */
void counters_start(void);
/** The core's cycle counter; wraps at 2^32. */
uint32_t counters_cycles(void);
bool counters_have_instructions(void);
/** Instructions executed since reset. Only if counters_have_instructions(). */
uint64_t counters_instructions(void);

/* stack_usage.c */

/** Fills the unused stack with a pattern, and has the MPU, where there is one, refuse access to the guard
 * below. */
void stack_prepare(void);
/** Most bytes used since. */
uint32_t stack_used(void);
/** Whether the stack has come to its very end, so that it may have gone further. */
bool stack_spent(void);

/* fault_handler.c */

/** What is being done, for a fault report; static strings. */
extern const char *volatile fault_doing;
/** Turns the separate fault handlers on, so that a report can tell them apart. */
void fault_enable(void);
/**
 * Reports a `fault` record of this kind over serial, and repeats it whenever the host sends a line, until
 * reset.
 * @param pc where it was noticed, or 0
 */
__attribute__((noreturn)) void fault_report(const char *kind, uint32_t pc, const char *doing);
/** What every vector but reset leads to. */
void fault_entry(void);

/* read_nonce.c */

/** What the debug probe left for this start (../bench/INFO.md); 0 = nothing. Every frame carries it. */
extern uint64_t reset_nonce;
/** Takes it and erases it in the RAM, so that another start does not find it.
 * Once, before stack_prepare(). */
void nonce_take(void);

/* startup.c */

/** Where the processor begins after a reset. */
__attribute__((noreturn)) void reset_handler(void);

#endif
