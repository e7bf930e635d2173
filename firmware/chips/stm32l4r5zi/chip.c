/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "../bits.h"
#include "../chip.h"
#include "../hse.h"
#include "description.h"
#include "registers.h"

const char *const chip_core = CHIP_CORE;
chip_uart *const chip_vcp = (chip_uart *)LPUART1_BASE;
const uint32_t chip_reset_hz = 4000000; /* MSI range 6, RM0432 "MSI clock" */

#define WAIT_STATES 5U /* range 1 boost, 100 to 120 MHz: RM0432 3.3.3, "Read access latency" */

/* 4 MHz * 60 / 2: the VCO runs at 240 MHz, within its 64 to 344 MHz (RM0432 RCC_PLLCFGR). The 4 MHz are the
 * MSI's, or half of the 8 MHz that an ST-LINK can feed into OSC_IN. */
#define PLL_120_MHZ (60U << PLLCFGR_PLLN_POS | PLLCFGR_PLLREN | PLLCFGR_PLLR_DIV2)
#define PLL_BY_MSI  (PLLCFGR_PLLSRC_MSI | (1U - 1U) << PLLCFGR_PLLM_POS | PLL_120_MHZ)
#define PLL_BY_HSE  (PLLCFGR_PLLSRC_HSE | (2U - 1U) << PLLCFGR_PLLM_POS | PLL_120_MHZ)

/* The MSI locked to the LSE runs at 122 times 32,768 Hz instead of 4 MHz (DS12023, MSI characteristics). */
#define LOCKED_HZ (122U * 32768U * 30U)

/* A 32 kHz crystal takes about 2 s to start (DS12023, LSE characteristics). A reset does not stop it. */
#define LSE_STEPS      300U
#define CYCLES_OF_STEP 40000U /* 10 ms of the MSI's 4 MHz */

typedef struct clock_source {
    const char *name;
    uint32_t pllcfgr;
    uint32_t hz; /* of the core */
} clock_source;

static const clock_source by_hse = {"hse", PLL_BY_HSE, CHIP_CLOCK_HZ};
static const clock_source by_msi_lse = {"msi_lse", PLL_BY_MSI, LOCKED_HZ};
static const clock_source by_msi = {"msi", PLL_BY_MSI, CHIP_CLOCK_HZ};

/* An iteration takes at least 8 cycles: four nops, the loop counter and a taken branch (DDI0439B 3.3.1). */
static void wait_cycles(uint32_t cycles)
{
    for (uint32_t spent = 0; spent < cycles; spent += 8)
        __asm volatile("nop\n\tnop\n\tnop\n\tnop");
}

/* If the crystal was already on, it is ready or defective: only the first start after power-on waits. */
static bool start_lse(void)
{
    PWR_CR1 |= CR1_DBP; /* RCC_BDCR is write-protected otherwise */
    if (!poll(&PWR_CR1, CR1_DBP, CR1_DBP))
        return false;
    if (!(RCC_BDCR & BDCR_LSEON)) {
        RCC_BDCR |= BDCR_LSEON;
        for (uint32_t step = 0; step < LSE_STEPS && !(RCC_BDCR & BDCR_LSERDY); step++)
            wait_cycles(CYCLES_OF_STEP);
    }
    return RCC_BDCR & BDCR_LSERDY;
}

static const clock_source *choose_source(void)
{
    /* On the NUCLEO-L4R5ZI its solder bridges are open by default (UM2179). */
    if (hse_start_bypass(&RCC_CR))
        return &by_hse;
    if (!start_lse())
        return &by_msi;
    RCC_CR |= CR_MSIPLLEN;
    return &by_msi_lse;
}

/* To 4 MHz from any state: a debugger's script may have raised the clock. */
static const char *return_to_msi(void)
{
    RCC_CR |= CR_MSION;
    if (!poll(&RCC_CR, CR_MSIRDY, CR_MSIRDY))
        return "clock: MSI oscillator not ready";
    set_field(&RCC_CR, CR_MSIRANGE, CR_MSIRANGE_4_MHZ);
    RCC_CR |= CR_MSIRGSEL;
    if (!poll(&RCC_CR, CR_MSIRDY, CR_MSIRDY))
        return "clock: MSI oscillator not ready at 4 MHz";
    set_field(&RCC_CFGR, CFGR_SW, CFGR_SW_MSI);
    if (!poll(&RCC_CFGR, CFGR_SWS, CFGR_SWS_MSI))
        return "clock: no switch to MSI";
    return NULL;
}

static const char *start_pll(uint32_t pllcfgr)
{
    RCC_CR &= ~CR_PLLON; /* PLLCFGR may only change while the PLL is off */
    if (!poll(&RCC_CR, CR_PLLRDY, 0))
        return "clock: PLL does not stop";
    RCC_PLLCFGR = pllcfgr;
    RCC_CR |= CR_PLLON;
    if (!poll(&RCC_CR, CR_PLLRDY, CR_PLLRDY))
        return "clock: PLL does not lock";
    return NULL;
}

/* Enters boost mode as in RM0432 5.1.8 ("Dynamic voltage scaling management"): halve HCLK, clear R1MODE, set
 * the wait states, raise the system clock, and set HCLK to full speed at least 1 us later. */
static const char *boost(uint32_t pllcfgr)
{
    set_field(&PWR_CR1, CR1_VOS, CR1_VOS_RANGE1);
    if (!poll(&PWR_SR2, SR2_VOSF, 0))
        return "clock: voltage range 1 not reached";
    set_field(&RCC_CFGR, CFGR_HPRE, CFGR_HPRE_DIV2);
    PWR_CR5 &= ~CR5_R1MODE;
    set_field(&FLASH_ACR, ACR_LATENCY, WAIT_STATES);
    if (!poll(&FLASH_ACR, ACR_LATENCY, WAIT_STATES))
        return "clock: flash wait states not accepted";
    const char *failure = start_pll(pllcfgr);
    if (failure)
        return failure;
    set_field(&RCC_CFGR, CFGR_SW, CFGR_SW_PLL);
    if (!poll(&RCC_CFGR, CFGR_SWS, CFGR_SWS_PLL))
        return "clock: no switch to the PLL";
    wait_cycles(120); /* 2 us at 60 MHz */
    set_field(&RCC_CFGR, CFGR_HPRE, CFGR_HPRE_DIV1);
    return NULL;
}

const char *chip_start_clock(uint32_t *clock_hz, const char **source)
{
    RCC_APB1ENR1 |= APB1ENR1_PWREN;
    (void)RCC_APB1ENR1; /* the peripheral is clocked after two cycles, RM0432 "Peripheral clock enable" */
    const clock_source *chosen = &by_msi;
    const char *failure = return_to_msi();
    if (!failure) {
        chosen = choose_source();
        failure = boost(chosen->pllcfgr);
    }
    if (failure) {
        set_field(&RCC_CFGR, CFGR_SW, CFGR_SW_MSI);
        (void)poll(&RCC_CFGR, CFGR_SWS, CFGR_SWS_MSI);
        set_field(&RCC_CFGR, CFGR_HPRE, CFGR_HPRE_DIV1);
        *clock_hz = chip_reset_hz;
    } else {
        *clock_hz = chosen->hz;
    }
    *source = chosen->name;
    FLASH_ACR |= ACR_PRFTEN | ACR_ICEN | ACR_DCEN;
    return failure;
}

/* NUCLEO-L4R5ZI: the ST-LINK's virtual COM port is on LPUART1, PG7 = TX, PG8 = RX (UM2179), alternate
 * function 8. VDDIO2 supplies PG2 to PG15 and must be declared valid first (RM0432 PWR_CR2.IOSV). */
void chip_connect_uart(void)
{
    RCC_APB1ENR1 |= APB1ENR1_PWREN;
    (void)RCC_APB1ENR1;
    PWR_CR2 |= CR2_IOSV;
    RCC_AHB2ENR |= AHB2ENR_GPIOGEN;
    (void)RCC_AHB2ENR;
    set_field(&GPIOG_AFRL, 0xFU << 28, 8U << 28);
    set_field(&GPIOG_AFRH, 0xFU << 0, 8U << 0);
    set_field(&GPIOG_PUPDR, 3U << 16, 1U << 16);     /* RX idles high with no probe connected */
    set_field(&GPIOG_MODER, 0xFU << 14, 0xAU << 14); /* alternate function, both */
    RCC_APB1ENR2 |=
        APB1ENR2_LPUART1EN; /* kernel clock: PCLK1 = the core's, as after reset (RM0432 RCC_CCIPR) */
    (void)RCC_APB1ENR2;
}

/* (256 * dividend + rest) / divisor in 32 bits, for divisors and rests below 2^23 and quotients that fit. */
static uint32_t divide_256_fold(uint32_t dividend, uint32_t rest, uint32_t divisor)
{
    return dividend / divisor * 256 + (dividend % divisor * 256 + rest) / divisor;
}

/* RM0432, LPUART baud rate generation: baud = 256 * kernel clock / BRR, BRR from 0x300 to 0xFFFFF. */
uint32_t chip_baud_divider(uint32_t clock_hz, uint32_t baud, uint32_t *actual_hz)
{
    uint32_t divider = divide_256_fold(clock_hz, baud / 2, baud);
    if (divider < 0x300 || divider > 0xFFFFF)
        return 0;
    *actual_hz = divide_256_fold(clock_hz, 0, divider);
    return divider;
}

/* Every reset pulls NRST low and therefore also sets PINRSTF (RM0432 "System reset"): last in the table. */
const char *chip_reset_cause(void)
{
    static const flag_name causes[] = {
        {CSR_BORRSTF, "power"},        {CSR_IWDGRSTF | CSR_WWDGRSTF, "watchdog"},
        {CSR_SFTRSTF, "software"},     {CSR_LPWRRSTF, "low_power"},
        {CSR_OBLRSTF, "option_bytes"}, {CSR_FWRSTF, "firewall"},
        {CSR_PINRSTF, "pin"},          {UINT32_MAX, "unknown"},
    };
    uint32_t flags = RCC_CSR;
    RCC_CSR |= CSR_RMVF;
    return first_flag_name(causes, flags);
}
