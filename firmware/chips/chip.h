/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CHIPS_CHIP_H
#define HF_CHIPS_CHIP_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file chip.h
 * The functions that each chip implements in a folder of its own. The rest of this folder is common to all.
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
/** Core frequency after a reset. */
extern const uint32_t chip_reset_hz;

/**
 * Raises the core from the reset clock to full speed: voltage, oscillator, PLL, wait states, caches. Every
 * wait is bounded. The most accurate source available drives the PLL. Call it before any peripheral is
 * clocked, as the STM32F7 requires for over-drive.
 * @param clock_hz out: core frequency; after a failure that of the reset clock, which runs again
 * @param source   out: source of the clock (proto/SPEC.md, `clock_source`); static
 * @return NULL, or what failed
 */
const char *chip_start_clock(uint32_t *clock_hz, const char **source);

/** Enables the UART's clock and connects its pins. Its kernel clock is derived from the core clock. */
void chip_connect_uart(void);

/**
 * The UART's BRR for a rate.
 * @param clock_hz  the core's frequency
 * @param baud      1,000 to 10,000,000
 * @param actual_hz out: the resulting rate
 * @return 0 if no divider fits
 */
uint32_t chip_baud_divider(uint32_t clock_hz, uint32_t baud, uint32_t *actual_hz);

/** Returns the cause of the last reset and clears it: "power", "pin", "software", ... */
const char *chip_reset_cause(void);

#endif
