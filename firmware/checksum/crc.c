/* SPDX-License-Identifier: Apache-2.0 */
#include "checksum/crc.h"

/* Eight shift steps of the polynomial x^16 + x^12 + x^5 + 1 at once: its terms are so far apart that the
 * feedback of a byte takes only a few shifts. This saves a table in the firmware. */
uint16_t hf_crc16(const void *bytes, size_t size)
{
    const uint8_t *in = bytes;
    uint32_t crc = 0xFFFF;
    for (size_t i = 0; i < size; i++) {
        uint32_t feedback = (crc >> 8) ^ in[i];
        feedback ^= feedback >> 4;
        crc = ((crc << 8) ^ (feedback << 12) ^ (feedback << 5) ^ feedback) & 0xFFFF;
    }
    return (uint16_t)crc;
}

/* Remainders of the 16 low nibbles for the reflected polynomial 0xEDB88320: half as fast as a table of 256
 * entries, in a sixteenth of the flash. */
static const uint32_t nibble_remainders[16] = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
};

uint32_t hf_crc32(uint32_t crc, const void *bytes, size_t size)
{
    const uint8_t *in = bytes;
    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc ^= in[i];
        crc = (crc >> 4) ^ nibble_remainders[crc & 15];
        crc = (crc >> 4) ^ nibble_remainders[crc & 15];
    }
    return ~crc;
}
