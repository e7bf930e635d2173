/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_PERIPHERALS_H
#define VB_PERIPHERALS_H

#include "bus.h"

/**
 * @file peripherals.h
 * Clocks, GPIO and USART, which both chips have in common.
 */

typedef struct vb_clocks {
    uint32_t sysclk_hz, hclk_hz, pclk1_hz, pclk2_hz;
    uint32_t hsi_hz;
    uint32_t flash_wait_states_needed;
    const char *violation; /**< what is wrong with the present clocks, or NULL */
    const char *violation_reported;
    const char *pll_complaint; /**< why the PLL cannot lock, or NULL */
    uint64_t raised_ns; /**< L4: when the system clock last rose above the limit of range 1 without boost */
} vb_clocks;

/** Derives the bus clocks from the system clock.
 * @param hpre, ppre1, ppre2 the fields of RCC_CFGR */
void vb_clocks_divide(vb_machine *m, uint32_t sysclk_hz, uint32_t hpre, uint32_t ppre1, uint32_t ppre2);
/** Passes new clocks, wait states and caches to timing model, USART and run loop. */
void vb_clocks_changed(vb_machine *m);

typedef struct vb_gpio {
    uint32_t registers[11]; /* 0x00 .. 0x28 */
} vb_gpio;

typedef struct vb_usart {
    uint32_t cr1, cr2, cr3, brr, gtpr, rtor, presc;
    uint32_t flags; /**< the clearable ones */
    bool receive_full, transmit_full;
    uint8_t receive_data, transmit_data;
    uint32_t baud_reported;
    uint64_t next_receive_ns; /**< when the byte on the line has passed: no other can arrive earlier */
} vb_usart;

bool vb_gpio_add(vb_machine *m, uint32_t base, uint32_t ports);
void vb_gpio_reset(vb_machine *m);
/** @return true if the pin is in alternate function mode with this function */
bool vb_gpio_is_alternate(const vb_machine *m, uint32_t port, uint32_t pin, uint32_t function);

bool vb_usart_add(vb_machine *m, uint32_t base);
void vb_usart_reset(vb_machine *m);
/** Receives a byte, and sends a waiting one, if the port is ready. */
void vb_usart_poll(vb_machine *m);
/** Clocks or pins have changed: passes the baud rate to the port. */
void vb_usart_update(vb_machine *m);

#endif
