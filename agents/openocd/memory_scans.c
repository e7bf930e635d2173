/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_scans.h"

#include <string.h>

/* IHI0031, "The JTAG Debug Port": IR values of 4 bits, scan chains of 35: data, A[3:2], RnW (0 = write). */
#define SELECT_APACC "SIR 4 TDI (B);\n"
#define ADDRESS_TAR  1u
#define ADDRESS_DRW  3u

/* Auto-increment works within such blocks on every MEM-AP (IHI0031, "MEM-AP Transfer Address Register"). They
 * also limit how much is under way unanswered: OpenOCD's sockets do not hold more than some 80 KB of pin
 * changes. */
#define BLOCK_BYTES 1024u

/* Answered and compared: ACK in bits 2:0 must be OK/FAULT. */
#define ANSWERED " TDO (2) MASK (7)"

/* 35 bits: 9 hexadecimal digits */
static void append_scan(hf_buffer *out, unsigned address, uint32_t data, const char *check)
{
    static const char digits[] = "0123456789ABCDEF";
    char text[] = "SDR 35 TDI (000000000)";
    uint64_t bits = (uint64_t)data << 3 | address << 1;
    for (size_t i = sizeof text - 3; bits; i--, bits >>= 4)
        text[i] = digits[bits & 15];
    hf_buffer_append(out, text, sizeof text - 1);
    hf_buffer_puts(out, check);
    hf_buffer_append(out, ";\n", 2);
}

static uint32_t word_at(const uint8_t *bytes, size_t size_bytes, size_t offset)
{
    uint8_t four[4] = {0xff, 0xff, 0xff, 0xff};
    if (offset < size_bytes)
        memcpy(four, bytes + offset, size_bytes - offset < 4 ? size_bytes - offset : 4);
    return four[0] | (uint32_t)four[1] << 8 | (uint32_t)four[2] << 16 | (uint32_t)four[3] << 24;
}

void hf_memory_scans(hf_buffer *out, uint32_t address, uint32_t available, const uint8_t *bytes,
                     size_t size_bytes, size_t filled_bytes)
{
    hf_buffer_puts(out, SELECT_APACC);
    for (size_t at = 0; at < filled_bytes;) {
        size_t end = at + BLOCK_BYTES < filled_bytes ? at + BLOCK_BYTES : filled_bytes;
        append_scan(out, ADDRESS_TAR, address + (uint32_t)at, ANSWERED);
        for (; at < end; at += 4)
            append_scan(out, ADDRESS_DRW, word_at(bytes, size_bytes, at), "");
        append_scan(out, ADDRESS_TAR, available, "");
        append_scan(out, ADDRESS_DRW, (uint32_t)end, "");
    }
    append_scan(out, ADDRESS_TAR, available, ANSWERED);
}
