/* SPDX-License-Identifier: Apache-2.0 */
/* STM32F767ZI on NUCLEO-F767ZI: see ../DESCRIPTION.md. No include guard: agents/chips includes one after the
 * other. */
#define CHIP_CORE           "cortex-m7"
#define CHIP_BOARD          "NUCLEO-F767ZI"
#define CHIP_OPENOCD_TARGET "target/stm32f7x.cfg"
#define CHIP_OPENOCD_FLASH  "stm32f7x.flash"
#define CHIP_CLOCK_HZ       216000000
#define CHIP_FLASH_BASE     0x08000000
#define CHIP_FLASH_BYTES    (2048 * 1024)
#define CHIP_FIRMWARE_BYTES (64 * 1024) /* sectors 0 and 1 */
#define CHIP_RAM_BASE       0x20000000
#define CHIP_RAM_BYTES                                                                                       \
    (512 * 1024) /* RM0410 rev 4, 2.3: DTCM 128 KB, SRAM1 368 KB, SRAM2 16 KB, contiguous */
/* RM0410 rev 4, 3.3.2, single bank: sectors 0 to 3, 4, 5 to 11 */
#define CHIP_FLASH_SPANS                                                                                     \
    {0x08000000, 32 * 1024, 4}, {0x08020000, 128 * 1024, 1},                                                 \
    {                                                                                                        \
        0x08040000, 256 * 1024, 7                                                                            \
    }
/* RM0410 rev 4, 3.3.6 and 3.3.7 (keys, words) and 3.7: FLASH_ACR, KEYR, SR (BSY; OPERR, WRPERR to ERSERR), CR
 * (PG, PSIZE of 32 bits, LOCK). The accelerator and the core's caches are off after a reset. */
#define CHIP_FLASH_CONTROLLER                                                                                \
    {                                                                                                        \
        .access_control = 0x40023C00, .keys = 0x40023C04, .status = 0x40023C0C, .control = 0x40023C10,       \
        .key1 = 0x45670123, .key2 = 0xCDEF89AB, .busy = 1u << 16, .errors = 0xF2, .program = 0x201,          \
        .lock = 1u << 31, .data_cache = 0, .unit_words = 1,                                                  \
    }
