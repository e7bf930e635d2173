/* SPDX-License-Identifier: Apache-2.0 */
#include "chip.h"
#include "cortexm.h"
#include "linker_symbols.h"
#include "proto/frame.h"
#include "runtime.h"

const char *volatile fault_doing = "starting";

/* The handler has its own stack: the fault may be an overflow of the current one. */
#define FAULT_STACK_WORDS 192
__attribute__((aligned(8))) static uint32_t fault_stack[FAULT_STACK_WORDS];
static char line[HF_FRAME_MAX_BYTES];

typedef struct fault {
    const char *kind;
    const char *doing;
    uint32_t pc, lr, cfsr, hfsr, address;
} fault;

static size_t write_report(const fault *it, const char *doing)
{
    hf_frame_writer writer;
    hf_frame_begin(&writer, line, sizeof line, HF_FRAME_TO_HOST, 0, "fault");
    hf_frame_put_text(&writer, "kind", it->kind);
    hf_frame_put_hex32(&writer, "pc", it->pc);
    hf_frame_put_hex32(&writer, "lr", it->lr);
    hf_frame_put_hex32(&writer, "cfsr", it->cfsr);
    hf_frame_put_hex32(&writer, "hfsr", it->hfsr);
    hf_frame_put_hex32(&writer, "address", it->address);
    hf_frame_put_text(&writer, "doing", doing);
    hf_frame_put_hex64(&writer, "nonce", reset_nonce);
    return hf_frame_end(&writer);
}

static void send_report(const fault *it)
{
    size_t size = write_report(it, it->doing);
    if (size == 0) /* the text of an assertion may be of any length */
        size = write_report(it, "(too long)");
    uart_send(line, size);
}

static __attribute__((noreturn)) void report(const fault *it)
{
    if (!uart_started()) /* the fault came while the clock was being raised */
        uart_start(chip_reset_hz, UART_BAUD_AFTER_RESET);
    uart_send("\n", 1); /* the fault may have interrupted a frame */
    for (;;) {
        send_report(it);
        char byte;
        do
            byte = uart_receive();
        while (byte != '\n' && byte != '\r');
    }
}

void fault_enable(void)
{
    SCB_SHCSR |= SHCSR_MEMFAULTENA | SHCSR_BUSFAULTENA | SHCSR_USGFAULTENA;
    SCB_CCR |= CCR_DIV_0_TRP;
    barrier();
}

void fault_report(const char *kind, uint32_t pc, const char *doing)
{
    const fault it = {.kind = kind, .doing = doing, .pc = pc};
    report(&it);
}

static const char *kind_of(uint32_t exception)
{
    switch (exception) { /* numbers: ARM B1.5.2 */
    case 2:
        return "nmi";
    case 3:
        return "hard";
    case 4:
        return "memmanage";
    case 5:
        return "bus";
    case 6:
        return "usage";
    default: /* an unused system exception */
        return "assert";
    }
}

/* When a stack overflow faults, the stack pointer or the address of the failed access is in the guard or
 * below it. */
static bool is_stack_overflow(uint32_t frame, const fault *it)
{
    bool stacking_failed = (it->cfsr & (CFSR_MSTKERR | CFSR_STKERR)) != 0;
    bool address_valid = (it->cfsr & (CFSR_MMARVALID | CFSR_BFARVALID)) != 0;
    bool at_guard =
        address_valid && it->address < (uint32_t)_stack_limit && it->address >= (uint32_t)_guard - 4096U;
    return stacking_failed || at_guard || frame < (uint32_t)_stack_limit;
}

/* Called by fault_entry() on the fault stack. `frame` is where the processor stacked, or tried to stack,
 * r0-r3, r12, lr, pc and xPSR (ARM B1.5.6). */
__attribute__((noreturn, used)) static void handle(uint32_t frame)
{
    uint32_t exception;
    __asm volatile("mrs %0, ipsr" : "=r"(exception));
    fault it = {
        .kind = kind_of(exception & 0x1FF),
        .doing = fault_doing,
        .cfsr = SCB_CFSR,
        .hfsr = SCB_HFSR,
    };
    if (it.cfsr & CFSR_MMARVALID)
        it.address = SCB_MMFAR;
    else if (it.cfsr & CFSR_BFARVALID)
        it.address = SCB_BFAR;
    if (is_stack_overflow(frame, &it))
        it.kind = "stack";
    /* After an overflow the stacked registers are in the guard, or lost if the MPU protects it. */
    if (frame >= (uint32_t)_stack_limit && frame <= (uint32_t)_stack_top - 32U && frame % 4 == 0) {
        const uint32_t *stacked = (const uint32_t *)frame;
        it.lr = stacked[5];
        it.pc = stacked[6];
    }
    report(&it);
}

__attribute__((naked)) void fault_entry(void)
{
    __asm volatile("mrs r0, msp\n\t"
                   "ldr r1, =%c0\n\t"
                   "mov sp, r1\n\t"
                   "b handle\n\t"
                   ".ltorg"
                   :
                   : "i"(fault_stack + FAULT_STACK_WORDS));
}

/* assert() in code shared with the host calls it. */
__attribute__((noreturn)) void __assert_func(const char *file, int number, const char *function,
                                             const char *expression);

void __assert_func(const char *file, int number, const char *function, const char *expression)
{
    (void)file;
    (void)number;
    (void)function;
    fault_report("assert", (uint32_t)__builtin_return_address(0), expression);
}
