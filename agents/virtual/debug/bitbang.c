/* SPDX-License-Identifier: Apache-2.0 */
#include "debug/bitbang.h"

vb_bitbang_end vb_bitbang_process(const vb_bitbang *bitbang, const uint8_t *input, size_t size,
                                  uint8_t *replies, size_t *reply_count, size_t *position)
{
    size_t count = 0;
    vb_bitbang_end end = VB_BITBANG_CONTINUE;
    size_t i = 0;
    for (; i < size && end == VB_BITBANG_CONTINUE; i++) {
        uint8_t command = input[i];
        switch (command) {
        case '0':
        case '1':
        case '2':
        case '3':
        case '4':
        case '5':
        case '6':
        case '7':
            vb_tap_set_pins(bitbang->tap, command & 4, command & 2, command & 1);
            break;
        case 'R':
            replies[count++] = vb_tap_tdo(bitbang->tap) ? '1' : '0';
            break;
        case 'r':
        case 's':
        case 't':
        case 'u': {
            unsigned lines = (unsigned)(command - 'r'); /* bit 0 SRST, bit 1 TRST */
            if (lines & 2)
                vb_tap_reset(bitbang->tap);
            vb_core_debug_set_srst(bitbang->core, lines & 1);
            break;
        }
        case 'B':
        case 'b':
            break;
        case 'Q':
            end = VB_BITBANG_QUIT;
            break;
        default:
            end = VB_BITBANG_UNKNOWN;
            i--; /* the caller reports it */
            break;
        }
    }
    *reply_count = count;
    *position = i;
    return end;
}

void vb_bitbang_disconnect(const vb_bitbang *bitbang)
{
    vb_tap_reset(bitbang->tap);
    vb_core_debug_set_srst(bitbang->core, false);
}
