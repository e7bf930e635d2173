/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CODE_H
#define CODE_H

#include <stdint.h>

/* clang-format off */
/* Thumb programs of the tests, assembled by arm-none-eabi-as; the source is beside each word. */

/* r0 = 1 + 2 + ... + 1000, with an IT block in the loop */
static const uint16_t code_sum[] = {
    0x2000, /* movs r0, #0 */
    0xf240, 0x31e8, /* movw r1, #1000 */
    0x1840, /* adds r0, r0, r1 */
    0xf011, 0x0f01, /* tst.w r1, #1 */
    0xbf0c, /* ite eq */
    0x3201, /* addeq r2, #1 */
    0x3301, /* addne r3, #1 */
    0x3901, /* subs r1, #1 */
    0xd1f7, /* bne.n 6 <.text+0x6> */
    0xbe00, /* bkpt 0x0000 */
    0xbf00, /* nop */
};

/* r0 = 7 */
static const uint16_t code_set_7[] = {
    0x2007, /* movs r0, #7 */
    0xbe00, /* bkpt 0x0000 */
};

/* r0 = 9 */
static const uint16_t code_set_9[] = {
    0x2009, /* movs r0, #9 */
    0xbe00, /* bkpt 0x0000 */
};

/* loads from r0 in the middle of a block */
static const uint16_t code_load[] = {
    0x2101, /* movs r1, #1 */
    0x1c4a, /* adds r2, r1, #1 */
    0x6803, /* ldr r3, [r0, #0] */
    0x3201, /* adds r2, #1 */
    0xbe00, /* bkpt 0x0000 */
    0xbf00, /* nop */
};

/* stores to r0 in the middle of a block */
static const uint16_t code_store[] = {
    0x2101, /* movs r1, #1 */
    0x1c4a, /* adds r2, r1, #1 */
    0x6002, /* str r2, [r0, #0] */
    0x3201, /* adds r2, #1 */
    0xbe00, /* bkpt 0x0000 */
    0xbf00, /* nop */
};

/* stores r1-r3 from r0 on */
static const uint16_t code_stm_across[] = {
    0x2101, /* movs r1, #1 */
    0xc00e, /* stmia r0!, {r1, r2, r3} */
    0xbe00, /* bkpt 0x0000 */
};

/* jumps to r0 */
static const uint16_t code_call_bad[] = {
    0x2101, /* movs r1, #1 */
    0x4700, /* bx r0 */
};

/* undefined in the middle of a block */
static const uint16_t code_udf[] = {
    0x2101, /* movs r1, #1 */
    0x2202, /* movs r2, #2 */
    0xde00, /* udf #0 */
    0x2203, /* movs r2, #3 */
    0xbe00, /* bkpt 0x0000 */
    0xbf00, /* nop */
};

/* writes r1 to [r0] and counts on in the same block */
static const uint16_t code_reset_request[] = {
    0x2200, /* movs r2, #0 */
    0x6001, /* str r1, [r0, #0] */
    0x3201, /* adds r2, #1 */
    0x3201, /* adds r2, #1 */
    0x3201, /* adds r2, #1 */
    0xe7fd, /* b.n 8 <.text+0x8> */
};

static const uint16_t code_svc[] = {
    0x2001, /* movs r0, #1 */
    0xdf05, /* svc 5 */
    0x3001, /* adds r0, #1 */
    0xbe00, /* bkpt 0x0000 */
};

/* adds 10 to the stacked r0 and returns */
static const uint16_t handler_add_ten[] = {
    0x9900, /* ldr r1, [sp, #0] */
    0x310a, /* adds r1, #10 */
    0x9100, /* str r1, [sp, #0] */
    0xf3ef, 0x8205, /* mrs r2, IPSR */
    0x4770, /* bx lr */
    0xbf00, /* nop */
};

static const uint16_t handler_stop[] = {
    0xbe01, /* bkpt 0x0001 */
    0xe7fe, /* b.n 2 <.text+0x2> */
};

static const uint16_t code_wfi[] = {
    0x2001, /* movs r0, #1 */
    0xbf30, /* wfi */
    0x2002, /* movs r0, #2 */
    0xbf20, /* wfe */
    0x2003, /* movs r0, #3 */
    0xbf10, /* yield */
    0x2004, /* movs r0, #4 */
    0xbe00, /* bkpt 0x0000 */
    0xbf00, /* nop */
};

static const uint16_t code_fpu[] = {
    0x2003, /* movs r0, #3 */
    0xee00, 0x0a90, /* vmov s1, r0 */
    0xee30, 0x0aa0, /* vadd.f32 s0, s1, s1 */
    0xbe00, /* bkpt 0x0000 */
};

/* s0 = 2.0 lives across an exception */
static const uint16_t code_fpu_svc[] = {
    0xeeb0, 0x0a00, /* vmov.f32 s0, #0 */
    0xdf00, /* svc 0 */
    0xee30, 0x0a00, /* vadd.f32 s0, s0, s0 */
    0xee10, 0x0a10, /* vmov r0, s0 */
    0xbe00, /* bkpt 0x0000 */
};

static const uint16_t handler_fpu_clobber[] = {
    0xeeb3, 0x0a0f, /* vmov.f32 s0, #63 */
    0xeef3, 0x7a0f, /* vmov.f32 s15, #63 */
    0x4770, /* bx lr */
    0xbf00, /* nop */
};

/* address made in the block itself */
static const uint16_t code_ldrd_unknown[] = {
    0xf240, 0x1402, /* movw r4, #258 */
    0xf2c2, 0x0400, /* movt r4, #8192 */
    0xe9d4, 0x0100, /* ldrd r0, r1, [r4] */
    0xbe00, /* bkpt 0x0000 */
};

/* r0 as it comes */
static const uint16_t code_ldrd[] = {
    0x2401, /* movs r4, #1 */
    0xe9d0, 0x2301, /* ldrd r2, r3, [r0, #4] */
    0xbe00, /* bkpt 0x0000 */
};

static const uint16_t code_ldm[] = {
    0x2401, /* movs r4, #1 */
    0xe890, 0x0006, /* ldmia.w r0, {r1, r2} */
    0xbe00, /* bkpt 0x0000 */
};

/* ordinary loads may be unaligned */
static const uint16_t code_ldr[] = {
    0x2401, /* movs r4, #1 */
    0x6801, /* ldr r1, [r0, #0] */
    0x8802, /* ldrh r2, [r0, #0] */
    0xbe00, /* bkpt 0x0000 */
};

static const uint16_t code_ldrex[] = {
    0x2401, /* movs r4, #1 */
    0xe850, 0x1f00, /* ldrex r1, [r0] */
    0xbe00, /* bkpt 0x0000 */
};

/* r2 = r0 / r1 */
static const uint16_t code_divide[] = {
    0x2301, /* movs r3, #1 */
    0xfbb0, 0xf2f1, /* udiv r2, r0, r1 */
    0xbe00, /* bkpt 0x0000 */
};

/* divides by r1 counting down to 0 */
static const uint16_t code_divide_loop[] = {
    0x2064, /* movs r0, #100 */
    0xfbb0, 0xf2f1, /* udiv r2, r0, r1 */
    0x3901, /* subs r1, #1 */
    0xe7fb, /* b.n 2 <.text+0x2> */
};

/* reads the instruction counter at r0 three times */
static const uint16_t code_count[] = {
    0x6801, /* ldr r1, [r0, #0] */
    0x3401, /* adds r4, #1 */
    0x3401, /* adds r4, #1 */
    0x6802, /* ldr r2, [r0, #0] */
    0x6803, /* ldr r3, [r0, #0] */
    0xbe00, /* bkpt 0x0000 */
};

/* reads DWT_CYCCNT at r0, wastes time, reads it again */
static const uint16_t code_count_dwt[] = {
    0x6801, /* ldr r1, [r0, #0] */
    0x2364, /* movs r3, #100 */
    0x3b01, /* subs r3, #1 */
    0xd1fd, /* bne.n 4 <.text+0x4> */
    0x6802, /* ldr r2, [r0, #0] */
    0x1a52, /* subs r2, r2, r1 */
    0xbe00, /* bkpt 0x0000 */
    0xbf00, /* nop */
};

/* waits until [r0] is not 0 */
static const uint16_t code_poll_memory[] = {
    0x6801, /* ldr r1, [r0, #0] */
    0x2900, /* cmp r1, #0 */
    0xd0fc, /* beq.n 0 <.text> */
    0xbe00, /* bkpt 0x0000 */
};

/* the same with a stack frame in the loop */
static const uint16_t code_poll_with_calls[] = {
    0xb511, /* push {r0, r4, lr} */
    0x6801, /* ldr r1, [r0, #0] */
    0xe8bd, 0x4011, /* ldmia.w sp!, {r0, r4, lr} */
    0x2900, /* cmp r1, #0 */
    0xd0f9, /* beq.n 0 <.text> */
    0xbe00, /* bkpt 0x0000 */
};

/* polls memory; stores to a device, by a condition, once there is something */
static const uint16_t code_poll_with_condition[] = {
    0x6801, /* ldr r1, [r0, #0] */
    0x2900, /* cmp r1, #0 */
    0xbf1e, /* ittt ne */
    0x6211, /* strne r1, [r2, #32] */
    0x3301, /* addne r3, #1 */
    0x2401, /* movne r4, #1 */
    0x2900, /* cmp r1, #0 */
    0xd0f7, /* beq.n 0 <.text> */
    0xbe00, /* bkpt 0x0000 */
};

/* registers recur, but a counter in memory runs down to 1, stored by a condition */
static const uint16_t code_count_by_condition[] = {
    0x6801,         /* ldr r1, [r0, #0] */
    0x3901,         /* subs r1, #1 */
    0xbf18,         /* it ne */
    0x6001,         /* strne r1, [r0, #0] */
    0xf04f, 0x0100, /* mov.w r1, #0 */
    0xd1f8,         /* bne.n 0 <.text> */
    0xbe00,         /* bkpt 0x0000 */
};

/* registers recur, but a counter in memory runs to 100000 */
static const uint16_t code_count_in_memory[] = {
    0xf248, 0x63a0, /* movw r3, #34464 */
    0xf2c0, 0x0301, /* movt r3, #1 */
    0x6801, /* ldr r1, [r0, #0] */
    0x3101, /* adds r1, #1 */
    0x6001, /* str r1, [r0, #0] */
    0x1ac9, /* subs r1, r1, r3 */
    0xbf18, /* it ne */
    0x2101, /* movne r1, #1 */
    0xd1f8, /* bne.n 8 <.text+0x8> */
    0xbe00, /* bkpt 0x0000 */
};

/* only FPU registers change, to 20000 */
static const uint16_t code_count_in_fpu[] = {
    0xf644, 0x6020, /* movw r0, #20000 */
    0xee01, 0x0a10, /* vmov s2, r0 */
    0xeeb8, 0x1a41, /* vcvt.f32.u32 s2, s2 */
    0xeef7, 0x0a00, /* vmov.f32 s1, #112 */
    0xee30, 0x0ae0, /* vsub.f32 s0, s1, s1 */
    0xee30, 0x0a20, /* vadd.f32 s0, s0, s1 */
    0xeeb4, 0x0a41, /* vcmp.f32 s0, s2 */
    0xeef1, 0xfa10, /* vmrs APSR_nzcv, fpscr */
    0xd4f8, /* bmi.n 14 <.text+0x14> */
    0xbe00, /* bkpt 0x0000 */
};

/* 200000 turns */
static const uint16_t code_long_loop[] = {
    0xf640, 0x5040, /* movw r0, #3392 */
    0xf2c0, 0x0003, /* movt r0, #3 */
    0x3801, /* subs r0, #1 */
    0xbf00, /* nop */
    0xd1fc, /* bne.n 8 <.text+0x8> */
    0xbe00, /* bkpt 0x0000 */
};

/* loads and stores through r0 */
static const uint16_t code_memory_loop[] = {
    0xf644, 0x6220, /* movw r2, #20000 */
    0x6841, /* ldr r1, [r0, #4] */
    0x4411, /* add r1, r2 */
    0x6081, /* str r1, [r0, #8] */
    0x7843, /* ldrb r3, [r0, #1] */
    0x3a01, /* subs r2, #1 */
    0xd1f9, /* bne.n 4 <.text+0x4> */
    0xbe00, /* bkpt 0x0000 */
};

/* for breakpoints and steps */
static const uint16_t code_straight[] = {
    0x2001, /* movs r0, #1 */
    0x2002, /* movs r0, #2 */
    0x2003, /* movs r0, #3 */
    0x2004, /* movs r0, #4 */
    0x2005, /* movs r0, #5 */
    0xbe00, /* bkpt 0x0000 */
};

/* stores r1, r2 to [r0], [r0+4]: programming from RAM */
static const uint16_t code_program[] = {
    0x2401, /* movs r4, #1 */
    0x6001, /* str r1, [r0, #0] */
    0x6042, /* str r2, [r0, #4] */
    0x6805, /* ldr r5, [r0, #0] */
    0x2402, /* movs r4, #2 */
    0xbe00, /* bkpt 0x0000 */
};

static const uint16_t code_program_half[] = {
    0x2401, /* movs r4, #1 */
    0x8001, /* strh r1, [r0, #0] */
    0x8042, /* strh r2, [r0, #2] */
    0xbe00, /* bkpt 0x0000 */
};

/* sends from r1 + 1 to r0 through the USART at r2, as a driver's loop does */
static const uint16_t code_send[] = {
    0x69d3, /* ldr r3, [r2, #28] */
    0x061b, /* lsls r3, r3, #24 */
    0xd5fc, /* bpl.n 0 <.text> */
    0xf811, 0x3f01, /* ldrb.w r3, [r1, #1]! */
    0x6293, /* str r3, [r2, #40] */
    0x4281, /* cmp r1, r0 */
    0xd1f7, /* bne.n 0 <.text> */
    0xbe00, /* bkpt 0x0000 */
};

/* writes r1 to r0, then counts in r4 how often it reads r2 until a bit of r5 is set */
static const uint16_t code_write_and_poll[] = {
    0x6001, /* str r1, [r0, #0] */
    0x3401, /* adds r4, #1 */
    0x6813, /* ldr r3, [r2, #0] */
    0x422b, /* tst r3, r5 */
    0xd0fb, /* beq.n 2 <.text+0x2> */
    0xbe00, /* bkpt 0x0000 */
};

/* writes r1 to r0 and r3 to r2 */
static const uint16_t code_two_writes[] = {
    0x6001, /* str r1, [r0, #0] */
    0x6013, /* str r3, [r2, #0] */
    0xbe00, /* bkpt 0x0000 */
};

/* counts r1 down to 0, then reads r0 */
static const uint16_t code_spin_and_read[] = {
    0x3901, /* subs r1, #1 */
    0xd1fd, /* bne.n 0 <.text> */
    0x6803, /* ldr r3, [r0, #0] */
    0xbe00, /* bkpt 0x0000 */
};

#endif
