/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "board_internal.h"

/*
 * Walks the CoreSight ROM table at 0xE00FF000 (ARMv7-M Architecture Reference Manual, D1.3) for the counter
 * of instructions that every hilfarm-vboard has and no silicon (agents/virtual/machine/REGISTERS.md); the
 * firmware finds it in the same way. A component that is listed but has no clock may refuse to be read. The
 * result is its address, 0 without one.
 */
static const char find_counter[] =
    "set hf_found 0\n"
    "for {set hf_i 0} {$hf_i < 960 && !$hf_found} {incr hf_i} {\n"
    "  set hf_entry [lindex [read_memory [expr {0xE00FF000 + 4 * $hf_i}] 32 1] 0]\n"
    "  if {$hf_entry == 0} break\n"
    "  if {($hf_entry & 3) != 3} continue\n"
    "  set hf_base [expr {(0xE00FF000 + ($hf_entry & 0xFFFFF000)) & 0xFFFFFFFF}]\n"
    "  if {[catch {read_memory [expr {$hf_base + 0xFE0}] 32 8} hf_id]} continue\n"
    "  set hf_low {}\n"
    "  foreach hf_word $hf_id {lappend hf_low [expr {$hf_word & 0xFF}]}\n"
    "  lassign $hf_low hf_p0 hf_p1 hf_p2 hf_p3 hf_c0 hf_c1 hf_c2 hf_c3\n"
    "  if {$hf_p0 == 0x1C && ($hf_p1 & 0x0F) == 0x0F && $hf_p2 == 0 && $hf_c0 == 0x0D && $hf_c1 == 0xF0 &&\n"
    "      $hf_c2 == 0x05 && $hf_c3 == 0xB1} {set hf_found [format 0x%08x $hf_base]}\n"
    "}\n"
    "set hf_found";

hf_status hf_board_check_silicon(hf_board *board, hf_deadline deadline, hf_error *err)
{
    if (hf_board_config_modelled(board->config))
        return HF_OK;
    const char *found = "";
    hf_status status = hf_openocd_eval(board->openocd, deadline, &found, err, "%s", find_counter);
    if (status != HF_OK) {
        hf_error_context(err, status == HF_ECANCELLED ? HF_FAULT_NONE : HF_FAULT_BOARD,
                         "reading the chip's list of debug components");
        return status;
    }
    if (strcmp(found, "0") == 0)
        return HF_OK;
    return HF_FAIL_AS(
        err, HF_FAULT_BOARD, HF_EMISMATCH,
        "this is a virtual board (it has an instruction counter, at %s, as no silicon has), but the farm "
        "file does not say so: expected \"modelled: true\"",
        found);
}
