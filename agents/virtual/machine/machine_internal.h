/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_MACHINE_INTERNAL_H
#define VB_MACHINE_INTERNAL_H

#include <unicorn/unicorn.h>

#include "machine/machine.h"
#include "machine/thumb.h"
#include "timing/timing.h"

/**
 * @file machine_internal.h
 * What the files of the machine share. One vb_machine holds everything but what only one chip has, which is
 * in that chip's folder (stm32l4r5zi/parts.h) behind vb_chip; each part is owned by the file named in its
 * heading. "DDI0403E" is the Armv7-M Architecture Reference Manual, issue E.
 */

enum { VB_SP = 13, VB_LR = 14, VB_PC = 15 };
enum {
    VB_MAX_MEMORIES = 12,
    VB_MAX_DEVICES = 48,
    VB_MAX_BREAKPOINTS = 8,
    VB_CODE_SLOTS = 1 << 14,
    VB_MAX_DIVIDE_HOOKS = 256,
    VB_WATCH_BLOCKS = 24,
    VB_WATCH_STORES = 32,
    VB_MAX_NOTICES = 64,
};

#define VB_XPSR_T 0x01000000u

/* ---- bus.c: memories and devices ---- */

typedef enum vb_memory_kind { VB_RAM, VB_FLASH, VB_ROM } vb_memory_kind;

/** A range of addresses backed by host memory; several may share it (aliases). */
typedef struct vb_memory {
    uint32_t base;
    uint32_t bytes;
    uint8_t *host;
    vb_memory_kind kind;
    vb_region region;
    bool read_only; /**< flash alias through which nothing can be programmed */
    bool owns_host; /**< unmapped on free; the aliases of the same memory do not own it */
} vb_memory;

/** One access to a device register, already brought to a word: mask has the bits that are read or written. */
typedef struct vb_request {
    uint32_t offset; /**< in the device, a multiple of 4 */
    uint32_t mask;
    uint32_t value; /**< writes: in place, zero outside mask */
    uint32_t bytes; /**< 1, 2 or 4 */
    uint32_t unit;  /**< vb_device.unit */
    bool from_code;
} vb_request;

typedef struct vb_device {
    uint32_t base;
    uint32_t bytes; /**< a multiple of 1024, the emulator's page */
    uint32_t unit;  /**< tells equal devices apart: GPIO port */
    uint32_t (*read)(vb_machine *m, const vb_request *request);
    void (*write)(vb_machine *m, const vb_request *request);
} vb_device;

typedef struct vb_binding {
    vb_machine *machine;
    vb_device device;
} vb_binding;

bool vb_bus_add_memory(vb_machine *m, uint32_t base, uint32_t bytes, vb_memory_kind kind, vb_region region,
                       uint8_t *shared_host);
bool vb_bus_add_device(vb_machine *m, const vb_device *device);
/** Memory that holds all of [address, address + bytes), or NULL. */
const vb_memory *vb_bus_memory(const vb_machine *m, uint32_t address, uint32_t bytes);
/** Reads memory, never a device: no side effects. */
bool vb_bus_peek(const vb_machine *m, uint32_t address, uint32_t bytes, uint32_t *value);
/** Writes RAM without going through the emulated core: exception frames. */
bool vb_bus_poke(vb_machine *m, uint32_t address, uint32_t value);
/** The bits of a register after a write of some of its bytes. */
static inline uint32_t vb_merge(uint32_t old, const vb_request *request)
{
    return (old & ~request->mask) | request->value;
}

/* ---- blocks.c: translated blocks ---- */

typedef struct vb_code {
    struct vb_code *next; /**< same slot */
    vb_block block;
    int input_ids[16]; /**< the emulator's numbers of block.inputs[] */
    uint8_t *bytes;    /**< what was decoded; compared before each execution for code in RAM */
    const uint8_t *host;
    bool in_ram;
    bool in_flash;
    bool uses_fpu;
    bool check_alignment; /**< has accesses whose alignment is checked now and then */
    bool divides;         /**< has divides without a hook on them */
    bool look;            /**< any of the above: the block hook looks closer before each execution */
    uint32_t executions_to_check;
    uint32_t checks;
} vb_code;

static inline uint32_t vb_code_slot(uint32_t address)
{
    return (address >> 1 ^ address >> 15) & (VB_CODE_SLOTS - 1);
}

/** @return the decoded block, or NULL if there is no code memory there or no host memory left */
vb_code *vb_blocks_find(vb_machine *m, uint32_t address, uint32_t bytes);
vb_code *vb_blocks_decode(vb_machine *m, uint32_t address, uint32_t bytes);
/** Forgets everything decoded and translated. */
void vb_blocks_flush(vb_machine *m);
/** Forgets what was decoded and translated from these addresses (this alias only). */
void vb_blocks_drop(vb_machine *m, uint32_t address, uint32_t bytes);
/** A memory has changed at these addresses: forgets its code on every alias, at once or before it runs next.
 */
void vb_blocks_memory_changed(vb_machine *m, uint32_t offset, uint32_t bytes);
/** Does what vb_blocks_memory_changed() put off. Not from within a hook. */
void vb_blocks_sync(vb_machine *m);
/** @return true if this execution of a block with check_alignment is one to check */
bool vb_blocks_check_due(vb_code *code);
/** @return true if running the block now, with these registers, would touch memory at a wrong alignment */
bool vb_blocks_misaligned(vb_machine *m, const vb_code *code);

/* ---- core.c: the core's registers ---- */

/** Number of the exception that is being handled; 0 = none. */
uint32_t vb_core_exception(const vb_machine *m);

uint32_t vb_uc_get(const vb_machine *m, int reg);
void vb_uc_set(vb_machine *m, int reg, uint32_t value);
/** The emulator takes bit 0 of a PC that is written for the T bit: this keeps T as it is. */
void vb_uc_set_pc(vb_machine *m, uint32_t pc);
/** Asks the block hook to look around before the next block. */
void vb_core_attention(vb_machine *m);
void vb_core_read_registers(vb_machine *m, uint32_t registers[16]);
/** The emulator's number of r0 to r15. */
int vb_core_register_id(uint32_t reg);

/* ---- position.c: where inside a block ---- */

/** Instructions and cycles up to the access that a device callback is handling now. */
uint64_t vb_position_instructions(vb_machine *m, const vb_request *request, uint32_t address);
uint64_t vb_position_cycles(vb_machine *m, const vb_request *request, uint32_t address);
/** Index in the current block of the instruction that makes this access; its address in *pc. */
uint32_t vb_position_find(vb_machine *m, uint32_t address, uint32_t bytes, bool store, uint32_t *pc);
/** The current block stopped before the instruction at pc: takes back what was counted for the rest. */
void vb_position_refund(vb_machine *m, uint32_t pc);

/* ---- clocks.c ---- */

/** Tells timing model, USART and run loop about new clocks, wait states and caches. */
void vb_clocks_changed(vb_machine *m);

/* ---- run.c ---- */

/** Why a hook asked the emulator to stop. */
typedef enum vb_why {
    VB_WHY_NONE,
    VB_WHY_SLICE,
    VB_WHY_SYNC,       /**< translations have to be dropped first */
    VB_WHY_STALE,      /**< the block about to run was translated from other bytes */
    VB_WHY_STEP_BLOCK, /**< run the block one instruction at a time, checking each */
    VB_WHY_CLOCK,      /**< fetch from flash with too few wait states */
    VB_WHY_BREAKPOINT,
    VB_WHY_DIVIDE,
    VB_WHY_HOOK_DIVIDES,
    VB_WHY_IDLE,
} vb_why;

typedef struct vb_watch {
    bool active;
    bool started;   /**< the first block has been seen */
    bool full_loop; /**< stores of one turn are known; comparing their memory over a second */
    bool progress;  /**< something was read or written that matters */
    uint32_t blocks_left;
    uint32_t address;
    uint32_t registers[17];
    uint32_t store_count;
    struct {
        uint32_t address, bytes;
        uint8_t before[64];
    } stores[VB_WATCH_STORES];
} vb_watch;

typedef struct vb_bad_access {
    bool pending;
    uc_mem_type type;
    uint32_t address;
    uint32_t bytes;
} vb_bad_access;

bool vb_run_add_hooks(vb_machine *m);

/* ---- idle.c ---- */
void vb_idle_begin(vb_machine *m);
/** Called before each block while m->watch.active. @return true if the core idles */
bool vb_idle_block(vb_machine *m, const vb_code *code);

/* ---- exceptions.c ---- */

enum {
    VB_EXC_NMI = 2,
    VB_EXC_HARD = 3,
    VB_EXC_MEMMANAGE = 4,
    VB_EXC_BUS = 5,
    VB_EXC_USAGE = 6,
    VB_EXC_SVC = 11,
    VB_EXC_DEBUG = 12,
    VB_EXC_PENDSV = 14,
    VB_EXC_SYSTICK = 15,
};

/* CFSR (DDI0403E B3.2.15) */
enum {
    VB_CFSR_IACCVIOL = 1 << 0,
    VB_CFSR_DACCVIOL = 1 << 1,
    VB_CFSR_MSTKERR = 1 << 4,
    VB_CFSR_MMARVALID = 1 << 7,
    VB_CFSR_IBUSERR = 1 << 8,
    VB_CFSR_PRECISERR = 1 << 9,
    VB_CFSR_UNSTKERR = 1 << 11,
    VB_CFSR_STKERR = 1 << 12,
    VB_CFSR_BFARVALID = 1 << 15,
    VB_CFSR_UNDEFINSTR = 1 << 16,
    VB_CFSR_INVSTATE = 1 << 17,
    VB_CFSR_INVPC = 1 << 18,
    VB_CFSR_NOCP = 1 << 19,
    VB_CFSR_UNALIGNED = 1 << 24,
    VB_CFSR_DIVBYZERO = 1 << 25,
};
#define VB_HFSR_VECTTBL  0x00000002u
#define VB_HFSR_FORCED   0x40000000u
#define VB_HFSR_DEBUGEVT 0x80000000u

void vb_exception_reset(vb_machine *m);
/** A synchronous fault: sets the status bits, escalates as DDI0403E B1.5.14 says, enters or locks up. */
void vb_exception_fault(vb_machine *m, uint32_t number, uint32_t cfsr, uint32_t return_address);
void vb_exception_svc(vb_machine *m, uint32_t return_address);
/** BKPT or FPB match without halting debug: DebugMonitor or HardFault. */
void vb_exception_debug(vb_machine *m, uint32_t return_address);
void vb_exception_return(vb_machine *m, uint32_t exc_return);

/* ---- scs.c, dwt.c: the private peripheral bus ---- */

typedef struct vb_scs {
    uint32_t vtor, ccr, shcsr, cfsr, hfsr, mmfar, bfar, afsr, cpacr, aircr_group, scr, icsr_pending;
    uint32_t shpr[3];
    uint32_t fpccr, fpcar, fpdscr;
    uint32_t nvic_enable[8], nvic_pending[8], nvic_priority[60];
    uint32_t mpu_ctrl, mpu_rnr, mpu_rbar[16], mpu_rasr[16];
    uint32_t csselr, itcmcr, dtcmcr, ahbpcr, cacr, actlr;
    uint32_t systick_ctrl, systick_load;
    uint64_t systick_base_cycles, systick_turns_seen;
    uint32_t systick_stopped_value;
    uint32_t active; /**< bit per exception number 2..15 */
} vb_scs;

/** What has been invalidated since the reset (cache.c). */
typedef struct vb_cache {
    uint32_t instructions_invalid;  /**< 0 or 1 */
    uint8_t data_invalid_ways[128]; /**< per set, a bit a way */
} vb_cache;

/** Software has written a cache maintenance register; others are ignored. @param offset in the system control
 * space */
void vb_cache_maintained(vb_machine *m, uint32_t offset, uint32_t value);
/** CCR has changed. */
void vb_cache_switched(vb_machine *m, uint32_t old_ccr, uint32_t ccr);

typedef struct vb_dwt {
    uint32_t ctrl;
    uint32_t cyccnt; /**< value at base_cycles */
    uint64_t base_cycles;
    bool running;
    bool unlocked; /**< M7: software lock (LAR) */
    uint32_t scratch[32];
    uint32_t counter_high; /**< latched by a read of COUNT_LO */
} vb_dwt;

bool vb_scs_add(vb_machine *m);
void vb_scs_reset(vb_machine *m);
uint32_t vb_scs_priority(const vb_machine *m, uint32_t exception);
/** RAM that the MPU protects against writes, and the emulator's pages it is in. */
typedef struct vb_guard {
    uint32_t base, bytes, page, page_bytes;
} vb_guard;

/** Brings the emulator's page protection in line with the MPU's registers. Not from within a hook. */
void vb_mpu_apply(vb_machine *m);
/** @return true if the MPU forbids a write there at the moment */
bool vb_mpu_refuses(const vb_machine *m, uint32_t address);
bool vb_dwt_add(vb_machine *m);
void vb_dwt_reset(vb_machine *m, bool power_on);
/** DEMCR.TRCENA may have changed. */
void vb_dwt_demcr_written(vb_machine *m);

/* ---- time.c: modelled time, and parts that need some of it ---- */

/** What is not ready at once after it has been switched on. */
typedef enum vb_part {
    VB_PART_MSI,
    VB_PART_HSI,
    VB_PART_HSE,
    VB_PART_LSE,
    VB_PART_LSI,
    VB_PART_HSI48,
    VB_PART_PLL,
    VB_PART_REGULATOR, /**< the voltage range or scale has been reached */
    VB_PART_OVER_DRIVE,
    VB_PART_OVER_DRIVE_SWITCH,
    VB_PART_COUNT
} vb_part;

typedef struct vb_time {
    uint64_t base_ns, base_cycles; /**< a moment at which both were known */
    uint32_t hz;                   /**< since then; 0 before the first clocks are known */
    uint32_t dead;                 /**< bit per part: it never becomes ready */
    uint64_t ready_ns[VB_PART_COUNT];
    bool on[VB_PART_COUNT];
    uint64_t next_ns; /**< when the first of the parts under way will be ready; UINT64_MAX = none is */
    uint64_t flash_busy_until_ns;
} vb_time;

/** Modelled time since power-on. */
uint64_t vb_time_ns(const vb_machine *m);
/** The same when the block began that is being executed: by then its accesses cannot have happened yet. */
uint64_t vb_time_block_ns(const vb_machine *m);
/** HCLK has changed: time before is counted with the old one. */
void vb_time_set_clock(vb_machine *m, uint32_t hclk_hz);
/** Switches a part on (nothing happens if it is on already) or off. @return true if it is on and ready */
bool vb_time_part(vb_machine *m, vb_part part, bool on, uint64_t delay_ns);
/** The part has to settle again although it stays on. */
void vb_time_unsettle(vb_machine *m, vb_part part, uint64_t delay_ns);
/** @return true, once, if a part has become ready: the clocks have to be worked out again */
bool vb_time_part_due(vb_machine *m);
/** The flash is busy for so long, as the data sheet has it; the machine's setting scales it. */
void vb_time_flash_starts(vb_machine *m, uint64_t ns);
bool vb_time_flash_busy(vb_machine *m);
/** The bus stands still until the flash is done, as it does when somebody does not wait for BSY. */
void vb_time_flash_stall(vb_machine *m);

/* ---- notice.c: what software did that a real chip would not have borne ---- */

/** Says `text` (static) on stderr, the first time, and counts it. */
void vb_notice(vb_machine *m, const char *text);
/** Nothing is modelled at this address: names it, each 1 KB block of addresses once. */
void vb_notice_nothing_there(vb_machine *m, uint32_t address, bool write);
/** The same for one register of a modelled device. */
void vb_notice_register(vb_machine *m, const char *device, uint32_t offset);

/* ---- what a chip's RCC and PWR work out ---- */

typedef struct vb_clocks {
    uint32_t sysclk_hz, hclk_hz, pclk1_hz, pclk2_hz;
    uint32_t hsi_hz;
    uint32_t flash_wait_states_needed;
    const char *violation; /**< what is wrong with the clocks as they are set, or NULL */
    const char *violation_told;
    const char *pll_complaint; /**< why the PLL cannot lock, or NULL */
    uint64_t raised_ns; /**< L4: when the system clock last went above what range 1 allows without boost */
} vb_clocks;

/* ---- gpio.c, usart.c ---- */

typedef struct vb_gpio {
    uint32_t registers[11]; /* 0x00 .. 0x28 */
} vb_gpio;

typedef struct vb_usart {
    uint32_t cr1, cr2, cr3, brr, gtpr, rtor, presc;
    uint32_t flags; /**< the clearable ones */
    bool receive_full, transmit_full;
    uint8_t receive_data, transmit_data;
    uint32_t baud_told;
    uint64_t next_receive_ns; /**< the byte under way has passed then: no other can arrive before */
} vb_usart;

bool vb_gpio_add(vb_machine *m, uint32_t base, uint32_t ports);
void vb_gpio_reset(vb_machine *m);
/** @return true if the pin is in alternate function mode with this function */
bool vb_gpio_is_alternate(const vb_machine *m, uint32_t port, uint32_t pin, uint32_t function);

bool vb_usart_add(vb_machine *m, uint32_t base);
void vb_usart_reset(vb_machine *m);
/** Takes a byte in and lets a waiting byte out if the port is ready. */
void vb_usart_poll(vb_machine *m);
/** Clocks or pins have changed: tells the port its baud rate. */
void vb_usart_update(vb_machine *m);

/* ---- stm32l4r5zi/chip.c, stm32f767zi/chip.c: what a chip is to the rest of the machine ---- */

typedef struct vb_chip {
    const char *name;
    vb_core core;
    int uc_model;
    uint32_t tap_idcode, boundary_idcode, tar_wrap_bytes;
    uint32_t cpuid, mvfr0, mvfr1, mvfr2, dwt_ctrl, vtor_reset, mpu_regions, dbgmcu_idcode;
    uint32_t flash_base, flash_bytes;
    uint32_t power_on_flags;      /**< of RCC_CSR */
    size_t parts_bytes;           /**< of vb_machine.parts: registers that only this chip has */
    bool (*build)(vb_machine *m); /**< memories and devices */
    void (*reset)(vb_machine *m);
    /** One write of 1, 2 or 4 bytes into the flash array at a byte offset. @return false = bus error */
    void (*flash_write)(vb_machine *m, uint32_t offset, uint32_t bytes, uint32_t value, bool from_code);
    void (*memory_timing)(const vb_machine *m, vb_memory_timing *timing);
    void (*update_clocks)(vb_machine *m); /**< after RCC, PWR or FLASH_ACR changed */
    uint32_t hse_hz;                      /**< what the board feeds into OSC_IN; 0 = nothing */
    bool has_lse;                         /**< a crystal of 32,768 Hz is fitted */
    bool (*gpio_clocked)(const vb_machine *m, uint32_t port);
    /** The USART of the virtual COM port. */
    bool (*usart_clocked)(const vb_machine *m);
    bool (*usart_pins)(const vb_machine *m, bool *tx, bool *rx);
    uint32_t (*usart_baud)(const vb_machine *m, uint32_t brr); /**< 0 = not a valid divider or no clock */
    uint32_t (*gpio_moder_reset)(uint32_t port);
} vb_chip;

/* Every chip's, `vb_chip_<folder>`. */
#define VB_CHIP(chip) extern const vb_chip chip;
#include "chips.inc"
#undef VB_CHIP

struct vb_machine {
    const vb_chip *chip;
    void *parts; /**< the chip's own, chip->parts_bytes; zero at power-on */
    uc_engine *uc;
    vb_uart_port uart;
    vb_debug_port debug;
    vb_timing *timing;

    vb_memory memories[VB_MAX_MEMORIES];
    vb_binding bindings[VB_MAX_DEVICES];
    uint32_t memory_count, binding_count;
    uint8_t *flash; /**< the array, chip->flash_bytes */

    vb_code *code[VB_CODE_SLOTS];
    uint32_t dirty_from, dirty_to; /**< flash offsets whose code has to be dropped; from >= to = none */

    /* Counting: totals include all of the block being executed. */
    uint64_t instructions, cycles;
    uint64_t slice_end;  /**< the block hook stops to look around at this count; 0 = at once */
    uint64_t run_end;    /**< end of vb_machine_run()'s slice */
    uint64_t next_watch; /**< when to look for an idle loop again */
    uint64_t watch_interval;
    uint32_t step_pc, stop_pc, step_blocks;
    uint32_t look_bytes; /**< size of the block a stop was asked for */
    uint32_t fault_count;
    const vb_code *current;
    uint32_t current_cycles;
    uint32_t located; /**< instructions of the current block up to the last device access that was found */

    vb_why why;
    int interrupt; /**< number from the interrupt hook, -1 = none */
    vb_bad_access bad;
    vb_watch watch;

    uint32_t breakpoints[VB_MAX_BREAKPOINTS];
    uc_hook breakpoint_hooks[VB_MAX_BREAKPOINTS];
    uint32_t breakpoint_count;
    struct {
        uint32_t address;
        uc_hook hook;
    } divide_hooks[VB_MAX_DIVIDE_HOOKS];
    uint32_t divide_hook_count;

    uint64_t reset_instructions; /**< total at the last reset */

    vb_scs scs;
    vb_dwt dwt;
    vb_guard guards[16];
    uint32_t guard_count;
    uint32_t dbgmcu[8];
    vb_cache cache;
    uint32_t reset_flags; /**< of RCC_CSR: why the last reset came */
    vb_clocks clocks;
    vb_time time;
    uint32_t hse_hz;        /**< the board's; vb_machine_set_oscillators() */
    uint32_t flash_percent; /**< of the data sheet's times */
    const char *notices[VB_MAX_NOTICES];
    uint32_t unmodelled[VB_MAX_NOTICES]; /**< addresses / 1024, or of registers */
    uint32_t notice_count, unmodelled_count;
    vb_gpio gpio[11];
    uint32_t gpio_ports;
    vb_usart usart;

    bool has_lse;
    bool flush_all; /**< everything decoded has to go before the next block */
    bool mpu_changed;
    bool stepping;
    bool reset_requested;
    bool locked_up;
    bool booted;
};

#endif
