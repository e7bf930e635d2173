/* SPDX-License-Identifier: Apache-2.0 */
/* One row of the chip table, from the macros of the description.h included before it
 * (firmware/chips/DESCRIPTION.md). No include guard: it is included once per chip, and undefines the macros
 * for the next one. */
{
    .name = CHIP_NAME,
    .core = CHIP_CORE,
    .board = CHIP_BOARD,
    .openocd_target = CHIP_OPENOCD_TARGET,
    .openocd_flash = CHIP_OPENOCD_FLASH,
    .clock_hz = CHIP_CLOCK_HZ,
    .flash_base = CHIP_FLASH_BASE,
    .flash_bytes = CHIP_FLASH_BYTES,
    .firmware_bytes = CHIP_FIRMWARE_BYTES,
    .model_base = CHIP_FLASH_BASE + CHIP_FIRMWARE_BYTES,
    .model_bytes = CHIP_FLASH_BYTES - CHIP_FIRMWARE_BYTES,
    .ram_base = CHIP_RAM_BASE,
    .ram_bytes = CHIP_RAM_BYTES,
    .span_count = sizeof((const hf_flash_span[]){CHIP_FLASH_SPANS}) / sizeof(hf_flash_span),
    .spans = {CHIP_FLASH_SPANS},
    .flash_controller = CHIP_FLASH_CONTROLLER,
},
#undef CHIP_NAME
#undef CHIP_CORE
#undef CHIP_BOARD
#undef CHIP_OPENOCD_TARGET
#undef CHIP_OPENOCD_FLASH
#undef CHIP_CLOCK_HZ
#undef CHIP_FLASH_BASE
#undef CHIP_FLASH_BYTES
#undef CHIP_FIRMWARE_BYTES
#undef CHIP_RAM_BASE
#undef CHIP_RAM_BYTES
#undef CHIP_FLASH_SPANS
#undef CHIP_FLASH_CONTROLLER
