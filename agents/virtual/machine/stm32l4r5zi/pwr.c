/* SPDX-License-Identifier: Apache-2.0 */
/* Supply of the STM32L4R5: PWR (RM0432 rev 9, chapter 5), the part that start-up code uses. */
#include <string.h>

#include "stm32l4r5zi/parts.h"

enum { CR1 = 0x00, CR2 = 0x04, CR3 = 0x08, SR2 = 0x14, CR5 = 0x80 }; /* 5.4 */

#define CR5_R1MODE   (1u << 8)
#define SR2_REGLPS   (1u << 8)
#define SR2_VOSF     (1u << 10)
#define PWREN        (1u << 28) /* RCC_APB1ENR1 */
#define MHZ          1000000u
#define REGULATOR_NS UINT64_C(40000) /* range 2 to 1, of the order of the data sheet's maximum (DS12023) */

static uint32_t range(const vb_machine *m)
{
    return vb_l4(m)->pwr[CR1 / 4] >> 9 & 3;
}

static bool reached(vb_machine *m)
{
    return vb_time_part(m, VB_PART_REGULATOR, true, REGULATOR_NS);
}

/* 3.3.3, table "number of wait states according to CPU clock"; 5.1.8 for the ranges */
const char *vb_pwr_l4_check(vb_machine *m)
{
    uint32_t hclk = m->clocks.hclk_hz, needed;
    bool boost = !(vb_l4(m)->pwr[CR5 / 4] & CR5_R1MODE);
    const char *violation = NULL;
    if (range(m) == 2) {
        needed = hclk <= 8 * MHZ ? 0 : hclk <= 16 * MHZ ? 1 : 2;
        if (hclk > 26 * MHZ)
            violation = "HCLK above 26 MHz in voltage range 2 (RM0432 5.1.8)";
    } else {
        needed = hclk == 0 ? 0 : (hclk - 1) / (20 * MHZ);
        if (hclk > 120 * MHZ)
            violation = "HCLK above 120 MHz (RM0432 6.2)";
        else if (hclk > 80 * MHZ && !boost)
            violation = "HCLK above 80 MHz without range 1 boost mode, PWR_CR5.R1MODE (RM0432 5.1.8)";
        else if (hclk > 26 * MHZ && !reached(m))
            violation = "HCLK above 26 MHz before voltage range 1 is reached, PWR_SR2.VOSF (RM0432 5.1.8)";
    }
    m->clocks.flash_wait_states_needed = needed;
    if (!violation && (vb_l4(m)->flash.acr & 15) < needed)
        violation = "too few flash wait states for HCLK, FLASH_ACR.LATENCY (RM0432 3.3.3)";
    return violation;
}

static bool clocked(vb_machine *m, const vb_request *r)
{
    bool on = vb_l4(m)->rcc[0x58 / 4] & PWREN;
    if (!on && r->from_code)
        vb_notice(m, "PWR is accessed without its clock, RCC_APB1ENR1.PWREN: reads 0, ignores writes");
    return on && r->offset / 4 < 64;
}

static uint32_t pwr_read(vb_machine *m, const vb_request *r)
{
    if (!clocked(m, r))
        return 0;
    if (vb_time_part_due(m))
        m->chip->update_clocks(m);
    if (r->offset == SR2)
        return SR2_REGLPS | (reached(m) ? 0 : SR2_VOSF);
    return vb_l4(m)->pwr[r->offset / 4];
}

static void pwr_write(vb_machine *m, const vb_request *r)
{
    if (!clocked(m, r) || r->offset == SR2)
        return;
    uint32_t old = vb_l4(m)->pwr[r->offset / 4], value = vb_merge(old, r);
    if (r->offset == CR1) {
        uint32_t vos = value >> 9 & 3;
        if (vos == 0 || vos == 3) /* 5.4.1: cannot be written */
            value = (value & ~0x600u) | (old & 0x600u);
        if (vos == 1 && (old >> 9 & 3) != 1)
            vb_time_restart_part(m, VB_PART_REGULATOR, REGULATOR_NS);
    }
    vb_l4(m)->pwr[r->offset / 4] = value;
    m->chip->update_clocks(m);
    vb_usart_update(m); /* CR2.IOSV */
}

bool vb_pwr_l4_add(vb_machine *m)
{
    return vb_bus_add_device(m, &(vb_device){0x40007000, 0x400, 0, pwr_read, pwr_write});
}

void vb_pwr_l4_reset(vb_machine *m)
{
    memset(vb_l4(m)->pwr, 0, sizeof vb_l4(m)->pwr);
    vb_l4(m)->pwr[CR1 / 4] = 0x200; /* range 1, and reached */
    vb_l4(m)->pwr[CR3 / 4] = 0x8000;
    vb_l4(m)->pwr[CR5 / 4] = CR5_R1MODE;
    m->time.on[VB_PART_REGULATOR] = true;
    m->time.ready_ns[VB_PART_REGULATOR] = 0;
}
