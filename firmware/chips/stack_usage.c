/* SPDX-License-Identifier: Apache-2.0 */
#include "cortexm.h"
#include "linker_symbols.h"
#include "runtime.h"

#define PATTERN 0xA5C3A5C3U

static void guard_with_mpu(void)
{
    if ((MPU_TYPE >> 8 & 0xFF) == 0) /* number of regions: without any there is no MPU */
        return;
    uint32_t bytes = (uint32_t)(_stack_limit - _guard);
    uint32_t size_field =
        30U - (uint32_t)__builtin_clz(bytes);     /* region of 2^(field + 1) bytes, ARM B3.5.9 */
    MPU_RBAR = (uint32_t)_guard | MPU_RBAR_VALID; /* region 0 */
    MPU_RASR = MPU_RASR_XN | size_field << 1 | MPU_RASR_ENABLE; /* access permission 0: none */
    MPU_CTRL = MPU_CTRL_PRIVDEFENA | MPU_CTRL_ENABLE;           /* everything else as without MPU */
    barrier();
}

void stack_prepare(void)
{
    uint32_t *here = (uint32_t *)__builtin_frame_address(0);
    for (uint32_t *at = (uint32_t *)(void *)_stack_limit; at < here - 16; at++)
        *(volatile uint32_t *)at = PATTERN;
    guard_with_mpu();
}

uint32_t stack_used(void)
{
    const uint32_t *at = (const uint32_t *)(const void *)_stack_limit;
    while (at < (const uint32_t *)(const void *)_stack_top && *at == PATTERN)
        at++;
    return (uint32_t)(_stack_top - (const uint8_t *)at);
}

bool stack_spent(void)
{
    return *(const uint32_t *)(const void *)_stack_limit != PATTERN;
}
