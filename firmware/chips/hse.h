/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CHIPS_HSE_H
#define HF_CHIPS_HSE_H

#include "bits.h"

/* In RCC_CR of both chips: RM0432 6.4.1, RM0410 5.3.1 */
#define CR_HSEON  (1U << 16)
#define CR_HSERDY (1U << 17)
#define CR_HSEBYP (1U << 18)

/* More than 2 ms at 16 MHz, because the clock may be missing: an external clock is ready well within 1 ms. */
#define HSE_POLL_TURNS 4000U

/** Starts HSE with an external clock at OSC_IN. @return false if there is none: HSE is off again */
static inline bool hse_start_bypass(volatile uint32_t *rcc_cr)
{
    *rcc_cr |= CR_HSEBYP; /* may only change while HSE is off */
    *rcc_cr |= CR_HSEON;
    if (poll_for(HSE_POLL_TURNS, rcc_cr, CR_HSERDY, CR_HSERDY))
        return true;
    *rcc_cr &= ~CR_HSEON;
    (void)poll(rcc_cr, CR_HSERDY, 0);
    *rcc_cr &= ~CR_HSEBYP;
    return false;
}

#endif
