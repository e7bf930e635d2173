/* SPDX-License-Identifier: Apache-2.0 */
#include "cortexm.h"
#include "linker_symbols.h"
#include "runtime.h"

#define VECTORS 16U /* the core's exceptions only, ARM B1.5.2: no interrupt is ever enabled */

typedef union vector {
    void (*handler)(void);
    void *stack;
} vector;

__attribute__((section(".vectors"), used, aligned(512))) static const vector vectors[VECTORS] = {
    [0] = {.stack = _stack_top},
    [1] = {.handler = reset_handler},
    [2 ... VECTORS - 1] = {.handler = fault_entry},
};

int main(void);

/* None is enabled after a reset, but a boot loader or a debugger may have run before. */
static void disable_interrupts(void)
{
    for (uint32_t i = 0; i < NVIC_ICER_COUNT; i++)
        NVIC_ICER(i) = UINT32_MAX;
}

/* Neither .data nor .bss is initialised yet: use only registers and the stack. */
void reset_handler(void)
{
    disable_interrupts();
    SCB_VTOR = (uint32_t)vectors; /* the F767 starts through another alias of the flash */
    SCB_CPACR |= CPACR_CP10_CP11_FULL;
    barrier();
    const uint32_t *from = _data_load;
    for (uint32_t *to = _data; to < _data_end; to++)
        *to = *from++;
    for (uint32_t *to = _bss; to < _bss_end; to++)
        *to = 0;
    nonce_take(); /* before the MPU protects it */
    stack_prepare();
    fault_enable();
    main();
    fault_report("assert", 0, "main() returned");
}
