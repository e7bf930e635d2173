/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CHIPS_CORTEXM_H
#define HF_CHIPS_CORTEXM_H

#include <stdint.h>

/**
 * @file cortexm.h
 * The registers of the Armv7-M core that the firmware uses. "ARM" = Armv7-M Architecture Reference Manual,
 * DDI 0403E.
 */

#define REGISTER(address) (*(volatile uint32_t *)(address))

/* Interrupt controller, ARM B3.4.5: writing 1 disables an interrupt; unimplemented bits ignore it */
#define NVIC_ICER_COUNT 8U
#define NVIC_ICER(i)    REGISTER(0xE000E180 + 4 * (i))

/* System control block, ARM B3.2.2 */
#define SCB_VTOR             REGISTER(0xE000ED08)
#define SCB_CCR              REGISTER(0xE000ED14) /* ARM B3.2.8 */
#define CCR_DIV_0_TRP        (1U << 4)
#define CCR_BFHFNMIGN        (1U << 8)
#define CCR_DC               (1U << 16)
#define CCR_IC               (1U << 17)
#define SCB_SHCSR            REGISTER(0xE000ED24) /* ARM B3.2.13 */
#define SHCSR_MEMFAULTENA    (1U << 16)
#define SHCSR_BUSFAULTENA    (1U << 17)
#define SHCSR_USGFAULTENA    (1U << 18)
#define SCB_CFSR             REGISTER(0xE000ED28) /* ARM B3.2.15 */
#define CFSR_MSTKERR         (1U << 4)
#define CFSR_MMARVALID       (1U << 7)
#define CFSR_STKERR          (1U << 12)
#define CFSR_BFARVALID       (1U << 15)
#define SCB_HFSR             REGISTER(0xE000ED2C) /* ARM B3.2.16 */
#define SCB_MMFAR            REGISTER(0xE000ED34)
#define SCB_BFAR             REGISTER(0xE000ED38)
#define SCB_CPACR            REGISTER(0xE000ED88) /* ARM B3.2.20 */
#define CPACR_CP10_CP11_FULL (0xFU << 20)

/* Caches of the Cortex-M7, ARM B2.2.7 and B3.2.21 to B3.2.24 */
#define SCB_CCSIDR  REGISTER(0xE000ED80)
#define SCB_CSSELR  REGISTER(0xE000ED84)
#define SCB_ICIALLU REGISTER(0xE000EF50)
#define SCB_DCISW   REGISTER(0xE000EF60)

/* Memory protection unit, ARM B3.5 */
#define MPU_TYPE            REGISTER(0xE000ED90)
#define MPU_CTRL            REGISTER(0xE000ED94)
#define MPU_CTRL_ENABLE     (1U << 0)
#define MPU_CTRL_HFNMIENA   (1U << 1)
#define MPU_CTRL_PRIVDEFENA (1U << 2)
#define MPU_RBAR            REGISTER(0xE000ED9C)
#define MPU_RBAR_VALID      (1U << 4)
#define MPU_RASR            REGISTER(0xE000EDA0)
#define MPU_RASR_XN         (1U << 28)
#define MPU_RASR_ENABLE     (1U << 0)

/* Debug and trace, ARM C1.6.5, C1.8.7, and the lock of CoreSight components, ARM D1.2 */
#define DEMCR              REGISTER(0xE000EDFC)
#define DEMCR_TRCENA       (1U << 24)
#define DWT_CTRL           REGISTER(0xE0001000)
#define DWT_CTRL_CYCCNTENA (1U << 0)
#define DWT_CYCCNT         REGISTER(0xE0001004)
#define DWT_LAR            REGISTER(0xE0001FB0)
#define DWT_LSR            REGISTER(0xE0001FB4)
#define LSR_PRESENT        (1U << 0)
#define LAR_KEY            0xC5ACCE55U

#define ROM_TABLE 0xE00FF000U /* ARM D1.3 */

static inline void barrier(void)
{
    __asm volatile("dsb\n\tisb" ::: "memory");
}

/** Loops forever. */
static inline __attribute__((noreturn)) void halt(void)
{
    for (;;)
        __asm volatile("");
}

#endif
