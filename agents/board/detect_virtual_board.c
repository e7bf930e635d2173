/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks the CoreSight ROM table (ARMv7-M Architecture Reference Manual, D1.3) for the counter of instructions
 * that every hilfarm-vboard has and no silicon (agents/virtual/machine/REGISTERS.md); the firmware finds it
 * in the same way.
 */
#include "board_internal.h"

#define ROM_TABLE     0xE00FF000u
#define TABLE_ENTRIES 960u
#define PRESENT       3u /* in an entry: a component of 4 KB is there */
#define ID_OFFSET     0xFE0u
#define ID_WORDS      8u

/* PIDR0..3 and CIDR0..3, the low byte of each; bits of PIDR1 and PIDR3 that are not part of the identity are
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

/* Whether the entry's component is the counter. One that is listed but has no clock may refuse to be read. */
static hf_status look_at(hf_board *board, uint32_t base, hf_deadline deadline, bool *found, hf_error *err)
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

/* @param counter its address; 0 = there is none */
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
        status = look_at(board, base, deadline, &found, err);
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
                         "reading the chip's list of debug components");
        return status;
    }
    if (counter == 0)
        return HF_OK;
    return HF_FAIL_AS(
        err, HF_FAULT_BOARD, HF_EMISMATCH,
        "this is a virtual board (it has an instruction counter, at 0x%08x, as no silicon has), but the farm "
        "file does not say so: expected \"modelled: true\"",
        (unsigned)counter);
}
