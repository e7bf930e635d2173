/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches the CoreSight ROM table (ARMv7-M Architecture Reference Manual, D1.3) for the instruction counter
 * that every hilfarm-vboard has and silicon does not (agents/virtual/machine/REGISTERS.md). The firmware
 * finds it in the same way.
 */
#include "board_internal.h"

#define ROM_TABLE     0xE00FF000u
#define TABLE_ENTRIES 960u
#define PRESENT       3u /* entry format: 32-bit, component present */
#define ID_OFFSET     0xFE0u
#define ID_WORDS      8u

/* The low bytes of PIDR0..3 and CIDR0..3. Bits of PIDR1 and PIDR3 that do not identify the part are
 * masked. */
static bool is_counter(const uint32_t id[ID_WORDS])
{
    static const uint8_t expected[ID_WORDS] = {0x1C, 0x0F, 0x00, 0x00, 0x0D, 0xF0, 0x05, 0xB1};
    static const uint8_t mask[ID_WORDS] = {0xFF, 0x0F, 0xFF, 0x00, 0xFF, 0xFF, 0xFF, 0xFF};
    for (uint32_t i = 0; i < ID_WORDS; i++)
        if ((id[i] & mask[i]) != expected[i])
            return false;
    return true;
}

/* Whether a component is the counter. A listed component without a clock may not be readable. */
static hf_status check_component(hf_board *board, uint32_t base, hf_deadline deadline, bool *found,
                                 hf_error *err)
{
    uint32_t id[ID_WORDS];
    hf_error cause = {0};
    hf_status status =
        hf_flasher_read_words(board->flasher, base + ID_OFFSET, id, ID_WORDS, deadline, &cause);
    *found = status == HF_OK && is_counter(id);
    if (status == HF_ETARGET) {
        hf_transcript_note(board->transcript, "the debug component at 0x%08x cannot be read: %s",
                           (unsigned)base, hf_flasher_last_error(board->flasher));
        return HF_OK;
    }
    return status == HF_OK ? HF_OK : hf_error_pass(err, &cause);
}

/* @param counter set to its address; 0 = none */
static hf_status find_counter(hf_board *board, hf_deadline deadline, uint32_t *counter, hf_error *err)
{
    *counter = 0;
    for (uint32_t i = 0; i < TABLE_ENTRIES; i++) {
        uint32_t entry;
        hf_status status = hf_flasher_read_words(board->flasher, ROM_TABLE + 4 * i, &entry, 1, deadline, err);
        if (status != HF_OK || entry == 0)
            return status;
        if ((entry & PRESENT) != PRESENT)
            continue;
        const uint32_t base = ROM_TABLE + (entry & 0xFFFFF000u);
        bool found;
        status = check_component(board, base, deadline, &found, err);
        if (status != HF_OK)
            return status;
        if (found) {
            *counter = base;
            return HF_OK;
        }
    }
    return HF_OK;
}

hf_status hf_board_check_silicon(hf_board *board, hf_deadline deadline, hf_error *err)
{
    if (hf_board_config_modelled(board->config))
        return HF_OK;
    uint32_t counter;
    hf_status status = find_counter(board, deadline, &counter, err);
    if (status != HF_OK) {
        hf_error_context(err, status == HF_ECANCELLED ? HF_FAULT_NONE : HF_FAULT_BOARD,
                         "reading the chip's table of debug components");
        return status;
    }
    if (counter == 0)
        return HF_OK;
    return HF_FAIL_AS(
        err, HF_FAULT_BOARD, HF_EMISMATCH,
        "this is a virtual board (it has an instruction counter at 0x%08x, which silicon does not have), but "
        "its entry in the farm file does not say so; expected \"modelled: true\"",
        (unsigned)counter);
}
