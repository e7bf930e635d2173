/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_BITBANG_H
#define VB_BITBANG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "debug/core_debug.h"
#include "debug/tap.h"

/**
 * @file bitbang.h
 * OpenOCD's remote_bitbang protocol (OpenOCD 0.12, doc/manual/jtag/drivers/remote_bitbang.txt): one character
 * is one command. No I/O happens here.
 *
 *   '0'..'7'  set TCK (4), TMS (2) and TDI (1)      'R'  answer with TDO, '0' or '1'
 *   'r' 's' 't' 'u'  release both resets, assert SRST, assert TRST, assert both
 *   'B' 'b'   blink on, off (there is no light)     'Q'  the client is leaving
 */

typedef enum vb_bitbang_end {
    VB_BITBANG_CONTINUE,
    VB_BITBANG_QUIT,    /**< 'Q'; the rest of the input was not processed */
    VB_BITBANG_UNKNOWN, /**< a character outside the protocol; likewise */
} vb_bitbang_end;

typedef struct vb_bitbang {
    vb_tap *tap;
    vb_core_debug *core;
} vb_bitbang;

/**
 * Executes commands in order.
 * @param replies room for `size` characters: at most one for each 'R'
 * @param reply_count, position always set: characters in `replies`, input characters processed
 */
vb_bitbang_end vb_bitbang_process(const vb_bitbang *bitbang, const uint8_t *input, size_t size,
                                  uint8_t *replies, size_t *reply_count, size_t *position);

/** The cable is unplugged: no line is driven, so SRST is released and the TAPs are reset. */
void vb_bitbang_disconnect(const vb_bitbang *bitbang);

#endif
