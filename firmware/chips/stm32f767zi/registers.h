/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STM32F767ZI_REGISTERS_H
#define HF_STM32F767ZI_REGISTERS_H

#include "../cortexm.h"

/* The registers of the STM32F767 that the firmware uses. Register names are those of RM0410 rev 4. */

/* Embedded flash memory, chapter 3 */
#define FLASH_ACR   REGISTER(0x40023C00)
#define ACR_LATENCY 0xFU
#define ACR_PRFTEN  (1U << 8)
#define ACR_ARTEN   (1U << 9)

/* Power control, chapter 4 */
#define PWR_CR1        REGISTER(0x40007000)
#define CR1_VOS        (3U << 14)
#define CR1_VOS_SCALE1 (3U << 14)
#define CR1_ODEN       (1U << 16)
#define CR1_ODSWEN     (1U << 17)
#define PWR_CSR1       REGISTER(0x40007004)
#define CSR1_ODRDY     (1U << 16)
#define CSR1_ODSWRDY   (1U << 17)

/* Reset and clock control, chapter 5 */
#define RCC_CR             REGISTER(0x40023800)
#define CR_HSION           (1U << 0)
#define CR_HSIRDY          (1U << 1)
#define CR_PLLON           (1U << 24)
#define CR_PLLRDY          (1U << 25)
#define RCC_PLLCFGR        REGISTER(0x40023804)
#define PLLCFGR_PLLM_POS   0U
#define PLLCFGR_PLLN_POS   6U
#define PLLCFGR_PLLP_DIV2  (0U << 16)
#define PLLCFGR_PLLSRC_HSI (0U << 22)
#define PLLCFGR_PLLSRC_HSE (1U << 22)
#define PLLCFGR_PLLQ_POS   24U
#define PLLCFGR_PLLR_POS   28U
#define RCC_CFGR           REGISTER(0x40023808)
#define CFGR_SW            (3U << 0)
#define CFGR_SW_HSI        (0U << 0)
#define CFGR_SW_PLL        (2U << 0)
#define CFGR_SWS           (3U << 2)
#define CFGR_SWS_HSI       (0U << 2)
#define CFGR_SWS_PLL       (2U << 2)
#define CFGR_PRESCALERS    (0xFU << 4 | 7U << 10 | 7U << 13)
#define CFGR_HPRE_DIV1     (0U << 4)
#define CFGR_PPRE1_DIV4    (5U << 10)
#define CFGR_PPRE2_DIV2    (4U << 13)
#define RCC_AHB1ENR        REGISTER(0x40023830)
#define AHB1ENR_GPIODEN    (1U << 3)
#define RCC_APB1ENR        REGISTER(0x40023840)
#define APB1ENR_USART3EN   (1U << 18)
#define APB1ENR_PWREN      (1U << 28)
#define RCC_CSR            REGISTER(0x40023874)
#define CSR_RMVF           (1U << 24)
#define CSR_BORRSTF        (1U << 25)
#define CSR_PINRSTF        (1U << 26)
#define CSR_PORRSTF        (1U << 27)
#define CSR_SFTRSTF        (1U << 28)
#define CSR_IWDGRSTF       (1U << 29)
#define CSR_WWDGRSTF       (1U << 30)
#define CSR_LPWRRSTF       (1U << 31)

/* GPIO port D, chapter 6 */
#define GPIOD_MODER REGISTER(0x40020C00)
#define GPIOD_PUPDR REGISTER(0x40020C0C)
#define GPIOD_AFRH  REGISTER(0x40020C24)

#define USART3_BASE 0x40004800U

#endif
