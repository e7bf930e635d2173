/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks of the STM32F767: RCC (RM0410 rev 4, chapter 5), the part that start-up code uses. */
#include <string.h>

#include "stm32f767zi/parts.h"

enum { /* RCC offsets, 5.3 */
       CR = 0x00,
       PLLCFGR = 0x04,
       CFGR = 0x08,
       AHB1ENR = 0x30,
       APB1ENR = 0x40,
       BDCR = 0x70,
       CSR = 0x74,
};

#define CR_HSION  (1u << 0)
#define CR_HSIRDY (1u << 1)
#define CR_HSEON  (1u << 16)
#define CR_HSERDY (1u << 17)
#define CR_HSEBYP (1u << 18)
#define CR_PLLON  (1u << 24)
#define CR_PLLRDY (1u << 25)
#define CR_READY  0x2A020002u
#define CSR_RMVF  (1u << 24)
#define PWR_DBP   (1u << 8)
#define MHZ       1000000u

/* Until ready, close to the maxima in the data sheet's tables of oscillators and PLLs (DS11532); for the LSE
 * the typical value. */
#define HSI_NS UINT64_C(4000)
#define HSE_NS UINT64_C(100000)
#define PLL_NS UINT64_C(300000)
#define LSI_NS UINT64_C(40000)
#define LSE_NS UINT64_C(2000000000)

static uint32_t *rcc(vb_machine *m, uint32_t offset)
{
    return &vb_f7(m)->rcc[offset / 4];
}

/* 5.3.2; 0 while the PLL cannot lock. `cr` has the ready bits of the sources. */
static uint32_t pll_hz(const vb_machine *m, uint32_t cr, const char **complaint)
{
    uint32_t cfg = vb_f7(m)->rcc[PLLCFGR / 4];
    uint32_t in = cfg & 1u << 22 ? (cr & CR_HSERDY ? m->hse_hz : 0) : cr & CR_HSIRDY ? 16 * MHZ : 0;
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

/* @return CR with the current ready bits */
static uint32_t ready_bits(vb_machine *m, uint32_t cr, uint32_t *pll)
{
    const char *complaint = NULL;
    bool hse = (cr & CR_HSEON) && (cr & CR_HSEBYP) && m->hse_hz; /* a clock, not a crystal */
    cr &= ~CR_READY;
    cr |= vb_time_part(m, VB_PART_HSI, cr & CR_HSION, HSI_NS) ? CR_HSIRDY : 0;
    cr |= vb_time_part(m, VB_PART_HSE, hse, HSE_NS) ? CR_HSERDY : 0;
    *pll = cr & CR_PLLON ? pll_hz(m, cr, &complaint) : 0;
    cr |= vb_time_part(m, VB_PART_PLL, *pll, PLL_NS) ? CR_PLLRDY : 0;
    m->clocks.pll_complaint = complaint;
    return cr;
}

void vb_rcc_f7_update(vb_machine *m)
{
    static const uint32_t ready[4] = {CR_HSIRDY, CR_HSERDY, CR_PLLRDY, 0};
    uint32_t pll, cr = ready_bits(m, *rcc(m, CR), &pll);
    *rcc(m, CR) = cr;
    uint32_t cfgr = *rcc(m, CFGR), wanted = cfgr & 3, used = cfgr >> 2 & 3;
    if (cr & ready[wanted])
        used = wanted;
    *rcc(m, CFGR) = (cfgr & ~0xCu) | used << 2;
    const uint32_t sources[4] = {16 * MHZ, m->hse_hz, pll, 0};
    m->clocks.hsi_hz = 16 * MHZ;
    vb_clocks_divide(m, sources[used], cfgr >> 4 & 15, cfgr >> 10 & 7, cfgr >> 13 & 7);
    if (m->clocks.pclk1_hz > 54 * MHZ || m->clocks.pclk2_hz > 108 * MHZ)
        vb_notice(m, "APB1 runs above 54 MHz or APB2 above 108 MHz (RM0410 5.3.3, PPRE1 and PPRE2)");
    m->clocks.violation = vb_pwr_f7_check(m);
    vb_clocks_changed(m);
}

static uint32_t rcc_read(vb_machine *m, const vb_request *r)
{
    if (vb_time_part_due(m))
        vb_rcc_f7_update(m);
    uint32_t value = r->offset / 4 < 64 ? vb_f7(m)->rcc[r->offset / 4] : 0;
    if (r->offset == CSR) {
        value |= m->reset_flags;
        value |= vb_time_part(m, VB_PART_LSI, value & 1, LSI_NS) ? 2 : 0;
    } else if (r->offset == BDCR) {
        value |= vb_time_part(m, VB_PART_LSE, (value & 1) && m->has_lse, LSE_NS) ? 2 : 0;
    }
    return value;
}

static uint32_t cr_write(vb_machine *m, uint32_t old, uint32_t value)
{
    static const uint32_t in_use[4] = {CR_HSION, CR_HSEON, CR_PLLON, 0};
    uint32_t used = vb_f7(m)->rcc[CFGR / 4] >> 2 & 3;
    if (in_use[used] & ~value)
        vb_notice(m, "the clock in use is switched off: ignored (RM0410 5.3.1)");
    value |= in_use[used];
    if (((value ^ old) & CR_HSEBYP) && (old & CR_HSEON)) {
        vb_notice(m, "HSEBYP is changed while HSE is on: ignored (RM0410 5.3.1)");
        value = (value & ~CR_HSEBYP) | (old & CR_HSEBYP);
    }
    return value;
}

static void rcc_write(vb_machine *m, const vb_request *r)
{
    if (r->offset / 4 >= 64)
        return;
    if (vb_time_part_due(m))
        vb_rcc_f7_update(m);
    uint32_t *reg = rcc(m, r->offset), value = vb_merge(*reg, r), cr = *rcc(m, CR);
    switch (r->offset) {
    case CR:
        value = cr_write(m, cr, value);
        break;
    case CFGR: {
        static const uint32_t ready[4] = {CR_HSIRDY, CR_HSERDY, CR_PLLRDY, 0};
        if (((value ^ *reg) & 3) && !(cr & ready[value & 3]))
            vb_notice(
                m, "a clock that is not ready is selected as system clock: the switch waits (RM0410 5.3.3)");
        break;
    }
    case PLLCFGR: /* 5.3.2: only while the PLL is off */
        if ((cr & CR_PLLON) && value != *reg) {
            vb_notice(m, "PLLCFGR is written while the PLL is on: ignored (RM0410 5.3.2)");
            value = *reg;
        }
        break;
    case BDCR:
        if (!(vb_f7(m)->pwr[0] & PWR_DBP)) {
            vb_notice(m, "RCC_BDCR is written without PWR_CR1.DBP: ignored (RM0410, RCC_BDCR)");
            return;
        }
        vb_time_part(m, VB_PART_LSE, (value & 1) && m->has_lse, LSE_NS);
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

bool vb_rcc_f7_add(vb_machine *m)
{
    return vb_bus_add_device(m, &(vb_device){0x40023800, 0x400, 0, rcc_read, rcc_write});
}

void vb_rcc_f7_reset(vb_machine *m)
{
    uint32_t backup = *rcc(m, BDCR); /* 5.1.3: a system reset does not affect the backup domain */
    memset(vb_f7(m)->rcc, 0, sizeof vb_f7(m)->rcc);
    *rcc(m, BDCR) = backup;
    *rcc(m, CR) = 0x00000083;
    *rcc(m, PLLCFGR) = 0x24003010;
    *rcc(m, AHB1ENR) = 0x00100000;
    *rcc(m, APB1ENR) = 0x00000400;
    m->time.on[VB_PART_HSI] = true; /* the core runs on it */
    m->time.ready_ns[VB_PART_HSI] = 0;
    vb_rcc_f7_update(m);
}
