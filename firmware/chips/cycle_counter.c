/* SPDX-License-Identifier: Apache-2.0 */
#include "cortexm.h"
#include "runtime.h"

/* A component that counts executed instructions, identified by its ID registers (CoreSight, ARM D1.2): part
 * 0xF1C, no JEDEC designer, class 0xF. A virtual board has it, silicon does not. Reading COUNT_LO latches
 * COUNT_HI. */
#define COUNT_LO 0x000U
#define COUNT_HI 0x004U
#define PIDR0    0xFE0U /* then PIDR1 to PIDR3 and CIDR0 to CIDR3 */

#define ROM_TABLE_ENTRIES 960U /* up to the ID registers at 0xF00 */
#define ENTRY_PRESENT     3U   /* 32-bit format, present: ARM D1.3 */

static uint32_t instruction_counter; /* its base address, or 0 */

static bool is_instruction_counter(uint32_t base)
{
    static const struct {
        uint8_t mask, value;
    } identification[] = {{0xFF, 0x1C}, {0x0F, 0x0F}, {0xFF, 0x00}, {0x00, 0x00},
                          {0xFF, 0x0D}, {0xFF, 0xF0}, {0xFF, 0x05}, {0xFF, 0xB1}};
    for (uint32_t i = 0; i < sizeof identification / sizeof identification[0]; i++)
        if ((REGISTER(base + PIDR0 + 4 * i) & identification[i].mask) != identification[i].value)
            return false;
    return true;
}

/* A listed component without power may cause a bus error, which FAULTMASK with BFHFNMIGN suppresses (ARM
 * B1.5.14, B3.2.8). */
static uint32_t find_instruction_counter(void)
{
    uint32_t found = 0;
    __asm volatile("cpsid f" ::: "memory");
    SCB_CCR |= CCR_BFHFNMIGN;
    barrier();
    for (uint32_t i = 0; i < ROM_TABLE_ENTRIES && !found; i++) {
        uint32_t entry = REGISTER(ROM_TABLE + 4 * i);
        if (entry == 0)
            break;
        uint32_t base = ROM_TABLE + (entry & 0xFFFFF000U);
        if ((entry & ENTRY_PRESENT) == ENTRY_PRESENT && is_instruction_counter(base))
            found = base;
    }
    barrier();
    SCB_CFSR = SCB_CFSR; /* write 1 to clear the suppressed errors */
    SCB_CCR &= ~CCR_BFHFNMIGN;
    barrier();
    __asm volatile("cpsie f" ::: "memory");
    return found;
}

void counters_start(void)
{
    DEMCR |= DEMCR_TRCENA;
    if (DWT_LSR & LSR_PRESENT) /* the Cortex-M7's DWT is locked after reset */
        DWT_LAR = LAR_KEY;
    DWT_CYCCNT = 0;
    DWT_CTRL |= DWT_CTRL_CYCCNTENA;
    instruction_counter = find_instruction_counter();
}

uint32_t counters_cycles(void)
{
    return DWT_CYCCNT;
}

bool counters_have_instructions(void)
{
    return instruction_counter != 0;
}

uint64_t counters_instructions(void)
{
    uint32_t low = REGISTER(instruction_counter + COUNT_LO);
    return (uint64_t)REGISTER(instruction_counter + COUNT_HI) << 32 | low;
}
