/* SPDX-License-Identifier: Apache-2.0 */
/* STM32L4R5ZI as on NUCLEO-L4R5ZI (RM0432 rev 9; UM2179 for the board). */
#include <string.h>

#include "stm32l4r5zi/description.h"
#include "stm32l4r5zi/parts.h"

enum { PORT_G = 6, LPUART1_AF = 8 };

/* 2.2, memory map: SRAM1, SRAM2 and SRAM3 adjoin; SRAM2 is at 0x10000000 too */
enum { SRAM1_BYTES = 0x30000, SRAM2_BYTES = 0x10000, SRAM3_BYTES = 0x60000 };
_Static_assert(SRAM1_BYTES + SRAM2_BYTES + SRAM3_BYTES == CHIP_RAM_BYTES,
               "the RAM the firmware is linked for");

static bool build(vb_machine *m)
{
    if (!vb_bus_add_memory(m, CHIP_FLASH_BASE, CHIP_FLASH_BYTES, VB_FLASH, VB_REGION_FLASH, NULL))
        return false;
    m->flash = m->memories[0].host;
    bool good = vb_bus_add_memory(m, 0x00000000, CHIP_FLASH_BYTES, VB_FLASH, VB_REGION_FLASH, m->flash) &&
                vb_bus_add_memory(m, CHIP_RAM_BASE, SRAM1_BYTES, VB_RAM, VB_REGION_RAM, NULL) &&
                vb_bus_add_memory(m, 0x10000000, SRAM2_BYTES, VB_RAM, VB_REGION_RAM, NULL) &&
                vb_bus_add_memory(m, CHIP_RAM_BASE + SRAM1_BYTES + SRAM2_BYTES, SRAM3_BYTES, VB_RAM,
                                  VB_REGION_RAM, NULL) &&
                vb_bus_add_memory(m, 0x1FFF7000, 0x1000, VB_ROM, VB_REGION_FLASH, NULL);
    if (!good)
        return false;
    uint8_t *system = m->memories[m->memory_count - 1].host;
    static const uint32_t unique_id[3] = {0x00310046, 0x48465610, 0x20383757};
    memset(system, 0xFF, 0x1000);
    memcpy(system + 0x590, unique_id, sizeof unique_id);             /* 58.1 */
    memcpy(system + 0x5E0, &(uint16_t){CHIP_FLASH_BYTES / 1024}, 2); /* 58.2: flash size in KB */
    const uint8_t *sram2 = m->memories[3].host;
    return vb_bus_add_memory(m, CHIP_RAM_BASE + SRAM1_BYTES, SRAM2_BYTES, VB_RAM, VB_REGION_RAM,
                             (uint8_t *)sram2) &&
           vb_flash_l4_add(m) && vb_rcc_l4_add(m) && vb_pwr_l4_add(m) && vb_gpio_add(m, 0x48000000, 9) &&
           vb_usart_add(m, 0x40008000);
}

static void reset(vb_machine *m)
{
    vb_flash_l4_reset(m);
    vb_pwr_l4_reset(m);
    vb_rcc_l4_reset(m);
}

static void memory_timing(const vb_machine *m, vb_memory_timing *timing)
{
    uint32_t acr = vb_l4(m)->flash.acr;
    *timing = (vb_memory_timing){.flash_wait_states = acr & 15,
                                 .flash_prefetch = acr & 0x100,
                                 .instruction_cache = acr & 0x200,
                                 .data_cache = acr & 0x400};
}

static bool gpio_clocked(const vb_machine *m, uint32_t port)
{
    return vb_l4(m)->rcc[0x4C / 4] >> port & 1; /* RCC_AHB2ENR */
}

static uint32_t gpio_moder_reset(uint32_t port)
{
    return port == 0 ? 0xABFFFFFF : port == 1 ? 0xFFFFFEBF : 0xFFFFFFFF; /* 8.4.1 */
}

static bool usart_clocked(const vb_machine *m)
{
    return vb_l4(m)->rcc[0x5C / 4] & 1; /* RCC_APB1ENR2.LPUART1EN */
}

static bool usart_pins(const vb_machine *m, bool *tx, bool *rx)
{
    bool powered = vb_l4(m)->pwr[0x04 / 4] & 0x200; /* PWR_CR2.IOSV: supply of PG2 to PG15 (5.1.2) */
    *tx = powered && vb_gpio_is_alternate(m, PORT_G, 7, LPUART1_AF);
    *rx = powered && vb_gpio_is_alternate(m, PORT_G, 8, LPUART1_AF);
    return *tx || *rx;
}

static uint32_t usart_baud(const vb_machine *m, uint32_t brr)
{
    static const uint16_t prescalers[16] = {1,  2,  4,   6,   8,   10,  12,  16,
                                            32, 64, 128, 256, 256, 256, 256, 256}; /* 52.7.13 */
    const uint32_t kernel[4] = {m->clocks.pclk1_hz, m->clocks.sysclk_hz, m->clocks.hsi_hz, 32768};
    uint32_t hz = kernel[vb_l4(m)->rcc[0x88 / 4] >> 10 & 3] /
                  prescalers[m->usart.presc & 15];          /* RCC_CCIPR.LPUART1SEL */
    return brr < 0x300 ? 0 : (uint32_t)(256ull * hz / brr); /* 52.4.7 */
}

/* RM0432 rev 9, 2.2.2 */
static const vb_named_range not_modelled[] = {
    {0x40007C00, 0x400, "LPTIM1"}, {0x40012C00, 0x400, "TIM1"}, {0x40013000, 0x400, "SPI1"},
    {0x40013800, 0x400, "USART1"}, {0x40020000, 0x400, "DMA1"}, {0x40020400, 0x400, "DMA2"},
    {0x40023000, 0x400, "CRC"},    {0x50040000, 0x400, "ADC"},  {0x50060800, 0x400, "RNG"},
};

const vb_chip vb_chip_stm32l4r5zi = {
    .name = "stm32l4r5zi",
    .core = VB_CORE_M4,
    .uc_model = UC_CPU_ARM_CORTEX_M4,
    .tap_idcode = 0x4ba00477,
    .boundary_idcode = 0x06470041, /* 57.6.2 */
    .tar_wrap_bytes = 4096,
    .cpuid = 0x410FC241, /* r0p1 */
    .mvfr0 = 0x10110021,
    .mvfr1 = 0x11000011,
    .dwt_ctrl = 0x40000000,
    .vtor_reset = 0,
    .mpu_regions = 8,
    .dbgmcu_idcode = 0x101F6470, /* 57.6.1, revision V */
    .power_on_flags = 1u << 27 | 1u << 26,
    .flash_base = CHIP_FLASH_BASE,
    .flash_bytes = CHIP_FLASH_BYTES,
    .parts_bytes = sizeof(vb_l4_parts),
    .build = build,
    .reset = reset,
    .flash_write = vb_flash_l4_program,
    .memory_timing = memory_timing,
    .update_clocks = vb_rcc_l4_update,
    .hse_hz = 0, /* OSC_IN is not connected as the board is delivered (UM2179) */
    .has_lse = true,
    .gpio_clocked = gpio_clocked,
    .usart_clocked = usart_clocked,
    .usart_pins = usart_pins,
    .usart_baud = usart_baud,
    .gpio_moder_reset = gpio_moder_reset,
    .not_modelled = not_modelled,
    .not_modelled_count = sizeof not_modelled / sizeof not_modelled[0],
};
