/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/loader.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

_Static_assert(sizeof(hf_loader_mailbox) <= HF_LOADER_CODE - HF_LOADER_MAILBOX,
               "the mailbox overlaps the code");

#define CRC_POLYNOMIAL 0xEDB88320u /* reflected, as in checksum/crc.c */

void loader_main(void);
void loader_entry(void);

/* [k][b]: the remainder of byte b followed by k zero bytes. */
static uint32_t remainders[4][256];

__attribute__((naked, section(".entry"))) void loader_entry(void)
{
    __asm__ volatile("ldr r0, =_stack_top\n"
                     "mov sp, r0\n"
                     "bl loader_main\n"
                     "bkpt #0\n");
}

static void fill_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? CRC_POLYNOMIAL : 0);
        remainders[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++)
        for (int k = 1; k < 4; k++) {
            uint32_t before = remainders[k - 1][byte];
            remainders[k][byte] = before >> 8 ^ remainders[0][before & 0xFF];
        }
}

/* A word at a time: flash is read much faster so. */
static uint32_t checksum(uint32_t address, uint32_t bytes)
{
    const uint32_t *word = (const uint32_t *)address;
    uint32_t crc = UINT32_MAX;
    for (uint32_t left = bytes / 4; left; left--) {
        crc ^= *word++;
        crc = remainders[3][crc & 0xFF] ^ remainders[2][crc >> 8 & 0xFF] ^ remainders[1][crc >> 16 & 0xFF] ^
              remainders[0][crc >> 24];
    }
    const uint8_t *byte = (const uint8_t *)word;
    for (uint32_t left = bytes % 4; left; left--)
        crc = crc >> 8 ^ remainders[0][(crc ^ *byte++) & 0xFF];
    return ~crc;
}

/* @return the controller's error flags */
static uint32_t program(volatile hf_loader_mailbox *box)
{
    const hf_flash_controller flash = box->flash;
    const uint32_t *from = (const uint32_t *)HF_LOADER_BUFFER;
    volatile uint32_t *to = (volatile uint32_t *)box->program_address;
    const uint32_t bytes = box->program_bytes, unit_bytes = 4 * flash.unit_words;
    if (REGISTER(flash.control) & flash.lock) {
        REGISTER(flash.keys) = flash.key1;
        REGISTER(flash.keys) = flash.key2;
    }
    REGISTER(flash.status) = flash.errors;
    REGISTER(flash.control) = flash.program;
    uint32_t errors = 0;
    for (uint32_t done = 0; done < bytes && !errors; done += unit_bytes) {
        while (box->available_bytes <= done) {
        }
        for (uint32_t i = 0; i < flash.unit_words; i++)
            *to++ = *from++;
        __asm__ volatile("dsb" ::: "memory");
        uint32_t status;
        do
            status = REGISTER(flash.status);
        while (status & flash.busy);
        errors = status & flash.errors;
    }
    REGISTER(flash.control) = flash.lock;
    return errors;
}

void loader_main(void)
{
    volatile hf_loader_mailbox *box = (volatile hf_loader_mailbox *)HF_LOADER_MAILBOX;
    REGISTER(box->flash.access_control) &= ~box->flash.data_cache;
    uint32_t errors = box->program_bytes ? program(box) : 0;
    if (errors == 0 && box->check_bytes) {
        fill_table();
        box->crc32 = checksum(box->check_address, box->check_bytes);
    }
    box->errors = errors;
    box->state = HF_LOADER_DONE;
}
