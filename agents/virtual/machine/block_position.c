/* SPDX-License-Identifier: Apache-2.0 */
/* Finds where inside a block the core is, which the emulator does not report. */
#include "machine_state.h"

/* Index of the instruction at `pc` in the current block; the number of its instructions if there is none. */
static uint32_t index_of(const vb_code *code, uint32_t pc)
{
    uint32_t index = 0, size = code->block.size_bytes;
    for (uint32_t at = 0; at + 2 <= size && code->block.address + at != pc; index++)
        at += vb_thumb_fetch(code->bytes + at, size - at).bytes;
    return index;
}

uint32_t vb_position_find(vb_machine *m, uint32_t address, uint32_t bytes, bool store, uint32_t *pc)
{
    /* Trap 3: the emulator's PC is the block's start, but its other registers are exact. Blocks have no
     * branches inside, so this is the first load or store after the last one found whose address matches. */
    const vb_code *code = m->current;
    uint32_t registers[16];
    vb_core_read_registers(m, registers);
    *pc = registers[VB_PC];
    if (m->stepping || !code)
        return 0;
    uint32_t size = code->block.size_bytes, index = 0;
    for (uint32_t at = 0; at + 2 <= size; index++) {
        vb_thumb insn = vb_thumb_fetch(code->bytes + at, size - at);
        vb_access access;
        if (index >= m->located &&
            vb_thumb_access(insn, code->block.address + at, registers, 0x7FFF, &access) &&
            access.store == store && address - access.address < access.bytes) {
            /* A multiple transfer arrives here once for each word. */
            m->located = access.bytes > bytes ? index : index + 1;
            *pc = code->block.address + at;
            return index;
        }
        at += insn.bytes;
    }
    *pc = code->block.address;
    return 0;
}

static uint32_t cycles_of(const vb_machine *m, uint32_t index)
{
    uint32_t instructions = m->current->block.instructions;
    return instructions ? (uint32_t)((uint64_t)m->current_cycles * index / instructions) : 0;
}

uint64_t vb_position_instructions(vb_machine *m, const vb_request *request, uint32_t address)
{
    if (!request->from_code || m->stepping || !m->current)
        return m->instructions;
    uint32_t pc, index = vb_position_find(m, address, request->bytes, false, &pc);
    return m->instructions - m->current->block.instructions + index;
}

uint64_t vb_position_cycles(vb_machine *m, const vb_request *request, uint32_t address)
{
    if (!request->from_code || m->stepping || !m->current)
        return m->cycles;
    uint32_t pc, index = vb_position_find(m, address, request->bytes, false, &pc);
    return m->cycles - m->current_cycles + cycles_of(m, index);
}

void vb_position_refund(vb_machine *m, uint32_t pc)
{
    if (m->stepping || !m->current)
        return;
    uint32_t instructions = m->current->block.instructions, index = index_of(m->current, pc);
    if (index >= instructions)
        return;
    m->instructions -= instructions - index;
    m->cycles -= m->current_cycles - cycles_of(m, index);
}
