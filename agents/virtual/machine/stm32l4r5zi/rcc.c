/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks of the STM32L4R5: RCC (RM0432 rev 9, chapter 6), the part that start-up code uses. */
#include <string.h>

#include "stm32l4r5zi/parts.h"

enum { /* RCC offsets, 6.4 */
       CR = 0x00,
       CFGR = 0x08,
       PLLCFGR = 0x0C,
       AHB1ENR = 0x48,
       BDCR = 0x90,
       CSR = 0x94,
       CRRCR = 0x98,
};
enum { PWR_CR1 = 0x00 };

#define CR_MSION    (1u << 0)
#define CR_MSIRDY   (1u << 1)
#define CR_MSIPLLEN (1u << 2)
#define CR_MSIRGSEL (1u << 3)
#define CR_MSIRANGE (0xFu << 4)
#define CR_HSION    (1u << 8)
#define CR_HSIRDY   (1u << 10)
#define CR_HSEON    (1u << 16)
#define CR_HSERDY   (1u << 17)
#define CR_HSEBYP   (1u << 18)
#define CR_PLLON    (1u << 24)
#define CR_PLLRDY   (1u << 25)
#define CR_READY    0x2A020402u /* every ready bit: MSI, HSI, HSE, PLL, PLLSAI1, PLLSAI2 */
#define BDCR_LSEON  (1u << 0)
#define BDCR_LSERDY (1u << 1)
#define CSR_RMVF    (1u << 23)
#define PWR_DBP     (1u << 8)
#define MHZ         1000000u

/* Until ready, close to the maxima in the data sheet's tables of oscillators and PLLs (DS12023); for the LSE
 * the typical value. */
#define MSI_NS   UINT64_C(10000)
#define HSI_NS   UINT64_C(5000)
#define HSE_NS   UINT64_C(100000)
#define HSI48_NS UINT64_C(6000)
#define PLL_NS   UINT64_C(40000)
#define LSI_NS   UINT64_C(210000)
#define LSE_NS   UINT64_C(2000000000)

static uint32_t *rcc(vb_machine *m, uint32_t offset)
{
    return &vb_l4(m)->rcc[offset / 4];
}

static uint32_t msi_hz(const vb_machine *m)
{
    static const uint32_t khz[16] = {100, 200, 400, 800, 1000, 2000, 4000, 8000, 16000, 24000, 32000, 48000};
    /* locked to the LSE: DS12023, MSI characteristics, "PLL mode" */
    static const uint32_t times_lse[16] = {3, 6, 12, 24, 31, 61, 122, 244, 488, 732, 977, 1465};
    uint32_t range =
        vb_l4(m)->rcc[0] & CR_MSIRGSEL ? vb_l4(m)->rcc[0] >> 4 & 15 : vb_l4(m)->rcc[CSR / 4] >> 8 & 15;
    return vb_l4(m)->rcc[0] & CR_MSIPLLEN ? times_lse[range] * 32768 : khz[range] * 1000;
}

/* 6.4.4; 0 while the PLL cannot lock. `cr` has the ready bits of the sources. */
static uint32_t pll_hz(const vb_machine *m, uint32_t cr, const char **complaint)
{
    uint32_t cfg = vb_l4(m)->rcc[PLLCFGR / 4], source = cfg & 3;
    uint32_t in = source == 1 && (cr & CR_MSIRDY)   ? msi_hz(m)
                  : source == 2 && (cr & CR_HSIRDY) ? 16 * MHZ
                  : source == 3 && (cr & CR_HSERDY) ? m->hse_hz
                                                    : 0;
    uint32_t divided = in / ((cfg >> 4 & 15) + 1), n = cfg >> 8 & 0x7F;
    uint64_t vco = (uint64_t)divided * n;
    if (in == 0)
        return 0;
    if (divided < 2660000 || divided > 8 * MHZ || n < 8 || vco < 64000000u || vco > 344000000u) {
        *complaint = "PLL input must be 2.66-8 MHz and its VCO 64-344 MHz (RM0432 6.4.4): it does not lock";
        return 0;
    }
    uint32_t divider_field = cfg >> 25 & 3;
    return (uint32_t)(vco / (2 * (uint64_t)(divider_field + 1)));
}

/* 5.1.8: to exceed 80 MHz, HCLK must be halved before the switch and raised to full speed 1 us after it. */
static void check_boost(vb_machine *m, const vb_clocks *before)
{
    const uint32_t plain = 80 * MHZ;
    vb_clocks *now = &m->clocks;
    if (now->sysclk_hz > plain && before->sysclk_hz <= plain)
        now->raised_ns = vb_time_ns(m);
    if (now->hclk_hz <= plain || before->hclk_hz > plain)
        return;
    if (before->sysclk_hz <= plain)
        vb_notice(m, "HCLK exceeds 80 MHz in one step; CFGR.HPRE must halve it first (RM0432 5.1.8)");
    else if (vb_time_block_ns(m) < now->raised_ns + 1000)
        vb_notice(m, "HCLK is raised to full speed less than 1 us after the switch to boost (RM0432 5.1.8)");
}

/* @return CR with the current ready bits */
static uint32_t ready_bits(vb_machine *m, uint32_t cr, uint32_t *pll)
{
    const char *complaint = NULL;
    bool hse = (cr & CR_HSEON) && (cr & CR_HSEBYP) && m->hse_hz; /* a clock, not a crystal */
    cr &= ~CR_READY;
    cr |= vb_time_part(m, VB_PART_MSI, cr & CR_MSION, MSI_NS) ? CR_MSIRDY : 0;
    cr |= vb_time_part(m, VB_PART_HSI, cr & CR_HSION, HSI_NS) ? CR_HSIRDY : 0;
    cr |= vb_time_part(m, VB_PART_HSE, hse, HSE_NS) ? CR_HSERDY : 0;
    *pll = cr & CR_PLLON ? pll_hz(m, cr, &complaint) : 0;
    cr |= vb_time_part(m, VB_PART_PLL, *pll, PLL_NS) ? CR_PLLRDY : 0;
    m->clocks.pll_complaint = complaint;
    return cr;
}

void vb_rcc_l4_update(vb_machine *m)
{
    uint32_t pll, cr = ready_bits(m, *rcc(m, CR), &pll);
    *rcc(m, CR) = cr;
    uint32_t cfgr = *rcc(m, CFGR), wanted = cfgr & 3, used = cfgr >> 2 & 3;
    bool pll_out = (cr & CR_PLLRDY) && (*rcc(m, PLLCFGR) & 1u << 24);
    bool available = wanted == 0   ? cr & CR_MSIRDY
                     : wanted == 1 ? cr & CR_HSIRDY
                     : wanted == 2 ? cr & CR_HSERDY
                                   : pll_out;
    if (available)
        used = wanted;
    *rcc(m, CFGR) = (cfgr & ~0xCu) | used << 2;
    const vb_clocks before = m->clocks;
    const uint32_t sources[4] = {msi_hz(m), 16 * MHZ, m->hse_hz, pll};
    m->clocks.hsi_hz = 16 * MHZ;
    vb_clocks_divide(m, sources[used], cfgr >> 4 & 15, cfgr >> 8 & 7, cfgr >> 11 & 7);
    check_boost(m, &before);
    m->clocks.violation = vb_pwr_l4_check(m);
    vb_clocks_changed(m);
}

static uint32_t rcc_read(vb_machine *m, const vb_request *r)
{
    if (vb_time_part_due(m))
        vb_rcc_l4_update(m);
    uint32_t value = r->offset / 4 < 64 ? vb_l4(m)->rcc[r->offset / 4] : 0;
    if (r->offset == CSR) {
        value |= m->reset_flags;
        value |= vb_time_part(m, VB_PART_LSI, value & 1, LSI_NS) ? 2 : 0;
    } else if (r->offset == BDCR) {
        value |= vb_time_part(m, VB_PART_LSE, (value & BDCR_LSEON) && m->has_lse, LSE_NS) ? BDCR_LSERDY : 0;
    } else if (r->offset == CRRCR) {
        value |= vb_time_part(m, VB_PART_HSI48, value & 1, HSI48_NS) ? 2 : 0;
    }
    return value;
}

static uint32_t cr_write(vb_machine *m, uint32_t old, uint32_t value)
{
    uint32_t used = vb_l4(m)->rcc[CFGR / 4] >> 2 & 3;
    static const uint32_t in_use[4] = {CR_MSION, CR_HSION, CR_HSEON, CR_PLLON};
    if (in_use[used] & ~value)
        vb_notice(m, "the clock in use is switched off: ignored (RM0432 6.4.1)");
    value |= in_use[used];
    if (((value ^ old) & CR_HSEBYP) && (old & CR_HSEON)) {
        vb_notice(m, "HSEBYP is changed while HSE is on: ignored (RM0432 6.4.1)");
        value = (value & ~CR_HSEBYP) | (old & CR_HSEBYP);
    }
    bool lse = vb_l4(m)->rcc[BDCR / 4] & BDCR_LSEON && vb_time_part(m, VB_PART_LSE, m->has_lse, LSE_NS);
    if ((value & ~old & CR_MSIPLLEN) && !lse) { /* the hardware prevents it */
        vb_notice(m, "MSIPLLEN is set before LSE is ready: ignored (RM0432 6.4.1)");
        value &= ~CR_MSIPLLEN;
    }
    if (((value ^ old) & (CR_MSIRANGE | CR_MSIRGSEL)) && (old & CR_MSION)) {
        if (!(old & CR_MSIRDY))
            vb_notice(m, "MSIRANGE is changed while MSI is on and not ready (RM0432 6.4.1)");
        vb_time_restart_part(m, VB_PART_MSI, MSI_NS);
    }
    return value;
}

static void rcc_write(vb_machine *m, const vb_request *r)
{
    if (r->offset / 4 >= 64)
        return;
    if (vb_time_part_due(m))
        vb_rcc_l4_update(m);
    uint32_t *reg = rcc(m, r->offset), value = vb_merge(*reg, r), cr = *rcc(m, CR);
    switch (r->offset) {
    case CR:
        value = cr_write(m, cr, value);
        break;
    case CFGR: {
        static const uint32_t ready[4] = {CR_MSIRDY, CR_HSIRDY, CR_HSERDY, CR_PLLRDY};
        if (((value ^ *reg) & 3) && !(cr & ready[value & 3]))
            vb_notice(m, "a clock that is not ready is selected as system clock: the switch waits (RM0432, "
                         "RCC_CFGR.SW)");
        break;
    }
    case PLLCFGR: /* 6.4.4: only the output enables may change while the PLL runs */
        if ((cr & CR_PLLON) && ((value ^ *reg) & ~0x01110000u)) {
            vb_notice(m, "PLLCFGR is written while the PLL is on: ignored (RM0432 6.4.4)");
            value = (*reg & ~0x01110000u) | (value & 0x01110000u);
        }
        break;
    case BDCR:
        if (!(vb_l4(m)->pwr[PWR_CR1 / 4] & PWR_DBP)) {
            vb_notice(m, "RCC_BDCR is written without PWR_CR1.DBP: ignored (RM0432, RCC_BDCR)");
            return;
        }
        vb_time_part(m, VB_PART_LSE, (value & BDCR_LSEON) && m->has_lse, LSE_NS);
        break;
    case CSR:
        if (value & CSR_RMVF)
            m->reset_flags = 0;
        value &= 0x00000F01u;
        break;
    default:
        break;
    }
    *reg = value;
    vb_rcc_l4_update(m);
}

bool vb_rcc_l4_add(vb_machine *m)
{
    return vb_bus_add_device(m, &(vb_device){0x40021000, 0x400, 0, rcc_read, rcc_write});
}

void vb_rcc_l4_reset(vb_machine *m)
{
    uint32_t backup = *rcc(m, BDCR); /* 6.1.3: a system reset does not affect the backup domain */
    memset(vb_l4(m)->rcc, 0, sizeof vb_l4(m)->rcc);
    *rcc(m, BDCR) = backup;
    *rcc(m, CR) = 0x00000063;
    *rcc(m, PLLCFGR) = 0x00001000;
    *rcc(m, AHB1ENR) = 0x00000100;
    *rcc(m, CSR) = 0x00000600;      /* MSISRANGE: 4 MHz */
    m->time.on[VB_PART_MSI] = true; /* the core runs on it */
    m->time.ready_ns[VB_PART_MSI] = 0;
    vb_rcc_l4_update(m);
}
