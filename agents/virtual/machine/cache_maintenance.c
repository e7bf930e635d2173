/* SPDX-License-Identifier: Apache-2.0 */
/* The Cortex-M7's caches. Memory is always coherent here, so only timing depends on them. This file checks
 * that software invalidates a cache before it enables it: after power-up a real one holds undefined lines
 * (ARM B2.2.7), and a system reset does not change them. */
#include "machine_state.h"

enum { ICIALLU = 0xF50, DCISW = 0xF60, DCCISW = 0xF74 }; /* ARM B2.2.7, offsets in the system control space */

#define CCR_DC    (1u << 16)
#define CCR_IC    (1u << 17)
#define DATA_WAYS 4u /* 16 KB of 32-byte lines (RM0410 rev 4, 1.3): as CCSIDR says */
#define DATA_SETS 128u
#define ALL_WAYS  ((1u << DATA_WAYS) - 1u)

void vb_cache_maintained(vb_machine *m, uint32_t offset, uint32_t value)
{
    if (offset == ICIALLU)
        m->cache.instructions_invalid = 1;
    if (offset == DCISW || offset == DCCISW) /* set from bit 5, way from bit 30 (ARM B4.8) */
        m->cache.data_invalid_ways[value >> 5 & (DATA_SETS - 1)] |= (uint8_t)(1u << (value >> 30));
}

void vb_cache_switched(vb_machine *m, uint32_t old_ccr, uint32_t ccr)
{
    const uint32_t on = ccr & ~old_ccr;
    uint32_t sets = 0;
    while (sets < DATA_SETS && m->cache.data_invalid_ways[sets] == ALL_WAYS)
        sets++;
    if ((on & CCR_IC) && !m->cache.instructions_invalid)
        vb_notice(m, "the instruction cache is enabled before it has been invalidated (ARM B2.2.7)");
    if ((on & CCR_DC) && sets < DATA_SETS)
        vb_notice(m, "the data cache is enabled before every set and way has been invalidated (ARM B2.2.7)");
}
