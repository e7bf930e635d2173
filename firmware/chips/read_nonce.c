/* SPDX-License-Identifier: Apache-2.0 */
#include "linker_symbols.h"
#include "runtime.h"

#define MAGIC       0x434E4648U /* "HFNC" */
#define BLOCK_WORDS 4U          /* magic, nonce low, nonce high, check: ../bench/INFO.md */

uint64_t reset_nonce;

/* The block is at the lowest RAM address, which the firmware does not write otherwise. A system reset keeps it:
 * on the L4 it is in SRAM1 (an option bit can erase SRAM2 only), on the F7 in the DTCM, which is not cached. */
void nonce_take(void)
{
    volatile uint32_t *block = _nonce_block;
    uint32_t low = block[1], high = block[2];
    if (block[0] == MAGIC && block[3] == ~(MAGIC ^ low ^ high))
        reset_nonce = (uint64_t)high << 32 | low;
    for (uint32_t i = 0; i < BLOCK_WORDS; i++)
        block[i] = 0;
}
