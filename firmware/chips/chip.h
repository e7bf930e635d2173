/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CHIPS_CHIP_H
#define HF_CHIPS_CHIP_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file chip.h
 * What differs between the chips; one folder each implements it. The rest of this folder is common to all.
 */

/** The registers of the UART wired to the debug probe's virtual COM port (same layout on both chips). */
typedef struct chip_uart {
    volatile uint32_t CR1; /* 0x00 */
    volatile uint32_t CR2;
    volatile uint32_t CR3;
    volatile uint32_t BRR; /* 0x0C */
    volatile uint32_t GTPR;
    volatile uint32_t RTOR;
    volatile uint32_t RQR;
    volatile uint32_t ISR; /* 0x1C */
    volatile uint32_t ICR; /* 0x20 */
    volatile uint32_t RDR; /* 0x24 */
    volatile uint32_t TDR; /* 0x28 */
} chip_uart;

extern const char *const chip_core;
extern chip_uart *const chip_vcp;
/** Frequency at which the core runs after a reset. */
extern const uint32_t chip_reset_hz;

/**
 * From the reset clock to full speed: voltage, oscillator, PLL, wait states, caches. Every wait is bounded.
 * No peripheral may be clocked yet: the STM32F7 wants it so for over-drive. The most exact source there is
 * drives the PLL.
 * @param clock_hz out: the core's frequency now, on failure that of the reset clock, which is running again
 * @param source   out: what the clock comes from (proto/SPEC.md, `clock_source`); static
 * @return NULL, or what did not happen
 */
const char *chip_start_clock(uint32_t *clock_hz, const char **source);

/** Clocks the UART and connects its pins. The UART's kernel clock follows from the core's. */
void chip_connect_uart(void);

/**
 * The UART's BRR for a rate.
 * @param clock_hz  the core's frequency
 * @param baud      1,000 to 10,000,000
 * @param actual_hz out: the rate that this divider makes
 * @return 0 if no divider fits
 */
uint32_t chip_baud_divider(uint32_t clock_hz, uint32_t baud, uint32_t *actual_hz);

/** Cause of the last reset, and forgets it: "power", "pin", "software", ... */
const char *chip_reset_cause(void);

#endif
