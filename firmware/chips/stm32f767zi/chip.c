/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "../bits.h"
#include "../chip.h"
#include "../hse.h"
#include "description.h"
#include "registers.h"

const char *const chip_core = CHIP_CORE;
chip_uart *const chip_vcp = (chip_uart *)USART3_BASE;
const uint32_t chip_reset_hz = 16000000; /* HSI, RM0410 "HSI clock" */

#define WAIT_STATES 7U /* 210 to 216 MHz at 2.7 to 3.6 V: RM0410 chapter 3, "Read access latency" */

/* 2 MHz * 216 / 2, the 2 MHz from HSI / 8 or HSE / 4: the VCO runs at 432 MHz, both within limits (RM0410
 * RCC_PLLCFGR). Q and R are unused but must be 2 or more; 9 keeps the 48 MHz domain at 48. */
#define PLL_216_MHZ                                                                                          \
    (216U << PLLCFGR_PLLN_POS | PLLCFGR_PLLP_DIV2 | 9U << PLLCFGR_PLLQ_POS | 2U << PLLCFGR_PLLR_POS)
#define PLL_BY_HSI (PLLCFGR_PLLSRC_HSI | 8U << PLLCFGR_PLLM_POS | PLL_216_MHZ)
#define PLL_BY_HSE (PLLCFGR_PLLSRC_HSE | 4U << PLLCFGR_PLLM_POS | PLL_216_MHZ)

/* To HSI from any state: a debugger's script may have raised the clock. */
static const char *return_to_hsi(void)
{
    RCC_CR |= CR_HSION;
    if (!poll(&RCC_CR, CR_HSIRDY, CR_HSIRDY))
        return "clock: HSI oscillator not ready";
    set_field(&RCC_CFGR, CFGR_SW, CFGR_SW_HSI);
    if (!poll(&RCC_CFGR, CFGR_SWS, CFGR_SWS_HSI))
        return "clock: no switch to HSI";
    RCC_CR &= ~CR_PLLON; /* PLLCFGR and VOS may only change while the PLL is off */
    if (!poll(&RCC_CR, CR_PLLRDY, 0))
        return "clock: PLL does not stop";
    return NULL;
}

/* Over-drive as in RM0410 "Entering Over-drive mode" (4.1.4): system clock on HSI, PLL started,
 * ODEN, ODSWEN with no peripheral clocked but PWR, then wait states and prescalers, PLL locked, switch. */
static const char *raise_clock(uint32_t pllcfgr)
{
    set_field(&PWR_CR1, CR1_VOS, CR1_VOS_SCALE1);
    RCC_PLLCFGR = pllcfgr;
    RCC_CR |= CR_PLLON;

    PWR_CR1 |= CR1_ODEN;
    if (!poll(&PWR_CSR1, CSR1_ODRDY, CSR1_ODRDY))
        return "clock: over-drive not ready";
    PWR_CR1 |= CR1_ODSWEN;
    if (!poll(&PWR_CSR1, CSR1_ODSWRDY, CSR1_ODSWRDY))
        return "clock: no switch to over-drive";

    set_field(&FLASH_ACR, ACR_LATENCY, WAIT_STATES);
    if (!poll(&FLASH_ACR, ACR_LATENCY, WAIT_STATES))
        return "clock: flash wait states not taken";
    /* APB1 at most 54 MHz, APB2 at most 108 MHz (RM0410 RCC_CFGR) */
    set_field(&RCC_CFGR, CFGR_PRESCALERS, CFGR_HPRE_DIV1 | CFGR_PPRE1_DIV4 | CFGR_PPRE2_DIV2);
    if (!poll(&RCC_CR, CR_PLLRDY, CR_PLLRDY))
        return "clock: PLL does not lock";
    set_field(&RCC_CFGR, CFGR_SW, CFGR_SW_PLL);
    if (!poll(&RCC_CFGR, CFGR_SWS, CFGR_SWS_PLL))
        return "clock: no switch to the PLL";
    return NULL;
}

/* Both caches hold undefined lines after power-up and are invalidated before being enabled (ARM B2.2.7). Code
 * and weights are read at 0x08000000, through the AXI bus and these caches. */
static void enable_caches(void)
{
    barrier();
    SCB_ICIALLU = 0;
    barrier();
    SCB_CCR |= CCR_IC;
    barrier();

    SCB_CSSELR = 0; /* level 1 data cache */
    barrier();
    uint32_t geometry = SCB_CCSIDR;             /* ARM B4.8.2 */
    uint32_t line_shift = (geometry & 7U) + 4U; /* log2 of the line's bytes */
    uint32_t last_way = (geometry >> 3) & 0x3FFU;
    uint32_t last_set = (geometry >> 13) & 0x7FFFU;
    uint32_t way_shift = last_way ? (uint32_t)__builtin_clz(last_way) : 0;
    for (uint32_t set = 0; set <= last_set; set++)
        for (uint32_t way = 0; way <= last_way; way++)
            SCB_DCISW = way << way_shift | set << line_shift;
    barrier();
    SCB_CCR |= CCR_DC;
    barrier();
}

const char *chip_start_clock(uint32_t *clock_hz, const char **source)
{
    RCC_APB1ENR |= APB1ENR_PWREN;
    (void)RCC_APB1ENR; /* the peripheral is clocked after two cycles, RM0410 "Peripheral clock enable" */
    bool hse = false;
    const char *failure = return_to_hsi();
    if (!failure) {
        hse = hse_start_bypass(&RCC_CR); /* NUCLEO-F767ZI: 8 MHz of the ST-LINK's crystal (UM1974) */
        failure = raise_clock(hse ? PLL_BY_HSE : PLL_BY_HSI);
    }
    if (failure) {
        set_field(&RCC_CFGR, CFGR_SW, CFGR_SW_HSI);
        (void)poll(&RCC_CFGR, CFGR_SWS, CFGR_SWS_HSI);
        set_field(&RCC_CFGR, CFGR_PRESCALERS, 0);
        *clock_hz = chip_reset_hz;
    } else {
        *clock_hz = CHIP_CLOCK_HZ;
    }
    *source = hse ? "hse" : "hsi";
    FLASH_ACR |= ACR_PRFTEN | ACR_ARTEN; /* these two serve reads through the ITCM bus */
    enable_caches();
    return failure;
}

/* NUCLEO-F767ZI: the ST-LINK's virtual COM port is on USART3, PD8 = TX, PD9 = RX (UM1974), alternate
 * function 7. */
void chip_connect_uart(void)
{
    RCC_AHB1ENR |= AHB1ENR_GPIODEN;
    (void)RCC_AHB1ENR;
    set_field(&GPIOD_AFRH, 0xFFU << 0, 0x77U << 0);
    set_field(&GPIOD_PUPDR, 3U << 18, 1U << 18);     /* RX idles high with no probe connected */
    set_field(&GPIOD_MODER, 0xFU << 16, 0xAU << 16); /* alternate function, both */
    RCC_APB1ENR |= APB1ENR_USART3EN; /* kernel clock: PCLK1, as after reset (RM0410 RCC_DCKCFGR2) */
    (void)RCC_APB1ENR;
}

/* RM0410, USART baud rate generation, oversampling by 16: baud = kernel clock / BRR, BRR from
 * 16 to 0xFFFF. */
uint32_t chip_baud_divider(uint32_t clock_hz, uint32_t baud, uint32_t *actual_hz)
{
    uint32_t kernel_hz =
        clock_hz == CHIP_CLOCK_HZ ? clock_hz / 4 : clock_hz; /* APB1 prescaler, see raise_clock() */
    uint32_t divider = (kernel_hz + baud / 2) / baud;
    if (divider < 16 || divider > 0xFFFF)
        return 0;
    *actual_hz = kernel_hz / divider;
    return divider;
}

/* Every reset pulls NRST low and so sets PINRSTF as well (RM0410 "System reset"): that one counts only when
 * alone. */
const char *chip_reset_cause(void)
{
    static const flag_name causes[] = {
        {CSR_PORRSTF | CSR_BORRSTF, "power"},
        {CSR_IWDGRSTF | CSR_WWDGRSTF, "watchdog"},
        {CSR_SFTRSTF, "software"},
        {CSR_LPWRRSTF, "low_power"},
        {CSR_PINRSTF, "pin"},
        {UINT32_MAX, "unknown"},
    };
    uint32_t flags = RCC_CSR;
    RCC_CSR |= CSR_RMVF;
    return first_flag_name(causes, flags);
}
