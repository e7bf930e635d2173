/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks and supply of the STM32L4R5: RCC (RM0432 rev 9, chapter 6) and PWR (chapter 5), as far as start-up
 * code uses them. Oscillators are ready at once; NUCLEO-L4R5ZI has no HSE crystal, so HSERDY never comes. */
#include <string.h>

#include "machine/machine_internal.h"

enum { /* RCC offsets, 6.4 */
       CR = 0x00,
       CFGR = 0x08,
       PLLCFGR = 0x0C,
       AHB1ENR = 0x48,
       AHB2ENR = 0x4C,
       APB1ENR1 = 0x58,
       APB1ENR2 = 0x5C,
       CCIPR = 0x88,
       BDCR = 0x90,
       CSR = 0x94,
       CRRCR = 0x98,
};
enum { PWR_CR1 = 0x00, PWR_CR2 = 0x04, PWR_CR3 = 0x08, PWR_SR2 = 0x14, PWR_CR5 = 0x80 }; /* 5.4 */

#define CR_MSION    (1u << 0)
#define CR_MSIRDY   (1u << 1)
#define CR_MSIRGSEL (1u << 3)
#define CR_HSION    (1u << 8)
#define CR_HSIRDY   (1u << 10)
#define CR_PLLON    (1u << 24)
#define CR_PLLRDY   (1u << 25)
#define CR_READY    0x2A020402u /* every ready bit: MSI, HSI, HSE, PLL, PLLSAI1, PLLSAI2 */
#define CSR_RMVF    (1u << 23)
#define MHZ         1000000u

static uint32_t *rcc(vb_machine *m, uint32_t offset)
{
    return &m->rcc[offset / 4];
}

static uint32_t msi_hz(const vb_machine *m)
{
    static const uint32_t khz[16] = {100, 200, 400, 800, 1000, 2000, 4000, 8000, 16000, 24000, 32000, 48000};
    uint32_t range = m->rcc[0] & CR_MSIRGSEL ? m->rcc[0] >> 4 & 15 : m->rcc[CSR / 4] >> 8 & 15;
    return khz[range] * 1000;
}

/* 6.4.4; 0 while the PLL cannot lock or its main output is off */
static uint32_t pll_hz(const vb_machine *m, const char **complaint)
{
    uint32_t cfg = m->rcc[PLLCFGR / 4], source = cfg & 3, cr = m->rcc[0];
    uint32_t in = source == 1 && (cr & CR_MSION) ? msi_hz(m) : source == 2 && (cr & CR_HSION) ? 16 * MHZ : 0;
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

static uint32_t prescaler(uint32_t field, uint32_t bits)
{
    static const uint8_t ahb[8] = {1, 2, 3, 4, 6, 7, 8, 9}; /* shift for 8..15: 2, 4, 8, 16, 64 ... 512 */
    if (bits == 4)
        return field & 8 ? ahb[field & 7] : 0;
    return field & 4 ? (field & 3) + 1 : 0;
}

/* 3.3.3, table "number of wait states according to CPU clock"; 5.1.8 for the ranges */
static const char *check_supply(vb_machine *m)
{
    uint32_t hclk = m->clocks.hclk_hz, vos = m->pwr[PWR_CR1 / 4] >> 9 & 3, needed;
    bool boost = !(m->pwr[PWR_CR5 / 4] & 0x100);
    const char *violation = NULL;
    if (vos == 2) {
        needed = hclk <= 8 * MHZ ? 0 : hclk <= 16 * MHZ ? 1 : 2;
        if (hclk > 26 * MHZ)
            violation = "HCLK above 26 MHz in voltage range 2 (RM0432 5.1.8)";
    } else {
        needed = hclk == 0 ? 0 : (hclk - 1) / (20 * MHZ);
        if (hclk > 120 * MHZ)
            violation = "HCLK above 120 MHz (RM0432 6.2)";
        else if (hclk > 80 * MHZ && !boost)
            violation = "HCLK above 80 MHz without range 1 boost mode, PWR_CR5.R1MODE (RM0432 5.1.8)";
    }
    m->clocks.flash_wait_states_needed = needed;
    if (!violation && (m->flash_regs.acr & 15) < needed)
        violation = "too few flash wait states for HCLK, FLASH_ACR.LATENCY (RM0432 3.3.3)";
    return violation;
}

void vb_rcc_l4_update(vb_machine *m)
{
    const char *complaint = NULL;
    uint32_t cr = *rcc(m, CR) & ~CR_READY;
    uint32_t pll = cr & CR_PLLON ? pll_hz(m, &complaint) : 0;
    cr |= cr & CR_MSION ? CR_MSIRDY : 0;
    cr |= cr & CR_HSION ? CR_HSIRDY : 0;
    cr |= pll ? CR_PLLRDY : 0;
    *rcc(m, CR) = cr;
    uint32_t cfgr = *rcc(m, CFGR), wanted = cfgr & 3, used = cfgr >> 2 & 3;
    bool pll_out = pll && (*rcc(m, PLLCFGR) & 1u << 24);
    bool available = wanted == 0 ? cr & CR_MSION : wanted == 1 ? cr & CR_HSION : wanted == 3 && pll_out;
    if (available)
        used = wanted;
    *rcc(m, CFGR) = (cfgr & ~0xCu) | used << 2;
    m->clocks.hsi_hz = 16 * MHZ;
    m->clocks.sysclk_hz = used == 0 ? msi_hz(m) : used == 1 ? 16 * MHZ : pll;
    m->clocks.hclk_hz = m->clocks.sysclk_hz >> prescaler(cfgr >> 4 & 15, 4);
    m->clocks.pclk1_hz = m->clocks.hclk_hz >> prescaler(cfgr >> 8 & 7, 3);
    m->clocks.pclk2_hz = m->clocks.hclk_hz >> prescaler(cfgr >> 11 & 7, 3);
    m->clocks.pll_complaint = complaint;
    m->clocks.violation = check_supply(m);
    vb_clocks_changed(m);
}

static uint32_t rcc_read(vb_machine *m, const vb_request *r)
{
    uint32_t value = r->offset / 4 < 64 ? m->rcc[r->offset / 4] : 0;
    if (r->offset == CSR) {
        value |= m->reset_flags;
        value |= value & 1 ? 2 : 0; /* LSION, LSIRDY */
    } else if (r->offset == BDCR || r->offset == CRRCR) {
        value |= value & 1 ? 2 : 0; /* LSE, HSI48 */
    }
    return value;
}

static void rcc_write(vb_machine *m, const vb_request *r)
{
    if (r->offset / 4 >= 64)
        return;
    uint32_t *reg = rcc(m, r->offset), value = vb_merge(*reg, r), cr = *rcc(m, CR);
    switch (r->offset) {
    case CR:
        if (m->rcc[CFGR / 4] >> 2 & 3) { /* a clock in use cannot be switched off */
            if ((m->rcc[CFGR / 4] >> 2 & 3) == 3)
                value |= CR_PLLON;
        } else {
            value |= CR_MSION;
        }
        break;
    case PLLCFGR: /* 6.4.4: only the output enables may change while the PLL runs */
        if (cr & CR_PLLON)
            value = (*reg & ~0x01110000u) | (value & 0x01110000u);
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

static bool pwr_clocked(const vb_machine *m)
{
    return m->rcc[APB1ENR1 / 4] & 1u << 28;
}

static uint32_t pwr_read(vb_machine *m, const vb_request *r)
{
    if (!pwr_clocked(m) || r->offset / 4 >= 64)
        return 0;
    if (r->offset == PWR_SR2) /* the regulator follows at once: VOSF and REGLPF stay clear; REGLPS set */
        return 0x100;
    return m->pwr[r->offset / 4];
}

static void pwr_write(vb_machine *m, const vb_request *r)
{
    if (!pwr_clocked(m) || r->offset / 4 >= 64 || r->offset == PWR_SR2)
        return;
    uint32_t value = vb_merge(m->pwr[r->offset / 4], r);
    if (r->offset == PWR_CR1) {
        uint32_t vos = value >> 9 & 3;
        if (vos == 0 || vos == 3) /* 5.4.1: cannot be written */
            value = (value & ~0x600u) | (m->pwr[0] & 0x600u);
    }
    m->pwr[r->offset / 4] = value;
    vb_rcc_l4_update(m);
    vb_usart_update(m); /* PWR_CR2.IOSV */
}

bool vb_rcc_l4_add(vb_machine *m)
{
    return vb_bus_add_device(m, &(vb_device){0x40021000, 0x400, 0, rcc_read, rcc_write}) &&
           vb_bus_add_device(m, &(vb_device){0x40007000, 0x400, 0, pwr_read, pwr_write});
}

void vb_rcc_l4_reset(vb_machine *m)
{
    memset(m->rcc, 0, sizeof m->rcc);
    memset(m->pwr, 0, sizeof m->pwr);
    *rcc(m, CR) = 0x00000063;
    *rcc(m, PLLCFGR) = 0x00001000;
    *rcc(m, AHB1ENR) = 0x00000100;
    *rcc(m, CSR) = 0x00000600; /* MSISRANGE: 4 MHz */
    m->pwr[PWR_CR1 / 4] = 0x200;
    m->pwr[PWR_CR3 / 4] = 0x8000;
    m->pwr[PWR_CR5 / 4] = 0x100;
    vb_rcc_l4_update(m);
}
