/* SPDX-License-Identifier: Apache-2.0 */
#include "cortexm.h"
#include "layout.h"
#include "runtime.h"

#define VECTORS 128U /* 16 of the core and up to 112 interrupts, more than either chip has */

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

/* Neither .data nor .bss is there yet: only registers and the stack. */
void reset_handler(void)
{
    SCB_VTOR = (uint32_t)vectors; /* the F767 starts through another alias of the flash */
    SCB_CPACR |= CPACR_CP10_CP11_FULL;
    barrier();
    const uint32_t *from = _data_load;
    for (uint32_t *to = _data; to < _data_end; to++)
        *to = *from++;
    for (uint32_t *to = _bss; to < _bss_end; to++)
        *to = 0;
    stack_prepare();
    fault_enable();
    main();
    fault_report("assert", 0, "main() came back");
}
