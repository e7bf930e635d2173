/* SPDX-License-Identifier: Apache-2.0 */
/* STM32F767ZI as on NUCLEO-F767ZI (RM0410 rev 4; UM1974 for the board). */
#include <string.h>

#include "stm32f767zi/description.h"
#include "stm32f767zi/parts.h"

enum { PORT_D = 3, USART3_AF = 7 };

/* 2.2.2, memory map: DTCM, SRAM1 and SRAM2 adjoin */
enum { DTCM_BYTES = 0x20000, SRAM1_BYTES = 0x5C000, SRAM2_BYTES = 0x4000 };
_Static_assert(DTCM_BYTES + SRAM1_BYTES + SRAM2_BYTES == CHIP_RAM_BYTES,
               "the RAM the firmware is linked for");

static bool build(vb_machine *m)
{
    if (!vb_bus_add_memory(m, CHIP_FLASH_BASE, CHIP_FLASH_BYTES, VB_FLASH, VB_REGION_FLASH, NULL))
        return false;
    m->flash = m->memories[0].host;
    if (!vb_bus_add_memory(m, 0x00200000, CHIP_FLASH_BYTES, VB_FLASH, VB_REGION_FLASH, m->flash))
        return false;
    m->memories[1].read_only = true; /* 3.3.1: the ITCM side only reads */
    bool good = vb_bus_add_memory(m, CHIP_RAM_BASE, DTCM_BYTES, VB_RAM, VB_REGION_RAM, NULL) &&
                vb_bus_add_memory(m, CHIP_RAM_BASE + DTCM_BYTES, SRAM1_BYTES, VB_RAM, VB_REGION_AXI, NULL) &&
                vb_bus_add_memory(m, CHIP_RAM_BASE + DTCM_BYTES + SRAM1_BYTES, SRAM2_BYTES, VB_RAM,
                                  VB_REGION_AXI, NULL) &&
                vb_bus_add_memory(m, 0x00000000, 0x4000, VB_RAM, VB_REGION_RAM, NULL) &&
                vb_bus_add_memory(m, 0x1FF0F000, 0x1000, VB_ROM, VB_REGION_FLASH, NULL);
    if (!good)
        return false;
    uint8_t *system = m->memories[m->memory_count - 1].host;
    static const uint32_t unique_id[3] = {0x0026003A, 0x32385104, 0x31353039};
    memset(system, 0xFF, 0x1000);
    memcpy(system + 0x420, unique_id, sizeof unique_id);             /* 41.1 */
    memcpy(system + 0x442, &(uint16_t){CHIP_FLASH_BYTES / 1024}, 2); /* 41.2: flash size in KB */
    return vb_flash_f7_add(m) && vb_rcc_f7_add(m) && vb_pwr_f7_add(m) && vb_gpio_add(m, 0x40020000, 11) &&
           vb_usart_add(m, 0x40004800);
}

static void reset(vb_machine *m)
{
    vb_flash_f7_reset(m);
    vb_pwr_f7_reset(m);
    vb_rcc_f7_reset(m);
}

static void memory_timing(const vb_machine *m, vb_memory_timing *timing)
{
    *timing = (vb_memory_timing){.flash_wait_states = vb_f7(m)->flash.acr & 15,
                                 .flash_prefetch = vb_f7(m)->flash.acr & 0x100,
                                 .instruction_cache = m->scs.ccr & 1u << 17,
                                 .data_cache = m->scs.ccr & 1u << 16};
}

static bool gpio_clocked(const vb_machine *m, uint32_t port)
{
    return vb_f7(m)->rcc[0x30 / 4] >> port & 1; /* RCC_AHB1ENR */
}

static uint32_t gpio_moder_reset(uint32_t port)
{
    return port == 0 ? 0xA8000000 : port == 1 ? 0x00000280 : 0; /* 6.4.1 */
}

static bool usart_clocked(const vb_machine *m)
{
    return vb_f7(m)->rcc[0x40 / 4] >> 18 & 1; /* RCC_APB1ENR.USART3EN */
}

static bool usart_pins(const vb_machine *m, bool *tx, bool *rx)
{
    *tx = vb_gpio_is_alternate(m, PORT_D, 8, USART3_AF);
    *rx = vb_gpio_is_alternate(m, PORT_D, 9, USART3_AF);
    return *tx || *rx;
}

static uint32_t usart_baud(const vb_machine *m, uint32_t brr)
{
    const uint32_t kernel[4] = {m->clocks.pclk1_hz, m->clocks.sysclk_hz, m->clocks.hsi_hz, 32768};
    uint32_t hz = kernel[vb_f7(m)->rcc[0x90 / 4] >> 4 & 3]; /* RCC_DCKCFGR2.UART3SEL */
    if (m->usart.cr1 & 1u << 15) {                          /* 34.5.4, OVER8 */
        uint32_t divider = (brr & 0xFFF0) | (brr & 7) << 1;
        return divider < 16 ? 0 : (uint32_t)(2ull * hz / divider);
    }
    return brr < 16 ? 0 : hz / (brr & 0xFFFF);
}

/* RM0410 rev 4, 2.2.2 */
static const vb_named_range not_modelled[] = {
    {0x40002400, 0x400, "LPTIM1"}, {0x40010000, 0x400, "TIM1"}, {0x40011000, 0x400, "USART1"},
    {0x40011400, 0x400, "USART6"}, {0x40012000, 0x400, "ADC"},  {0x40013000, 0x400, "SPI1"},
    {0x40023000, 0x400, "CRC"},    {0x40026000, 0x400, "DMA1"}, {0x40026400, 0x400, "DMA2"},
    {0x50060800, 0x400, "RNG"},
};

const vb_chip vb_chip_stm32f767zi = {
    .name = "stm32f767zi",
    .core = VB_CORE_M7,
    .uc_model = UC_CPU_ARM_CORTEX_M7,
    .tap_idcode = 0x5ba00477,
    .boundary_idcode = 0x06451041, /* 40.6.2 */
    .tar_wrap_bytes = 1024,
    .cpuid = 0x411FC270, /* r1p0 */
    .mvfr0 = 0x10110221,
    .mvfr1 = 0x12000011,
    .mvfr2 = 0x00000040,
    .dwt_ctrl = 0x40000000,
    .vtor_reset = 0x00200000, /* 2.5: BOOT_ADD0 as delivered, flash on ITCM */
    .mpu_regions = 8,
    .dbgmcu_idcode = 0x10016451, /* 40.6.1, revision Z */
    .power_on_flags = 1u << 27 | 1u << 26 | 1u << 25,
    .flash_base = CHIP_FLASH_BASE,
    .flash_bytes = CHIP_FLASH_BYTES,
    .parts_bytes = sizeof(vb_f7_parts),
    .build = build,
    .reset = reset,
    .flash_write = vb_flash_f7_program,
    .memory_timing = memory_timing,
    .update_clocks = vb_rcc_f7_update,
    .hse_hz = 8000000, /* from the ST-LINK (UM1974) */
    .has_lse = true,
    .gpio_clocked = gpio_clocked,
    .usart_clocked = usart_clocked,
    .usart_pins = usart_pins,
    .usart_baud = usart_baud,
    .gpio_moder_reset = gpio_moder_reset,
    .not_modelled = not_modelled,
    .not_modelled_count = sizeof not_modelled / sizeof not_modelled[0],
};
