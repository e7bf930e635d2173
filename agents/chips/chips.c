/* SPDX-License-Identifier: Apache-2.0 */
#include "chips/chips.h"

#include <stddef.h>
#include <string.h>

/* The model image starts 64 KB into the flash on every chip: a page boundary on the L4, sector 2 on the F7.
 */
#define FIRMWARE_ROOM 0x10000u

static const hf_chip chips[] = {
    {
        .name = "stm32l4r5zi",
        .core = "cortex-m4",
        .board = "NUCLEO-L4R5ZI",
        .openocd_target = "target/stm32l4x.cfg",
        .openocd_flash = "stm32l4x.flash",
        .clock_hz = 120000000,
        .flash_base = 0x08000000,
        .flash_bytes = 2048 * 1024,
        .firmware_bytes = FIRMWARE_ROOM,
        .model_base = 0x08000000 + FIRMWARE_ROOM,
        .model_bytes = 2048 * 1024 - FIRMWARE_ROOM,
        .ram_bytes = 640 * 1024, /* RM0432 rev 9, 2.2: SRAM1 192 KB + SRAM2 64 KB + SRAM3 384 KB */
        .span_count = 1,
        .spans = {{0x08000000, 4096, 512}}, /* RM0432 rev 9, 3.3.1: dual bank, as shipped */
    },
    {
        .name = "stm32f767zi",
        .core = "cortex-m7",
        .board = "NUCLEO-F767ZI",
        .openocd_target = "target/stm32f7x.cfg",
        .openocd_flash = "stm32f7x.flash",
        .clock_hz = 216000000,
        .flash_base = 0x08000000,
        .flash_bytes = 2048 * 1024,
        .firmware_bytes = FIRMWARE_ROOM,
        .model_base = 0x08000000 + FIRMWARE_ROOM,
        .model_bytes = 2048 * 1024 - FIRMWARE_ROOM,
        .ram_bytes = 512 * 1024, /* RM0410 rev 4, 2.3: DTCM 128 KB + SRAM1 368 KB + SRAM2 16 KB */
        .span_count = 3,
        /* RM0410 rev 4, 3.3.2, single bank: sectors 0-3, 4, 5-11 */
        .spans = {{0x08000000, 32 * 1024, 4}, {0x08020000, 128 * 1024, 1}, {0x08040000, 256 * 1024, 7}},
    },
};

const hf_chip *hf_chip_at(uint32_t index)
{
    return index < sizeof chips / sizeof chips[0] ? &chips[index] : NULL;
}

const hf_chip *hf_chip_find(const char *name)
{
    for (uint32_t i = 0; hf_chip_at(i); i++)
        if (strcmp(chips[i].name, name) == 0)
            return &chips[i];
    return NULL;
}
