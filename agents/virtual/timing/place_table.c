/* SPDX-License-Identifier: Apache-2.0 */
#include "timing_state.h"

uint8_t vb_place_look_up(vb_timing *timing, uint32_t address)
{
    uint8_t *known = &timing->places[address / REGION_BYTES];
    const vb_memory_view *view = &timing->view;
    vb_place place = view->place_of(view->user, address);
    if (*known == REGION_UNKNOWN) {
        uint32_t from = address & ~(uint32_t)(REGION_BYTES - 1);
        bool mixed = false;
        for (uint32_t at = 0; at < REGION_BYTES; at += REGION_STEP) {
            vb_place other = view->place_of(view->user, from + at);
            mixed |= other.region != place.region || other.bank != place.bank;
        }
        *known = mixed ? REGION_MIXED : (uint8_t)(REGION_FIRST + place.region + 4U * place.bank);
    }
    return (uint8_t)(REGION_FIRST + place.region + 4U * place.bank);
}
