/* SPDX-License-Identifier: Apache-2.0 */
/* STM32L4R5ZI on NUCLEO-L4R5ZI: see ../DESCRIPTION.md. No include guard: agents/chips includes one after the
 * other. */
#define CHIP_CORE           "cortex-m4"
#define CHIP_BOARD          "NUCLEO-L4R5ZI"
#define CHIP_OPENOCD_TARGET "target/stm32l4x.cfg"
#define CHIP_OPENOCD_FLASH  "stm32l4x.flash"
#define CHIP_CLOCK_HZ       120000000
#define CHIP_FLASH_BASE     0x08000000
#define CHIP_FLASH_BYTES    (2048 * 1024)
#define CHIP_FIRMWARE_BYTES (64 * 1024) /* a page boundary */
#define CHIP_RAM_BASE       0x20000000
#define CHIP_RAM_BYTES                                                                                       \
    (640 * 1024) /* RM0432 rev 9, 2.2: SRAM1 192 KB, SRAM2 64 KB, SRAM3 384 KB, contiguous */
#define CHIP_FLASH_SPANS                                                                                     \
    {                                                                                                        \
        0x08000000, 4096, 512                                                                                \
    } /* RM0432 rev 9, 3.3.1: dual bank, as shipped */
/* RM0432 rev 9, 3.3.7 (keys, double words) and 3.7: FLASH_ACR.DCEN, KEYR, SR (BSY; OPERR, PROGERR to FASTERR),
 * CR (PG, LOCK) */
#define CHIP_FLASH_CONTROLLER                                                                                \
    {                                                                                                        \
        .access_control = 0x40022000, .keys = 0x40022008, .status = 0x40022010, .control = 0x40022014,       \
        .key1 = 0x45670123, .key2 = 0xCDEF89AB, .busy = 1u << 16, .errors = 0x3FA, .program = 1u << 0,       \
        .lock = 1u << 31, .data_cache = 1u << 10, .unit_words = 2,                                           \
    }
