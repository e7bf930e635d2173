/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_BLOCKS_H
#define VB_BLOCKS_H

#include "interface/machine.h"
#include "timing/timing.h"

/**
 * @file blocks.h
 * Basic blocks as they were decoded: what the timing model and the checks need of each.
 */

/** Lists of decoded blocks, by a hash of the address. */
enum { VB_CODE_SLOTS = 1 << 14 };

typedef struct vb_code {
    struct vb_code *next; /**< same slot */
    vb_block block;
    int input_ids[16]; /**< the emulator's numbers of block.inputs[] */
    uint8_t *bytes;    /**< the decoded bytes; for code in RAM, compared before each execution */
    const uint8_t *host;
    bool in_ram;
    bool in_flash;
    bool uses_fpu;
    bool check_alignment; /**< has accesses whose alignment is checked in some executions */
    bool divides;         /**< has divides without a hook */
    bool needs_checks;    /**< any of the above: the block hook checks further before each execution */
    uint32_t executions_to_check;
    uint32_t checks;
} vb_code;

static inline uint32_t vb_code_slot(uint32_t address)
{
    return (address >> 1 ^ address >> 15) & (VB_CODE_SLOTS - 1);
}

/** @return the decoded block, or NULL if there is no code memory at the address or host
 * memory is exhausted */
vb_code *vb_blocks_find(vb_machine *m, uint32_t address, uint32_t bytes);
vb_code *vb_blocks_decode(vb_machine *m, uint32_t address, uint32_t bytes);
/** Drops everything decoded and translated. */
void vb_blocks_flush(vb_machine *m);
/** Drops what was decoded and translated from these addresses (this alias only). */
void vb_blocks_drop(vb_machine *m, uint32_t address, uint32_t bytes);
/** Flash contents have changed: their code is dropped on every alias before it runs again. Callable within a
 * hook. */
void vb_blocks_memory_changed(vb_machine *m, uint32_t offset, uint32_t bytes);
/** Does what vb_blocks_memory_changed() deferred. Not from within a hook. */
void vb_blocks_sync(vb_machine *m);
/** @return true if this execution of a block with check_alignment is to be checked */
bool vb_blocks_check_due(vb_code *code);
/** @return true if the block, run now, would access memory with a wrong alignment */
bool vb_blocks_misaligned(vb_machine *m, const vb_code *code);

#endif
