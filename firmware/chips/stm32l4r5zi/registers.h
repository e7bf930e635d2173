/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STM32L4R5ZI_REGISTERS_H
#define HF_STM32L4R5ZI_REGISTERS_H

#include "../cortexm.h"

/* The registers of the STM32L4R5 that the firmware uses. Register names are those of RM0432 rev 9. */

/* Embedded flash memory, chapter 3 */
#define FLASH_ACR   REGISTER(0x40022000)
#define ACR_LATENCY 0xFU
#define ACR_PRFTEN  (1U << 8)
#define ACR_ICEN    (1U << 9)
#define ACR_DCEN    (1U << 10)

/* Power control, chapter 5 */
#define PWR_CR1        REGISTER(0x40007000)
#define CR1_DBP        (1U << 8)
#define CR1_VOS        (3U << 9)
#define CR1_VOS_RANGE1 (1U << 9)
#define PWR_CR2        REGISTER(0x40007004)
#define CR2_IOSV       (1U << 9)
#define PWR_SR2        REGISTER(0x40007014)
#define SR2_VOSF       (1U << 10)
#define PWR_CR5        REGISTER(0x40007080)
#define CR5_R1MODE     (1U << 8)

/* Reset and clock control, chapter 6 */
#define RCC_CR             REGISTER(0x40021000)
#define CR_MSION           (1U << 0)
#define CR_MSIRDY          (1U << 1)
#define CR_MSIPLLEN        (1U << 2)
#define CR_MSIRGSEL        (1U << 3)
#define CR_MSIRANGE        (0xFU << 4)
#define CR_MSIRANGE_4_MHZ  (6U << 4)
#define CR_PLLON           (1U << 24)
#define CR_PLLRDY          (1U << 25)
#define RCC_CFGR           REGISTER(0x40021008)
#define CFGR_SW            (3U << 0)
#define CFGR_SW_MSI        (0U << 0)
#define CFGR_SW_PLL        (3U << 0)
#define CFGR_SWS           (3U << 2)
#define CFGR_SWS_MSI       (0U << 2)
#define CFGR_SWS_PLL       (3U << 2)
#define CFGR_HPRE          (0xFU << 4)
#define CFGR_HPRE_DIV1     (0U << 4)
#define CFGR_HPRE_DIV2     (8U << 4)
#define RCC_PLLCFGR        REGISTER(0x4002100C)
#define PLLCFGR_PLLSRC_MSI (1U << 0)
#define PLLCFGR_PLLSRC_HSE (3U << 0)
#define PLLCFGR_PLLM_POS   4U /* divides by the field + 1 */
#define PLLCFGR_PLLN_POS   8U
#define PLLCFGR_PLLREN     (1U << 24)
#define PLLCFGR_PLLR_DIV2  (0U << 25)
#define RCC_AHB2ENR        REGISTER(0x4002104C)
#define AHB2ENR_GPIOGEN    (1U << 6)
#define RCC_APB1ENR1       REGISTER(0x40021058)
#define APB1ENR1_PWREN     (1U << 28)
#define RCC_APB1ENR2       REGISTER(0x4002105C)
#define APB1ENR2_LPUART1EN (1U << 0)
#define RCC_BDCR           REGISTER(0x40021090)
#define BDCR_LSEON         (1U << 0)
#define BDCR_LSERDY        (1U << 1)
#define RCC_CSR            REGISTER(0x40021094)
#define CSR_RMVF           (1U << 23)
#define CSR_FWRSTF         (1U << 24)
#define CSR_OBLRSTF        (1U << 25)
#define CSR_PINRSTF        (1U << 26)
#define CSR_BORRSTF        (1U << 27)
#define CSR_SFTRSTF        (1U << 28)
#define CSR_IWDGRSTF       (1U << 29)
#define CSR_WWDGRSTF       (1U << 30)
#define CSR_LPWRRSTF       (1U << 31)

/* GPIO port G, chapter 8 */
#define GPIOG_MODER REGISTER(0x48001800)
#define GPIOG_PUPDR REGISTER(0x4800180C)
#define GPIOG_AFRL  REGISTER(0x48001820)
#define GPIOG_AFRH  REGISTER(0x48001824)

#define LPUART1_BASE 0x40008000U

#endif
