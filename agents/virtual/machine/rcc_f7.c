/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks and supply of the STM32F767: RCC (RM0410 rev 4, chapter 5) and PWR (chapter 4), as far as start-up
 * code uses them. Oscillators are ready at once; NUCLEO-F767ZI feeds 8 MHz from its probe into HSE (bypass).
 */
#include <string.h>

#include "machine/machine_internal.h"

enum { /* RCC offsets, 5.3 */
       CR = 0x00,
       PLLCFGR = 0x04,
       CFGR = 0x08,
       AHB1ENR = 0x30,
       APB1ENR = 0x40,
       BDCR = 0x70,
       CSR = 0x74,
};
enum { PWR_CR1 = 0x00, PWR_CSR1 = 0x04 }; /* 4.4 */

#define CR_HSION  (1u << 0)
#define CR_HSIRDY (1u << 1)
#define CR_HSEON  (1u << 16)
#define CR_HSERDY (1u << 17)
#define CR_HSEBYP (1u << 18)
#define CR_PLLON  (1u << 24)
#define CR_PLLRDY (1u << 25)
#define CR_READY  0x2A020002u
#define CSR_RMVF  (1u << 24)
#define ODEN      (1u << 16)
#define ODSWEN    (1u << 17)
#define VOSRDY    (1u << 14)
#define MHZ       1000000u
#define HSE_HZ    (8 * MHZ)

static uint32_t *rcc(vb_machine *m, uint32_t offset)
{
    return &m->rcc[offset / 4];
}

static bool hse_ready(uint32_t cr)
{
    return (cr & CR_HSEON) && (cr & CR_HSEBYP); /* a clock, not a crystal */
}

/* 5.3.2; 0 while the PLL cannot lock */
static uint32_t pll_hz(const vb_machine *m, const char **complaint)
{
    uint32_t cfg = m->rcc[PLLCFGR / 4], cr = m->rcc[0];
    uint32_t in = cfg & 1u << 22 ? (hse_ready(cr) ? HSE_HZ : 0) : cr & CR_HSION ? 16 * MHZ : 0;
    uint32_t divider = cfg & 63, n = cfg >> 6 & 0x1FF;
    uint32_t divided = divider >= 2 ? in / divider : 0;
    uint64_t vco = (uint64_t)divided * n;
    if (in == 0)
        return 0;
    if (divided < 950000 || divided > 2100000 || n < 50 || n > 432 || vco < 100000000u || vco > 432000000u) {
        *complaint = "PLL input must be 1-2 MHz and its VCO 100-432 MHz (RM0410 5.3.2): it does not lock";
        return 0;
    }
    uint32_t divider_field = cfg >> 16 & 3;
    return (uint32_t)(vco / (2 * (uint64_t)(divider_field + 1)));
}

static uint32_t ahb_shift(uint32_t field)
{
    static const uint8_t shift[8] = {1, 2, 3, 4, 6, 7, 8, 9};
    return field & 8 ? shift[field & 7] : 0;
}

static uint32_t apb_shift(uint32_t field)
{
    return field & 4 ? (field & 3) + 1 : 0;
}

/* 3.3.3 table "number of wait states" at 2.7-3.6 V; 4.1.4 for over-drive and voltage scales */
static const char *check_supply(vb_machine *m)
{
    uint32_t hclk = m->clocks.hclk_hz, cr1 = m->pwr[0], vos = cr1 >> 14 & 3;
    bool over_drive = (cr1 & ODEN) && (cr1 & ODSWEN);
    uint32_t needed = hclk == 0 ? 0 : hclk > 210 * MHZ ? 7 : (hclk - 1) / (30 * MHZ);
    const char *violation = NULL;
    m->clocks.flash_wait_states_needed = needed;
    if (hclk > 216 * MHZ)
        violation = "HCLK above 216 MHz (RM0410 5.2)";
    else if (hclk > 180 * MHZ && !over_drive)
        violation = "HCLK above 180 MHz without over-drive, PWR_CR1.ODEN and ODSWEN (RM0410 4.1.4)";
    else if ((hclk > 144 * MHZ && vos == 1) || (hclk > 168 * MHZ && vos == 2 && !over_drive))
        violation = "HCLK too high for the regulator's voltage scale, PWR_CR1.VOS (RM0410 4.1.4)";
    else if ((m->flash_regs.acr & 15) < needed)
        violation = "too few flash wait states for HCLK, FLASH_ACR.LATENCY (RM0410 3.3.3)";
    return violation;
}

void vb_rcc_f7_update(vb_machine *m)
{
    const char *complaint = NULL;
    uint32_t cr = *rcc(m, CR) & ~CR_READY;
    uint32_t pll = cr & CR_PLLON ? pll_hz(m, &complaint) : 0;
    cr |= cr & CR_HSION ? CR_HSIRDY : 0;
    cr |= hse_ready(cr) ? CR_HSERDY : 0;
    cr |= pll ? CR_PLLRDY : 0;
    *rcc(m, CR) = cr;
    uint32_t cfgr = *rcc(m, CFGR), wanted = cfgr & 3, used = cfgr >> 2 & 3;
    bool available = wanted == 0 ? cr & CR_HSION : wanted == 1 ? hse_ready(cr) : wanted == 2 && pll;
    if (available)
        used = wanted;
    *rcc(m, CFGR) = (cfgr & ~0xCu) | used << 2;
    m->clocks.hsi_hz = 16 * MHZ;
    m->clocks.sysclk_hz = used == 0 ? 16 * MHZ : used == 1 ? HSE_HZ : pll;
    m->clocks.hclk_hz = m->clocks.sysclk_hz >> ahb_shift(cfgr >> 4 & 15);
    m->clocks.pclk1_hz = m->clocks.hclk_hz >> apb_shift(cfgr >> 10 & 7);
    m->clocks.pclk2_hz = m->clocks.hclk_hz >> apb_shift(cfgr >> 13 & 7);
    m->clocks.pll_complaint = complaint;
    m->clocks.violation = check_supply(m);
    vb_clocks_changed(m);
}

static uint32_t rcc_read(vb_machine *m, const vb_request *r)
{
    uint32_t value = r->offset / 4 < 64 ? m->rcc[r->offset / 4] : 0;
    if (r->offset == CSR)
        value |= m->reset_flags;
    if (r->offset == CSR || r->offset == BDCR)
        value |= value & 1 ? 2 : 0; /* LSI, LSE ready */
    return value;
}

static void rcc_write(vb_machine *m, const vb_request *r)
{
    if (r->offset / 4 >= 64)
        return;
    uint32_t *reg = rcc(m, r->offset), value = vb_merge(*reg, r), cr = *rcc(m, CR);
    uint32_t used = m->rcc[CFGR / 4] >> 2 & 3;
    switch (r->offset) {
    case CR: /* a clock in use cannot be switched off */
        value |= used == 0 ? CR_HSION : used == 2 ? CR_PLLON : 0;
        break;
    case PLLCFGR: /* 5.3.2: only while the PLL is off */
        if (cr & CR_PLLON)
            value = *reg;
        break;
    case CSR:
        if (value & CSR_RMVF)
            m->reset_flags = 0;
        value &= 1;
        break;
    default:
        break;
    }
    *reg = value;
    vb_rcc_f7_update(m);
}

static bool pwr_clocked(const vb_machine *m)
{
    return m->rcc[APB1ENR / 4] & 1u << 28;
}

static uint32_t pwr_read(vb_machine *m, const vb_request *r)
{
    if (!pwr_clocked(m) || r->offset / 4 >= 64)
        return 0;
    if (r->offset == PWR_CSR1) /* ready as soon as enabled */
        return VOSRDY | (m->pwr[0] & (ODEN | ODSWEN));
    return m->pwr[r->offset / 4];
}

static void pwr_write(vb_machine *m, const vb_request *r)
{
    if (!pwr_clocked(m) || r->offset / 4 >= 64 || r->offset == PWR_CSR1)
        return;
    uint32_t value = vb_merge(m->pwr[r->offset / 4], r);
    if (r->offset == PWR_CR1 && !(value & ODEN))
        value &= ~ODSWEN;
    m->pwr[r->offset / 4] = value;
    vb_rcc_f7_update(m);
}

bool vb_rcc_f7_add(vb_machine *m)
{
    return vb_bus_add_device(m, &(vb_device){0x40023800, 0x400, 0, rcc_read, rcc_write}) &&
           vb_bus_add_device(m, &(vb_device){0x40007000, 0x400, 0, pwr_read, pwr_write});
}

void vb_rcc_f7_reset(vb_machine *m)
{
    memset(m->rcc, 0, sizeof m->rcc);
    memset(m->pwr, 0, sizeof m->pwr);
    *rcc(m, CR) = 0x00000083;
    *rcc(m, PLLCFGR) = 0x24003010;
    *rcc(m, AHB1ENR) = 0x00100000;
    *rcc(m, APB1ENR) = 0x00000400;
    m->pwr[PWR_CR1 / 4] = 0x0000C000;
    vb_rcc_f7_update(m);
}
