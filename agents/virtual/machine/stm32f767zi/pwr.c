/* SPDX-License-Identifier: Apache-2.0 */
/* Supply of the STM32F767: PWR (RM0410 rev 4, chapter 4), the part that start-up code uses. */
#include <string.h>

#include "stm32f767zi/parts.h"

enum { CR1 = 0x00, CSR1 = 0x04 }; /* 4.4 */

#define CR1_VOS (3u << 14)
#define ODEN    (1u << 16)
#define ODSWEN  (1u << 17)
#define VOSRDY  (1u << 14)
#define PWREN   (1u << 28) /* RCC_APB1ENR */
#define MHZ     1000000u

/* Close to the maxima in the data sheet's tables of supply and over-drive switching (DS11532). */
#define VOS_NS        UINT64_C(100000)
#define OVER_DRIVE_NS UINT64_C(100000)

enum { /* RCC, RM0410 5.3 */
       RCC_CR = 0x00,
       RCC_CFGR = 0x08,
       RCC_AHB1ENR = 0x30,
       RCC_AHB2ENR = 0x34,
       RCC_AHB3ENR = 0x38,
       RCC_APB1ENR = 0x40,
       RCC_APB2ENR = 0x44,
};

/* 3.3.3 table "number of wait states" at 2.7-3.6 V; 4.1.4 for over-drive and voltage scales */
const char *vb_pwr_f7_check(vb_machine *m)
{
    uint32_t hclk = m->clocks.hclk_hz, cr1 = vb_f7(m)->pwr[CR1 / 4], vos = cr1 >> 14 & 3;
    bool over_drive = vb_time_part(m, VB_PART_OVER_DRIVE_SWITCH, cr1 & ODSWEN, OVER_DRIVE_NS);
    uint32_t needed = hclk == 0 ? 0 : hclk > 210 * MHZ ? 7 : (hclk - 1) / (30 * MHZ);
    const char *violation = NULL;
    m->clocks.flash_wait_states_needed = needed;
    if (hclk > 216 * MHZ)
        violation = "HCLK above 216 MHz (RM0410 5.2)";
    else if (hclk > 180 * MHZ && !over_drive)
        violation = "HCLK above 180 MHz without over-drive, PWR_CSR1.ODSWRDY (RM0410 4.1.4)";
    else if ((hclk > 144 * MHZ && vos == 1) || (hclk > 168 * MHZ && vos == 2 && !over_drive))
        violation = "HCLK too high for the regulator's voltage scale, PWR_CR1.VOS (RM0410 4.1.4)";
    else if ((vb_f7(m)->flash.acr & 15) < needed)
        violation = "too few flash wait states for HCLK, FLASH_ACR.LATENCY (RM0410 3.3.3)";
    return violation;
}

static bool clocked(vb_machine *m, const vb_request *r)
{
    bool on = vb_f7(m)->rcc[RCC_APB1ENR / 4] & PWREN;
    if (!on && r->from_code)
        vb_notice(m, "PWR is accessed without its clock, RCC_APB1ENR.PWREN: reads 0, ignores writes");
    return on && r->offset / 4 < 64;
}

static uint32_t pwr_read(vb_machine *m, const vb_request *r)
{
    if (!clocked(m, r))
        return 0;
    if (vb_time_part_due(m))
        m->chip->update_clocks(m);
    if (r->offset != CSR1)
        return vb_f7(m)->pwr[r->offset / 4];
    uint32_t cr1 = vb_f7(m)->pwr[CR1 / 4], value = 0;
    value |= vb_time_part(m, VB_PART_REGULATOR, true, VOS_NS) ? VOSRDY : 0;
    value |= vb_time_part(m, VB_PART_OVER_DRIVE, cr1 & ODEN, OVER_DRIVE_NS) ? ODEN : 0;
    value |= vb_time_part(m, VB_PART_OVER_DRIVE_SWITCH, cr1 & ODSWEN, OVER_DRIVE_NS) ? ODSWEN : 0;
    return value;
}

/* Excludes what is clocked after a reset or must be clocked here: RAM, the backup interface, PWR itself. */
static bool peripherals_clocked(const vb_machine *m)
{
    return (vb_f7(m)->rcc[RCC_AHB1ENR / 4] & ~0x00100000u) || vb_f7(m)->rcc[RCC_AHB2ENR / 4] ||
           vb_f7(m)->rcc[RCC_AHB3ENR / 4] || (vb_f7(m)->rcc[RCC_APB1ENR / 4] & ~(PWREN | 0x400u)) ||
           vb_f7(m)->rcc[RCC_APB2ENR / 4];
}

/* 4.1.4, entering over-drive mode */
static uint32_t over_drive(vb_machine *m, uint32_t old, uint32_t value)
{
    bool from_pll = (vb_f7(m)->rcc[RCC_CFGR / 4] >> 2 & 3) == 2;
    if ((value & ~old & ODEN) && from_pll)
        vb_notice(m, "ODEN is set while the PLL is the system clock (RM0410 4.1.4)");
    if (value & ~old & ODSWEN) {
        if (!vb_time_part(m, VB_PART_OVER_DRIVE, old & ODEN, OVER_DRIVE_NS)) {
            vb_notice(m, "ODSWEN is set before ODRDY: no switch to over-drive (RM0410 4.1.4)");
            value &= ~ODSWEN;
        }
        if (peripherals_clocked(m))
            vb_notice(m, "peripherals are clocked while over-drive is switched on (RM0410 4.1.4)");
    }
    if (!(value & ODEN))
        value &= ~ODSWEN;
    vb_time_part(m, VB_PART_OVER_DRIVE, value & ODEN, OVER_DRIVE_NS);
    vb_time_part(m, VB_PART_OVER_DRIVE_SWITCH, value & ODSWEN, OVER_DRIVE_NS);
    return value;
}

static void pwr_write(vb_machine *m, const vb_request *r)
{
    if (!clocked(m, r) || r->offset == CSR1)
        return;
    uint32_t old = vb_f7(m)->pwr[r->offset / 4], value = vb_merge(old, r);
    if (r->offset == CR1) {
        if (((value ^ old) & CR1_VOS) && (vb_f7(m)->rcc[RCC_CR / 4] & 1u << 24)) {
            vb_notice(m, "VOS is changed while the PLL is on: ignored (RM0410 4.4.1)");
            value = (value & ~CR1_VOS) | (old & CR1_VOS);
        } else if ((value ^ old) & CR1_VOS) {
            vb_time_restart_part(m, VB_PART_REGULATOR, VOS_NS);
        }
        value = over_drive(m, old, value);
    }
    vb_f7(m)->pwr[r->offset / 4] = value;
    m->chip->update_clocks(m);
}

bool vb_pwr_f7_add(vb_machine *m)
{
    return vb_bus_add_device(m, &(vb_device){0x40007000, 0x400, 0, pwr_read, pwr_write});
}

void vb_pwr_f7_reset(vb_machine *m)
{
    memset(vb_f7(m)->pwr, 0, sizeof vb_f7(m)->pwr);
    vb_f7(m)->pwr[CR1 / 4] = CR1_VOS; /* scale 1, and reached */
    m->time.on[VB_PART_REGULATOR] = true;
    m->time.ready_ns[VB_PART_REGULATOR] = 0;
    m->time.on[VB_PART_OVER_DRIVE] = m->time.on[VB_PART_OVER_DRIVE_SWITCH] = false;
}
